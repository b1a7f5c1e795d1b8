/** What strategies with local steps share: a part makes `H` steps of its own optimizer, on its share of each batch. */
import type { Strategy, StrategyRun } from "./strategy.js";

/** The part of a strategy that says how long a round is, and which rows a part reads in it. */
export function localRounds(H: number, { batch, rows }: StrategyRun): Pick<Strategy, "advance" | "rows"> {
  return {
    advance: () => ({ steps: H, samples: H * batch }),
    rows: (round, part) => ({ rows: rows(round * H, H, part) }),
  };
}

/** Local steps from the global parameters. A part contributes the parameters that it reaches, and keeps its optimizer's state. */
export function localSteps(H: number, run: StrategyRun): Pick<Strategy, "advance" | "rows" | "local" | "contribute"> {
  return {
    ...localRounds(H, run),
    local: run.state.slice(1).map((name) => ({ name })),
    async contribute(learner, { rows, step, next, out }) {
      const loss = await learner.steps(H, rows, step);
      await learner.save({ parameters: out, ...next });
      return loss / run.parts;
    },
  };
}

/** The mean of the contributions becomes the parameters. */
export const meanOfParts =
  ({ parts }: StrategyRun): Strategy["aggregate"] =>
  async ({ state: { parameters } }, reduce) => {
    const sum = await reduce.sum();
    for (let i = 0; i < parameters.length; i++) parameters[i] = sum[i] / parts;
  };
