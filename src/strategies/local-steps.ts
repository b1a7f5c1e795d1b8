/** What strategies with local steps share: a part makes some steps of its own optimizer, on its share of each batch. */
import { RoundStarts } from "./rounds/round-starts.js";
import type { Strategy, StrategyRun } from "./strategy.js";

/** Steps of a round: the same for all rounds, or by the step at which the round begins. */
export type RoundLength = number | ((step: number) => number);

/** The part of a strategy that says how long a round is, and which rows a part reads in it. */
export function localRounds(length: RoundLength, { batch, rows }: StrategyRun): Pick<Strategy, "advance" | "rows"> {
  const stretchOf = stretches(length);
  return {
    advance(round) {
      const { steps } = stretchOf(round);
      return { steps, samples: steps * batch };
    },
    rows(round, part) {
      const { first, steps } = stretchOf(round);
      return { rows: rows(first, steps, part) };
    },
  };
}

/** Local steps from the global parameters. A part contributes the parameters that it reaches, and keeps its optimizer's state. */
export function localSteps(
  length: RoundLength,
  run: StrategyRun,
): Pick<Strategy, "advance" | "rows" | "local" | "contribute" | "contributes"> {
  return {
    ...localRounds(length, run),
    contributes: "parameters",
    local: run.state.slice(1).map((name) => ({ name })),
    async contribute(learner, { rows, step, next, out }) {
      const loss = await learner.steps(stepsFrom(length, step), rows, step);
      await learner.save({ parameters: out, ...next });
      return loss / run.parts;
    },
  };
}

/** The local state of a part that has a position of its own: that, and what its optimizer keeps. */
export const ownPosition = ({ state }: Pick<StrategyRun, "state">): NonNullable<Strategy["local"]> => [
  { name: "position", initial: "parameters" },
  ...state.slice(1).map((name) => ({ name })),
];

/** Local steps of a part from its own position, which they take on. Returns the loss, a mean over the steps. */
export async function stepsFromPosition(
  learner: Parameters<Strategy["contribute"]>[0],
  count: number,
  { rows, step, next }: Pick<Parameters<Strategy["contribute"]>[1], "rows" | "step" | "next">,
): Promise<number> {
  const { position, ...optimizer } = next;
  learner.restore({ parameters: position });
  const loss = await learner.steps(count, rows, step);
  await learner.save({ parameters: position, ...optimizer });
  return loss;
}

/** Steps of the round that begins at `step`. */
export const stepsFrom = (length: RoundLength, step: number): number =>
  typeof length === "number" ? length : length(step);

/** The first step of a round, and its number of steps. */
function stretches(length: RoundLength): (round: number) => { readonly first: number; readonly steps: number } {
  if (typeof length === "number") return (round) => ({ first: round * length, steps: length });
  const starts = new RoundStarts((_, step) => length(step));
  return (round) => {
    const first = starts.stepAt(round);
    return { first, steps: starts.stepAt(round + 1) - first };
  };
}

/** The mean of the contributions becomes the parameters. */
export const meanOfParts =
  ({ parts }: StrategyRun): Strategy["aggregate"] =>
  async ({ state: { parameters } }, reduce) => {
    const sum = await reduce.sum();
    for (let i = 0; i < parameters.length; i++) parameters[i] = sum[i] / parts;
  };
