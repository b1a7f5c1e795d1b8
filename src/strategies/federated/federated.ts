/**
 * Federated averaging and what came of it. A part is a client: it has rows of its own, which no other client reads. In each round
 * a random share `C` of the clients make `E` passes over their rows in batches of `B`, from the common parameters, and the server
 * takes the mean of their changes, each weighted by the number of its rows.
 *
 *     FedAvg      y_k = SGD from w on the rows of k;   w = server(w, sum n_k (y_k - w) / sum n_k)
 *     FedProx     mu:        each gradient of a client is g + mu (y - w)
 *     SCAFFOLD    scaffold:  each gradient of a client is g + c - c_k;  then c_k' = c_k - c + (w - y_k) / (sum of its rates),
 *                            w = server(w, mean of y_k - w),  c = c + (sum of c_k' - c_k) / N
 *     FedAdam, FedYogi, FedAdagrad    server: what the server makes of the mean (server-optimizer.ts)
 *     robust      a rule instead of the mean (../robust)
 *
 * McMahan, Moore, Ramage, Hampson & Aguera y Arcas 2017, "Communication-Efficient Learning of Deep Networks from Decentralized
 * Data", algorithm 1; Li et al. 2020, "Federated Optimization in Heterogeneous Networks" (FedProx), algorithm 2; Karimireddy et
 * al. 2020, "SCAFFOLD", algorithm 1 with option II; Reddi et al. 2021. clients.ts says how clients differ. Which
 * clients take part is a pure function of the seed and the round. Promise: invariant.
 */
import type { ChoiceOptions } from "../../choice.js";
import { Permutation } from "../../data/permutation.js";
import { UsageError } from "../../error.js";
import { hash } from "../../world/random.js";
import { flagOption, numberOption, refuseOptions, wholeOption } from "../options.js";
import { robustRule } from "../robust/rules.js";
import type { Reduction } from "../rounds/reduction.js";
import type { Strategy, StrategyFactory, StrategyRun } from "../strategy.js";
import { type ClientWork, type Correction, clientWork, correctedSteps } from "./client-steps.js";
import { clientRows, type Skew } from "./clients.js";
import { addControlChange, SCAFFOLD_GLOBAL, SCAFFOLD_LOCAL, scaffoldCorrection } from "./scaffold.js";
import { serverOptimizer } from "./server-optimizer.js";

const NAME = "federated";
const KEYS = [
  "C",
  "E",
  "B",
  "labels",
  "dirichlet",
  "power",
  "mu",
  "scaffold",
  "server",
  "lr",
  "tau",
  "robust",
  "faulty",
];
/** A word in the seed of the clients that take part. */
const SAMPLE = 0xfed4;

export const federated: StrategyFactory = (options, run) => {
  const { parts } = run;
  refuseOptions(NAME, options, KEYS);
  const clients = new Clients(options, run);
  const mu = numberOption(NAME, options, "mu", 0, [0, 1e6]);
  const scaffold = flagOption(NAME, options, "scaffold", false);
  const server = serverOptimizer(options.server ?? "average");
  const lr = numberOption(NAME, options, "lr", server.lr, [0, 10]);
  const tau = numberOption(NAME, options, "tau", 1e-3, [1e-12, 1]);
  const combine = options.robust === undefined ? undefined : robustRule(NAME, options, "robust", clients.taking);
  checkTogether(options, { mu, scaffold }, run);
  const isEach = scaffold || combine !== undefined;
  const ratesOf = (part: number, step: number): number =>
    Array.from({ length: clients.of(part).steps }, (_, k) => run.rate(step + k)).reduce((sum, rate) => sum + rate, 0) ||
    1;
  return {
    name: NAME,
    promise: "invariant",
    parts,
    needs: isEach ? "each" : "sum",
    global: [{ name: "parameters", initial: "parameters" }, ...server.state, ...(scaffold ? SCAFFOLD_GLOBAL : [])],
    local: scaffold ? SCAFFOLD_LOCAL : [],
    participants: (round) => clients.participants(round),
    advance: (round) => clients.advance(round),
    rows: (round, part) => ({ rows: clients.of(part).rows(round), weight: isEach ? 1 : clients.of(part).examples }),
    async contribute(learner, { round, part, rows, step, global, local, next, out }) {
      const { parameters, meanControl } = global;
      const client = clients.of(part);
      const correct = scaffold ? scaffoldCorrection(global, local) : proximal(mu, parameters);
      const loss = correct
        ? await correctedSteps(learner, { rows, step, start: parameters }, client, run, correct)
        : await learner.steps(client.steps, rows, step);
      await learner.save({ parameters: out });
      learner.vectors.axpy(-1, parameters, out);
      if (scaffold) addControlChange(1, { meanControl, moved: out, rates: ratesOf(part, step) }, next.control);
      return (loss * client.examples) / clients.examples(round);
    },
    async aggregate({ round, step, state }, reduce) {
      const mean = isEach ? meanOfEach : meanByExamples((part) => clients.of(part).examples);
      const change = await (combine ?? mean)(reduce);
      server.step(state, change, { lr, tau, isFirst: round === 0 });
      if (!scaffold) return;
      const meanControl = state.meanControl.slice();
      for (const part of reduce.parts) {
        const moved = await reduce.each(part);
        addControlChange(1 / parts, { meanControl, moved, rates: ratesOf(part, step) }, state.meanControl);
      }
    },
  };
};

