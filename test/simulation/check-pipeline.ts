/** Checks one simulated run of a pipeline: under any faults it ends with the bits of one device without faults. */
import type { LinkFaults } from "../../src/transport/memory/network.js";
import { Random } from "../../src/world/random.js";
import type { SimulatedWorld } from "../../src/world/simulated/world.js";
import { onOneDevice, type PipelineRun, pipelineRun, STAGES } from "./pipeline-run.js";
import { ROUNDS } from "./small-training.js";

const NODES = [...STAGES, "worker-0", "coordinator"];

const pick = <T>(random: Random, among: readonly T[]): T => among[random.below(among.length)];

/** The faults that can happen, and how each is done. */
const STRIKES: Readonly<Record<string, (run: PipelineRun, random: Random) => void>> = {
  killStage: ({ cluster }, random) => cluster.kill(pick(random, STAGES)),
  hangStage: ({ cluster }, random) => cluster.hang(pick(random, STAGES), random.between(50, 3000)),
  loseDevice: ({ cluster }, random) => cluster.lose(pick(random, STAGES)),
  hangDevice: ({ hangDevice }, random) => hangDevice(pick(random, STAGES)),
  killHead: ({ cluster }) => cluster.kill("worker-0"),
  hangHead: ({ cluster }, random) => cluster.hang("worker-0", random.between(50, 3000)),
  killCoordinator: ({ cluster }) => cluster.kill("coordinator"),
  flipBit: ({ cluster }) => cluster.corrupt(0, "flip"),
  spoilGradient: ({ cluster }) => cluster.corrupt(0, "spoil"),
  cutOneWay: ({ network }, random) => network.cut(pick(random, NODES), pick(random, [...NODES, "main"])),
  cutBothWays: ({ network }, random) => network.partition([pick(random, NODES)], [pick(random, [...NODES, "main"])]),
};

export const STRIKE_KINDS = Object.keys(STRIKES);

export interface Strike {
  readonly kind: string;
  /** A fault happens after this round has been committed, */
  readonly round: number;
  /** and this many milliseconds later. */
  readonly delay: number;
}

export function randomStrikes(random: Random, count: number, kinds: readonly string[] = STRIKE_KINDS): Strike[] {
  return Array.from({ length: count }, () => ({
    kind: pick(random, kinds),
    round: random.below(ROUNDS - 1),
    delay: random.between(0, 30),
  }));
}

const expected = new Map<number, Promise<Uint32Array[]>>();

function expectedBits(microBatches: number): Promise<Uint32Array[]> {
  const known = expected.get(microBatches) ?? onOneDevice(microBatches).then(({ vectors }) => bits(vectors));
  expected.set(microBatches, known);
  return known;
}

const bits = (vectors: readonly Float32Array[]): Uint32Array[] =>
  vectors.map((vector) => new Uint32Array(vector.buffer, vector.byteOffset, vector.length));

/**
 * @returns the failures that the run reported
 * @throws Error with what differs from what the run should do
 */
export async function checkPipeline(
  world: SimulatedWorld,
  microBatches: number,
  faults: Partial<LinkFaults>,
  strikes: readonly Strike[],
): Promise<number> {
  const run = await pipelineRun(world, microBatches, faults);
  schedule(world, run, strikes);
  try {
    const { snapshot, state } = await run.finish();
    must(snapshot.round === ROUNDS, `it ended in round ${snapshot.round}`);
    const rounds = run.told.commits.map(({ round }) => round);
    must(rounds.join() === Array.from({ length: ROUNDS }, (_, i) => i).join(), `rounds told: ${rounds}`);
    const wanted = await expectedBits(microBatches);
    for (const [i, vector] of bits(state.vectors).entries()) {
      must(
        vector.every((word, at) => word === wanted[i][at]),
        `vector ${i} differs`,
      );
    }
    must(run.host.living.size === 0, `orphans: ${[...run.host.living.keys()]}`);
    must(world.time.pending === 0, `${world.time.pending} timers are left`);
  } catch (error) {
    const what = strikes.map(({ kind, round, delay }) => `${kind} after round ${round} + ${delay.toFixed(1)} ms`);
    throw new Error(`${microBatches} micro-batches, [${what}], ${JSON.stringify(faults)}: ${error}`, { cause: error });
  }
  return run.told.failures.length;
}

/** Lets each fault happen once. Links that are cut are mended after a while. */
function schedule(world: SimulatedWorld, run: PipelineRun, strikes: readonly Strike[]): void {
  const random = new Random(world.seed, 99);
  const waiting = [...strikes];
  run.told.onProgress = (round) => {
    for (const strike of waiting.filter((one) => one.round <= round)) {
      waiting.splice(waiting.indexOf(strike), 1);
      world.timers.after(strike.delay, () => {
        if (run.told.end) return;
        STRIKES[strike.kind](run, random);
        if (strike.kind.startsWith("cut")) world.timers.after(random.between(50, 2000), () => run.network.heal());
      });
    }
  };
}

function must(condition: boolean, otherwise: string): void {
  if (!condition) throw new Error(otherwise);
}
