/** One seed of the claim: whatever strikes, the run ends with the bits of the run that nothing struck. */
import { Random } from "../../src/world/random.js";
import type { SimulatedWorld } from "../../src/world/simulated-world.js";
import { faultless } from "./faultless.js";
import { misfortunes, schedule } from "./schedule.js";
import { ROUNDS, simulatedRun } from "./simulated-run.js";

const expected = new Map<number, Promise<Uint32Array[]>>();

const bits = (vectors: readonly Float32Array[]): Uint32Array[] =>
  vectors.map((vector) => new Uint32Array(vector.buffer, vector.byteOffset, vector.length));

function expectedBits(shards: number): Promise<Uint32Array[]> {
  const known = expected.get(shards) ?? faultless(shards).then(({ vectors }) => bits(vectors));
  expected.set(shards, known);
  return known;
}

/** @throws Error that says what was not as it should be */
export async function checkSeed(
  world: SimulatedWorld,
): Promise<{ readonly failures: number; readonly rounds: number }> {
  const random = new Random(world.seed, 55);
  const shards = 1 + random.below(4);
  const workers = 1 + random.below(Math.min(3, shards));
  const lossy = random.uniform() < 0.5 ? { drop: 0.03, double: 0.05, reorder: 0.05, late: 20 } : {};
  const plan = misfortunes(random, random.below(6));
  const run = await simulatedRun(world, { workers, shards, faults: lossy });
  schedule(world, run, plan, workers);
  try {
    const { snapshot, state } = await run.finish();
    must(snapshot.round === ROUNDS, `it ended in round ${snapshot.round}`);
    const rounds = run.told.commits.map(({ round }) => round);
    must(rounds.join() === Array.from({ length: ROUNDS }, (_, i) => i).join(), `rounds told: ${rounds}`);
    must(
      run.told.commits.every(({ workers: by }) => by.length === shards),
      "a part of a round is missing",
    );
    const wanted = await expectedBits(shards);
    for (const [i, vector] of bits(state.vectors).entries()) {
      must(
        vector.every((word, at) => word === wanted[i][at]),
        `vector ${i} differs`,
      );
    }
    must(run.host.living.size === 0, `orphans: ${[...run.host.living.keys()]}`);
    must(world.time.pending === 0, `${world.time.pending} timers are left`);
  } catch (error) {
    const what = plan.map(({ kind, round, delay }) => `${kind} after round ${round} + ${delay.toFixed(1)} ms`);
    throw new Error(`${workers} workers, ${shards} shards, [${what}], lossy ${"drop" in lossy}: ${error}`, {
      cause: error,
    });
  }
  return { failures: run.told.failures.length, rounds: ROUNDS };
}

function must(condition: boolean, otherwise: string): void {
  if (!condition) throw new Error(otherwise);
}