/** @throws UsageError for options that exclude one another */
function checkTogether(
  options: ChoiceOptions,
  { mu, scaffold }: { readonly mu: number; readonly scaffold: boolean },
  { state }: StrategyRun,
): void {
  const refuse = (what: string): never => {
    throw new UsageError(`strategy ${NAME}: ${what}`);
  };
  if (!scaffold) return;
  if (mu > 0) refuse("scaffold and mu both correct the gradients of a client: give one of them");
  if (options.robust !== undefined)
    refuse("scaffold needs the mean of all changes, and robust leaves some out: give one of them");
  if (state.length > 1)
    refuse(
      `scaffold is for plain gradient descent, and this optimizer keeps ${state.slice(1).join(", ")}: use optimizer sgd`,
    );
}

/** FedProx: a pull towards the common parameters. None where mu is 0: then many steps are one call. */
function proximal(mu: number, parameters: Float32Array): Correction | undefined {
  if (mu === 0) return undefined;
  return (gradient, at) => {
    for (let i = 0; i < gradient.length; i++) gradient[i] += mu * (at[i] - parameters[i]);
  };
}

const meanOfEach = async (reduce: Reduction): Promise<Float32Array> =>
  scaled(1 / reduce.parts.length, await reduce.sum());

const meanByExamples =
  (examples: (part: number) => number) =>
  async (reduce: Reduction): Promise<Float32Array> =>
    scaled(1 / reduce.parts.reduce((sum, part) => sum + examples(part), 0), await reduce.sum());

const scaled = (factor: number, vector: Float32Array): Float32Array => vector.map((value) => factor * value);

/** The clients of a run: their rows, and which of them take part in a round. */
class Clients {
  readonly #run: StrategyRun;
  readonly #all: readonly ClientWork[];
  /** Clients of a round. */
  readonly taking: number;

  constructor(options: ChoiceOptions, run: StrategyRun) {
    const { parts, batch, seed } = run;
    const share = numberOption(NAME, options, "C", 1, [0, 1]);
    this.#run = run;
    this.taking = Math.max(1, Math.round(share * parts));
    const epochs = wholeOption(NAME, options, "E", 1);
    const size = wholeOption(NAME, options, "B", Math.max(1, Math.floor(batch / this.taking)), batch);
    this.#all = clientRows(run, skewOf(options)).map((rows, client) => clientWork(rows, client, epochs, size, seed));
  }

  of(part: number): ClientWork {
    return this.#all[part];
  }

  participants(round: number): readonly number[] {
    const { parts, seed } = this.#run;
    const order = new Permutation(parts, hash(seed, SAMPLE), round);
    return Array.from({ length: this.taking }, (_, i) => order.at(i)).sort((a, b) => a - b);
  }

  /** Rows of all clients of a round. */
  examples(round: number): number {
    return this.participants(round).reduce((sum, part) => sum + this.of(part).examples, 0);
  }

  /** As many steps as the client makes that makes most. */
  advance(round: number): ReturnType<Strategy["advance"]> {
    const taking = this.participants(round).map((part) => this.of(part));
    return {
      steps: Math.max(...taking.map(({ steps }) => steps)),
      samples: taking.reduce((sum, { steps, batch }) => sum + steps * batch, 0),
    };
  }
}

function skewOf(options: ChoiceOptions): Skew {
  const given = ["labels", "dirichlet", "power"].filter((key) => options[key] !== undefined);
  if (given.length > 1) {
    throw new UsageError(`strategy ${NAME}: ${given.join(" and ")} each say how clients differ: give one of them`);
  }
  switch (given[0]) {
    case "labels":
      return { kind: "labels", each: wholeOption(NAME, options, "labels", 2, 1000) };
    case "dirichlet":
      return { kind: "dirichlet", concentration: numberOption(NAME, options, "dirichlet", 0.5, [0.01, 1e6]) };
    case "power":
      return { kind: "power", exponent: numberOption(NAME, options, "power", 1, [0, 10]) };
    default:
      return { kind: "even" };
  }
}
