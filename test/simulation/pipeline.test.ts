/** Whatever strikes a pipeline, the bits are those of one device that nothing struck. */
import { describe, expect, it } from "vitest";
import { Random } from "../../src/world/random.js";
import { simulate } from "../../src/world/simulate.js";
import { SimulatedWorld } from "../../src/world/simulated-world.js";
import { onOneDevice, pipelineRun, STAGES } from "./pipeline-run.js";
import { ROUNDS, type SimulatedRun } from "./simulated-run.js";

type Strike = (run: SimulatedRun, random: Random) => void;

const pick = <T>(random: Random, among: readonly T[]): T => among[random.below(among.length)];
const NODES = [...STAGES, "worker-0", "coordinator"];

const STRIKES: Readonly<Record<string, Strike>> = {
  killStage: ({ cluster }, random) => cluster.kill(pick(random, STAGES)),
  hangStage: ({ cluster }, random) => cluster.hang(pick(random, STAGES), random.between(50, 3000)),
  loseDevice: ({ cluster }, random) => cluster.lose(pick(random, STAGES)),
  killHead: ({ cluster }) => cluster.kill("worker-0"),
  hangHead: ({ cluster }, random) => cluster.hang("worker-0", random.between(50, 3000)),
  killCoordinator: ({ cluster }) => cluster.kill("coordinator"),
  flipBit: ({ cluster }) => cluster.corrupt(0, "flip"),
  spoilGradient: ({ cluster }) => cluster.corrupt(0, "spoil"),
  cutOneWay: ({ network }, random) => network.cut(pick(random, NODES), pick(random, [...NODES, "main"])),
  cutBothWays: ({ network }, random) => network.partition([pick(random, NODES)], [pick(random, [...NODES, "main"])]),
};

const LOSSY = { drop: 0.03, double: 0.05, reorder: 0.05, late: 20 };

const bits = (vectors: readonly Float32Array[]): number[][] =>
  vectors.map((vector) => [...new Uint32Array(vector.buffer, vector.byteOffset, vector.length)]);

const expected = new Map<number, Promise<number[][]>>();

function expectedBits(microBatches: number): Promise<number[][]> {
  const known = expected.get(microBatches) ?? onOneDevice(microBatches).then(({ vectors }) => bits(vectors));
  expected.set(microBatches, known);
  return known;
}

/** Strikes once the rounds of `plan` have been committed; returns the failures that were told. */
async function check(
  world: SimulatedWorld,
  microBatches: number,
  faults: Parameters<typeof pipelineRun>[2],
  plan: readonly { readonly kind: string; readonly round: number; readonly delay: number }[],
): Promise<number> {
  const random = new Random(world.seed, 99);
  const run = await pipelineRun(world, microBatches, faults);
  const waiting = [...plan];
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
  const { snapshot, state } = await run.finish();
  const why = JSON.stringify({ microBatches, faults, plan });
  expect(snapshot.round, why).toBe(ROUNDS);
  expect(
    run.told.commits.map(({ round }) => round),
    why,
  ).toEqual(Array.from({ length: ROUNDS }, (_, i) => i));
  expect(bits(state.vectors), why).toEqual(await expectedBits(microBatches));
  expect([...run.host.living.keys()], why).toEqual([]);
  expect(world.time.pending, why).toBe(0);
  return run.told.failures.length;
}

describe("a pipeline in a simulated world", () => {
  it.each([1, 2, 5])("has the bits of one device with %i micro-batches", async (microBatches) => {
    expect(await check(new SimulatedWorld(1), microBatches, {}, [])).toBe(0);
  });

  it("has them when messages are lost, doubled and overtaken", async () => {
    await simulate({ seeds: 5 }, async (world) => {
      await check(world, 4, { ...LOSSY, drop: 0.1 }, []);
    });
  });

  it.each(Object.keys(STRIKES))("has them after %s", async (kind) => {
    await simulate({ seeds: 3 }, async (world) => {
      const random = new Random(world.seed, 5);
      await check(world, 3, {}, [{ kind, round: 1 + random.below(8), delay: random.between(0, 30) }]);
    });
  });

  it("has them after several of all kinds", { timeout: 120_000 }, async () => {
    let failures = 0;
    await simulate({ first: 100, seeds: 20 }, async (world) => {
      const random = new Random(world.seed, 55);
      const plan = Array.from({ length: random.below(5) }, () => ({
        kind: pick(random, Object.keys(STRIKES)),
        round: random.below(ROUNDS - 1),
        delay: random.between(0, 30),
      }));
      failures += await check(world, 1 + random.below(5), random.uniform() < 0.5 ? LOSSY : {}, plan);
    });
    expect(failures).toBeGreaterThan(0);
  });
});
