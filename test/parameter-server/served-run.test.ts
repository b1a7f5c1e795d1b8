/** Runs with parameter servers in a simulated world: each replays to the same bits, whatever struck it. */
import { describe, expect, test } from "vitest";
import { firstMarks, note } from "../../src/parameter-server/marks.js";
import { isCommit, type Order } from "../../src/parameter-server/order-file.js";
import { downpour } from "../../src/strategies/downpour.js";
import { easgd } from "../../src/strategies/easgd.js";
import { stale } from "../../src/strategies/stale.js";
import type { StrategyFactory } from "../../src/strategies/strategy.js";
import { Random } from "../../src/world/random.js";
import { SimulatedWorld } from "../../src/world/simulated/world.js";
import { FULL } from "../support/full.js";
import { ORDER_PATH, ServedRun, type ServedRunOptions } from "./served-run.js";
import { strike } from "./strike.js";

const STEPS = 16;
const BOUND = 2;
const DOWNPOUR: ServedRunOptions = { strategy: downpour, parts: 2, workers: 2, servers: 1, steps: STEPS };

test("a run of two workers and a server replays to its bits", async () => {
  const run = new ServedRun(new SimulatedWorld(1), DOWNPOUR);
  const vectors = await run.finish();
  const replayed = await run.replay();
  expect(replayed.round).toBe(STEPS);
  expect(replayed.contributions).toBe(2 * STEPS);
  expect(replayed.vectors).toEqual(vectors);
});

test.each(['{"servers":1,"par', '{"piece":0,"part":1,"li', '{"piece":0,"part":1,"skip":5}\n'])(
  "a run whose order file ends with %j replays to its bits",
  async (before) => {
    const world = new SimulatedWorld(1);
    await world.disk.append(ORDER_PATH, before);
    const run = new ServedRun(world, DOWNPOUR);
    const vectors = await run.finish();
    expect((await run.replay()).vectors).toEqual(vectors);
  },
);

test.each(FULL ? [2, 3, 6, 7] : [6, 7])(
  "a worker that was cut off goes on under a new coordinator: seed %d",
  async (seed) => {
    const world = new SimulatedWorld(seed);
    const strategy: StrategyFactory = (_, run) => stale({ bound: 1 }, run);
    const run = new ServedRun(world, { strategy, parts: 3, workers: 2, servers: 1, steps: 300 });
    world.timers.after(200, () => {
      run.network.cut("coordinator", "worker-0");
      run.network.cut("worker-0", "coordinator");
    });
    world.timers.after(1500 + 20 * seed, () => {
      run.cluster.kill("coordinator");
      run.network.heal();
    });
    const vectors = await run.finish(60_000);
    expect((await run.replay()).vectors).toEqual(vectors);
  },
);

test.each([Number.NaN, Number.POSITIVE_INFINITY])(
  "a contribution of %d ends the run, and comes to no server",
  async (bad) => {
    const from = 5;
    const strategy: StrategyFactory = (options, facts) => {
      const sound = downpour(options, facts);
      return {
        ...sound,
        async contribute(learner, context) {
          const loss = await sound.contribute(learner, context);
          if (context.part === 1 && context.round >= from) context.out[3] = bad;
          return loss;
        },
      };
    };
    const run = new ServedRun(new SimulatedWorld(1), { ...DOWNPOUR, strategy });
    const why = `training diverged: the gradient of part 1 is not finite at step ${from}: lower lr`;
    await expect(run.finish(20_000)).rejects.toThrow(why);
    const commits = (await run.order()).pieces[0].entries.filter(isCommit);
    expect(commits.filter(({ part, clock }) => part === 1 && clock >= from)).toEqual([]);
  },
);

test("a contribution that is finite when it is computed anew does not end the run", async () => {
  let isSpoilt = false;
  const strategy: StrategyFactory = (options, facts) => {
    const sound = downpour(options, facts);
    return {
      ...sound,
      async contribute(learner, context) {
        const loss = await sound.contribute(learner, context);
        if (context.round < 5 || isSpoilt) return loss;
        isSpoilt = true;
        return Number.NaN;
      },
    };
  };
  const run = new ServedRun(new SimulatedWorld(1), { ...DOWNPOUR, strategy });
  const vectors = await run.finish();
  expect([isSpoilt, (await run.replay()).vectors]).toEqual([true, vectors]);
});

/** The most rounds by which a part read too early, of all reads: at most the bound where nothing was lost. */
function staleness({ parts, pieces }: Order): number {
  let most = 0;
  for (const [piece, { entries }] of pieces.entries()) {
    const marks = firstMarks(parts, 0);
    const clocks = [marks.map(({ clock }) => clock)];
    for (const entry of entries) {
      if (!("restore" in entry)) note(marks, entry);
      clocks.push(marks.map(({ clock }) => clock));
    }
    for (const entry of pieces.flatMap((one) => one.entries.filter(isCommit))) {
      const seen = clocks[entry.reads[piece]].filter((_, part) => part !== entry.part);
      most = Math.max(most, entry.clock - Math.min(entry.clock, ...seen));
    }
  }
  return most;
}

/** More of them in `npm run test:full`. */
const SEEDS = FULL ? 300 : 40;

describe.each([
  ["downpour", (_, run) => downpour({}, run)],
  ["downpour, with steps of its own", (_, run) => downpour({ push: 2, fetch: 4 }, run)],
  ["easgd, asynchronous", (_, run) => easgd({ H: 2, async: true }, run)],
  ["stale", (_, run) => stale({ bound: BOUND }, run)],
  ["stale, in step", (_, run) => stale({ bound: 0 }, run)],
] as [string, StrategyFactory][])("%s", (name, strategy) => {
  test(`ends, and replays to its bits, whatever strikes: ${SEEDS} seeds`, async () => {
    let [restores, outOfOrder, behind] = [0, 0, 0];
    for (let seed = 0; seed < SEEDS; seed++) {
      const random = new Random(seed, 5);
      const workers = 1 + random.below(3);
      const servers = 1 + random.below(3);
      const options = { strategy, parts: 3, workers, servers, steps: STEPS };
      const faults = seed % 2 === 0 ? {} : { drop: 0.03, double: 0.05, reorder: 0.05, late: 20 };
      const world = new SimulatedWorld(seed);
      const run = new ServedRun(world, { ...options, faults });
      const plan = Array.from({ length: random.below(5) }, () => strike(run, world, random, options));
      try {
        const vectors = await run.finish();
        const replayed = await run.replay();
        expect(replayed.vectors).toEqual(vectors);
        const order = await run.order();
        const commits = order.pieces[0].entries.filter(isCommit);
        restores += order.pieces.flatMap(({ entries }) => entries.filter((entry) => "restore" in entry)).length;
        outOfOrder += commits.filter(({ part }, i) => i > 0 && commits[i - 1].part > part + 1).length;
        behind = Math.max(behind, staleness(order));
        if (name === "stale") expect(staleness(order)).toBeLessThanOrEqual(BOUND);
        if (name === "stale, in step") expect(staleness(order)).toBe(0);
        expect(world.time.pending).toBe(0);
      } catch (error) {
        throw new Error(`seed ${seed}: ${workers} workers, ${servers} servers; ${plan.join("; ")}: ${error}`, {
          cause: error,
        });
      }
    }
    expect(restores).toBeGreaterThan(0);
    expect(outOfOrder).toBeGreaterThan(0);
    if (name !== "stale, in step") expect(behind).toBeGreaterThan(0);
  });
});
