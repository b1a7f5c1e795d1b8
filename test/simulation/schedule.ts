/** Random misfortunes for a simulated run: several of all kinds, from a seed. */
import { Random } from "../../src/world/random.js";
import type { SimulatedWorld } from "../../src/world/simulated-world.js";
import { ROUNDS, type SimulatedRun } from "./simulated-run.js";

/** What can happen, and how. */
const KINDS = {
  killWorker: ({ cluster }, random, workers) => cluster.kill(`worker-${random.below(workers)}`),
  killCoordinator: ({ cluster }) => cluster.kill("coordinator"),
  hangWorker: ({ cluster }, random, workers) =>
    cluster.hang(`worker-${random.below(workers)}`, random.between(50, 3000)),
  hangCoordinator: ({ cluster }, random) => cluster.hang("coordinator", random.between(50, 3000)),
  loseDevice: ({ cluster }, random, workers) => cluster.lose(random.below(workers)),
  flipBit: ({ cluster }, random, workers) => cluster.corrupt(random.below(workers), "flip"),
  spoilGradient: ({ cluster }, random, workers) => cluster.corrupt(random.below(workers), "spoil"),
  cutOneWay: ({ network }, random, workers) => network.cut(...pair(random, workers)),
  cutBothWays: ({ network }, random, workers) => {
    const [a, b] = pair(random, workers);
    network.partition([a], [b]);
  },
} satisfies Record<string, (run: SimulatedRun, random: Random, workers: number) => void>;

export type Kind = keyof typeof KINDS;

export interface Misfortune {
  readonly kind: Kind;
  /** When this round has been committed, */
  readonly round: number;
  /** and so many milliseconds have gone by. */
  readonly delay: number;
}

export function misfortunes(random: Random, count: number): Misfortune[] {
  const kinds = Object.keys(KINDS) as Kind[];
  return Array.from({ length: count }, () => ({
    kind: kinds[random.below(kinds.length)],
    round: random.below(ROUNDS - 1),
    delay: random.between(0, 30),
  }));
}

/** Lets each of them strike once; cuts heal after a while. */
export function schedule(world: SimulatedWorld, run: SimulatedRun, plan: readonly Misfortune[], workers: number): void {
  const random = new Random(world.seed, 99);
  const waiting = [...plan];
  run.told.onProgress = (round) => {
    for (const misfortune of waiting.filter((one) => one.round <= round)) {
      waiting.splice(waiting.indexOf(misfortune), 1);
      world.timers.after(misfortune.delay, () => {
        if (run.told.end) return;
        KINDS[misfortune.kind](run, random, workers);
        if (misfortune.kind.startsWith("cut")) world.timers.after(random.between(50, 2000), () => run.network.heal());
      });
    }
  };
}

/** Two nodes; most of the time one of them is the coordinator. */
function pair(random: Random, workers: number): [string, string] {
  const worker = `worker-${random.below(workers)}`;
  const [a, b] = random.uniform() < 0.7 ? [worker, "coordinator"] : [worker, "main"];
  return random.uniform() < 0.5 ? [a, b] : [b, a];
}
