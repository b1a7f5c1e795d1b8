/** Clusters in a simulated world, with one fault or one circumstance in each test. */
import { describe, expect, test } from "vitest";
import { SimulatedWorld } from "../../src/world/simulated/world.js";
import { difference, faultless } from "./faultless.js";
import { SimulatedRun, type SimulatedRunOptions, SPARSE } from "./simulated-run.js";
import { BATCH, IMAGES, ROUNDS } from "./small-training.js";

function start(options: SimulatedRunOptions, seed = 1): Promise<SimulatedRun> {
  return SimulatedRun.start(new SimulatedWorld(seed), options);
}

/** Calls a function once, after a round has been committed. */
function after(run: SimulatedRun, round: number, action: () => void): void {
  let done = false;
  run.told.onProgress = (reached) => {
    if (reached < round || done) return;
    done = true;
    action();
  };
}

test.each([1, 2, 3, 7])(
  "%i workers, 7 parts: the bits are those of the parts added one after the other",
  async (workers) => {
    const run = await start({ workers, parts: 7 });
    const finished = await run.finish();
    expect(finished && difference(finished.state, await faultless(7))).toBeUndefined();
    expect(new Set(run.told.commits.flatMap((commit) => commit.workers)).size).toBe(workers);
    expect(run.told.failures).toEqual([]);
  },
);

test("a replica that was damaged is found by the vote, and all go back to the snapshot", async () => {
  for (const workers of [2, 3]) {
    const run = await start({ workers, parts: 4 });
    after(run, 5, () => run.sabotage.plan("rot", "worker-1"));
    const finished = await run.finish();
    expect(finished && difference(finished.state, await faultless(4))).toBeUndefined();
    const differ = run.told.failures.filter(({ failure }) => failure.includes("differs"));
    // Two states differ, and either may be the damaged one. So neither is trusted.
    expect(differ.map(({ target }) => target)).toEqual(workers === 2 ? ["worker-0", "worker-1"] : ["worker-1"]);
    expect(differ.every(({ stepsLost }) => stepsLost > 0 && stepsLost <= 4)).toBe(true);
  }
});

test("replicas on other kinds of devices are set to the agreed state at every snapshot, and vote among themselves", async () => {
  const run = await start({ workers: 4, parts: 4, kinds: [0, 0, 1, 1] });
  const finished = await run.finish();
  expect(finished?.snapshot.round).toBe(ROUNDS);
  expect(run.told.failures).toEqual([]);
  // A device of the other kind computes parts that differ in their last bits, and so do the results.
  const error = finished && difference(finished.state, await faultless(4));
  expect(error).toMatch(/element/);
});

test("a damaged replica is outvoted within its kind", async () => {
  const run = await start({ workers: 4, parts: 4, kinds: [0, 1, 1, 1] });
  after(run, 5, () => run.sabotage.plan("rot", "worker-2"));
  await run.finish();
  const differ = run.told.failures.filter(({ failure }) => failure.includes("differs"));
  expect(differ.map(({ target }) => target)).toEqual(["worker-2"]);
});

test("a worker that fails again and again is given up, and the run goes on", async () => {
  const run = await start({ workers: 2, parts: 2, broken: [1], triggers: { rounds: 1000 } });
  const finished = await run.finish();
  expect(finished?.snapshot.round).toBe(1000);
  expect(run.told.failures.map(({ target, failure }) => `${target}: ${failure}`)).toContain(
    "worker-1: it failed again and again, and was given up",
  );
});

test("when no worker is left the run fails, with the cause", async () => {
  const run = await start({ workers: 2, parts: 2, broken: [0, 1] });
  await expect(run.finish()).rejects.toThrow(/no worker is left: worker-\d: its process ended by itself/);
  expect(run.host.living.size).toBe(0);
});

test("a run that is stopped ends with a checkpoint of where it is", async () => {
  const run = await start({ workers: 2, parts: 2 });
  after(run, 6, () => run.cluster.stop());
  const finished = await run.finish();
  expect(finished?.snapshot.round).toBeLessThan(ROUNDS);
  expect(run.told.checkpoints.at(-1)).toBe(finished?.snapshot.round);
});

describe("when the user did not ask for them", () => {
  // An epoch is two and a half rounds of some 15 ms each.
  const UNASKED = { rounds: 800, snapshotEvery: 1000, evaluateEvery: undefined, checkpointEvery: undefined };
  const epochs = (UNASKED.rounds * BATCH) / IMAGES;

  test("evaluations and checkpoints are as many as there is time for, and those at the end", async () => {
    const { told } = await unasked(UNASKED);
    for (const rounds of [told.evaluations, told.checkpoints]) {
      expect(rounds.length).toBeGreaterThan(30);
      expect(rounds.at(-1)).toBe(UNASKED.rounds);
    }
    expect(told.evaluations.length).toBeLessThan(epochs / 2);
    expect(told.commits.map(({ round }) => round)).toEqual(Array.from({ length: UNASKED.rounds }, (_, round) => round));
  });

  test("a slow disk does not hold up training for a checkpoint after each epoch", async () => {
    const save = (world: SimulatedWorld) => async () => {
      await new Promise<void>((resolve) => world.timers.after(900, resolve));
      return "somewhere";
    };
    const { told, seconds } = await unasked(UNASKED, save);
    expect(told.checkpoints.at(-1)).toBe(UNASKED.rounds);
    expect(seconds).toBeLessThan((epochs * 0.9) / 4);
  });

  test("if the user asks for them, there is one for each epoch", async () => {
    const { told } = await unasked({ ...UNASKED, evaluateEvery: 1, checkpointEvery: 1 });
    expect(told.evaluations.length).toBe(epochs);
    expect(told.checkpoints.length).toBe(epochs);
  });

  async function unasked(
    triggers: SimulatedRunOptions["triggers"],
    save?: (world: SimulatedWorld) => () => Promise<string>,
  ) {
    const world = new SimulatedWorld(1);
    const run = await SimulatedRun.start(world, { workers: 2, parts: 2, triggers, save: save?.(world) });
    let seconds = 0;
    run.told.onProgress = () => {
      seconds = world.clock.now() / 1000;
    };
    await run.finish(2_000_000);
    return { told: run.told, seconds };
  }
});

test("a round takes two messages a worker, and one more for each further part", async () => {
  for (const workers of [2, 8]) {
    const counts: number[] = [];
    for (const rounds of [20, 120]) {
      const triggers = { rounds, snapshotEvery: 1000, evaluateEvery: 1000, checkpointEvery: 1000 };
      const run = await start({ workers, parts: 8, triggers });
      await run.finish();
      counts.push(run.messages);
    }
    // An order and a result for each worker, a message to the journal, and from time to time a status.
    expect((counts[1] - counts[0]) / 100).toBeLessThan(2 * 8 + 1 + 0.5);
  }
});

const LONG = { ...SPARSE, rounds: 120 };

test("a sole worker goes through many rounds on one message", async () => {
  const run = await start({ workers: 1, parts: 1, triggers: LONG });
  const finished = await run.finish();
  expect(run.told.commits.map(({ round }) => round)).toEqual(Array.from({ length: LONG.rounds }, (_, round) => round));
  expect(finished?.snapshot.round).toBe(LONG.rounds);
  // A message to the worker, one back, and one to the journal for each round.
  expect(run.messages / LONG.rounds).toBeLessThan(1.5);
});

test("rounds under a lease have the bits of rounds under the coordinator", async () => {
  for (const faults of [{}, { drop: 0.1, double: 0.1, reorder: 0.1, late: 20 }]) {
    const run = await start({ workers: 1, parts: 1, triggers: SPARSE, faults });
    const finished = await run.finish();
    expect(finished && difference(finished.state, await faultless(1))).toBeUndefined();
    expect(run.told.commits.map(({ round }) => round)).toEqual(Array.from({ length: ROUNDS }, (_, round) => round));
  }
});

test("damage in a round under a lease is found each time, and the round is computed again", async () => {
  // This happens during its first round. The worker reads its messages after the round.
  const damage = (line: string): void => {
    if (!line.endsWith("worker-0 part 0 of 0")) return;
    for (const how of ["flip", "spoil", "flip"] as const) run.cluster.corrupt(0, how);
  };
  const run = await start({ workers: 1, parts: 1, triggers: SPARSE, trace: damage });
  const finished = await run.finish();
  expect(finished && difference(finished.state, await faultless(1))).toBeUndefined();
  const [damaged, spoiled] = ["its gradient was damaged", "its gradient was not finite"];
  expect(run.told.failures.map(({ failure }) => failure)).toEqual([damaged, spoiled, damaged]);
});

test("a stop reaches the only worker", async () => {
  const world = new SimulatedWorld(1);
  const run = await SimulatedRun.start(world, { workers: 1, parts: 1, triggers: { ...SPARSE, rounds: 10_000 } });
  world.timers.after(1000, () => run.cluster.stop());
  const finished = await run.finish();
  expect(finished?.snapshot.round).toBeGreaterThan(20);
  expect(run.told.checkpoints).toEqual([finished?.snapshot.round]);
});

test.each([true, false])(
  "a round of a sole worker that is not finite is done again, and never applied (in one go: %s)",
  async (runsLeased) => {
    const world = new SimulatedWorld(1);
    const run = await SimulatedRun.start(world, { workers: 1, parts: 1, triggers: SPARSE, runsLeased });
    // This is in the middle of the lease.
    world.timers.after(150, () => run.sabotage.plan("overflow", "worker-0"));
    const finished = await run.finish();
    expect(run.sabotage.isPlanned("overflow")).toBe(false);
    expect(finished && difference(finished.state, await faultless(1))).toBeUndefined();
  },
);

test("a worker that joins during a lease waits for its end, and is given a state", async () => {
  const world = new SimulatedWorld(1);
  const rounds = 400;
  const alone: string[] = [];
  const run = await SimulatedRun.start(world, {
    ...{ workers: 2, parts: 1, triggers: { ...LONG, rounds } },
    trace: (line) => {
      const worker = /worker-\d(?= > coordinator .*kind: 'leaseReport')/s.exec(line)?.[0];
      if (worker) alone.push(worker);
    },
  });
  // Each worker is alone while the other one restarts.
  after(run, 10, () => run.cluster.kill("worker-0"));
  world.timers.after(1500, () => run.cluster.kill("worker-1"));
  await run.finish();
  expect(new Set(alone)).toEqual(new Set(["worker-0", "worker-1"]));
  const all = Array.from({ length: rounds }, (_, round) => round);
  expect(run.told.commits.map(({ round }) => round)).toEqual(all);
});

describe.each([2, 3])("%i workers that share a lease", (workers) => {
  const triggers = { ...LONG, rounds: 200 };
  const all = Array.from({ length: triggers.rounds }, (_, round) => round);
  const begin = (options: Partial<SimulatedRunOptions> = {}, world = new SimulatedWorld(1)) =>
    SimulatedRun.start(world, { workers, parts: workers, triggers, ...options });

  test("go through many rounds on one message, and each computes a part of every round", async () => {
    const run = await begin();
    const finished = await run.finish();
    expect(run.told.commits.map(({ round }) => round)).toEqual(all);
    // This holds until the coordinator knows how long rounds take.
    const late = run.told.commits.slice(10);
    expect(late.every((commit) => new Set(commit.workers).size === workers)).toBe(true);
    expect(run.told.failures).toEqual([]);
    expect(run.messages / triggers.rounds).toBeLessThan(1.5);
    const supervised = await begin({ triggers: { ...triggers, snapshotEvery: 1 } });
    const expected = await supervised.finish();
    expect(expected && finished && difference(finished.state, expected.state)).toBeUndefined();
  });

  test.each(["kill", "hang", "lose"] as const)(
    "lose nothing that they have done when one of them fails: %s",
    async (how) => {
      const world = new SimulatedWorld(2);
      const begun = new Map<string, number>();
      const run = await begin(
        {
          trace: (line) => {
            const part = /worker-\d part \d of \d+$/.exec(line)?.[0];
            if (part) begun.set(part, (begun.get(part) ?? 0) + 1);
          },
        },
        world,
      );
      let struck = 0;
      world.timers.after(600, () => {
        struck = run.told.progress;
        if (how === "kill") run.cluster.kill("worker-1");
        else if (how === "hang") run.cluster.hang("worker-1", 3000);
        else run.cluster.lose(1);
      });
      const finished = await run.finish();
      expect(struck).toBeGreaterThan(0);
      expect(finished?.snapshot.round).toBe(triggers.rounds);
      expect(run.told.commits.map(({ round }) => round)).toEqual(all);
      expect(run.told.failures).toMatchObject([{ target: "worker-1", stepsLost: 0 }]);
      // No worker repeats any round but the current one.
      const twice = [...begun.values()].filter((times) => times > 1).length;
      expect(twice).toBeLessThanOrEqual(workers + 1);
    },
  );

  test("lose no worker when the message at the end of a lease is lost", async () => {
    const world = new SimulatedWorld(5);
    const lost: string[] = [];
    const rounds = 600;
    const run = await begin(
      {
        triggers: { ...LONG, rounds },
        trace: (line) => {
          if (/worker-1 > coordinator .*kind: 'leaseReport'/s.test(line) && world.clock.now() < 1200) lost.push(line);
        },
      },
      world,
    );
    // This silence is too short for the connection to be given up.
    world.timers.after(500, () => run.network.cut("worker-1", "coordinator"));
    world.timers.after(900, () => run.network.heal());
    const finished = await run.finish();
    expect(lost.length).toBeGreaterThan(0);
    expect(finished?.snapshot.round).toBe(rounds);
    expect(run.told.failures).toEqual([]);
    expect(run.told.commits.map(({ round }) => round)).toEqual(Array.from({ length: rounds }, (_, round) => round));
    expect(run.told.commits.slice(-20).every((commit) => commit.workers.includes(1))).toBe(true);
  });

  test("pass their rounds to the next coordinator when the first dies before it gets the report", async () => {
    const world = new SimulatedWorld(3);
    const run = await begin({}, world);
    world.timers.after(600, () => run.cluster.kill("coordinator"));
    await run.finish();
    expect(run.told.failures.map(({ target, stepsLost }) => [target, stepsLost])).toEqual([["coordinator", 0]]);
    expect(run.told.commits.map(({ round }) => round)).toEqual(all);
  });

  test("find damage, and do that round again under supervision", async () => {
    const world = new SimulatedWorld(4);
    const run = await begin({}, world);
    world.timers.after(600, () => run.sabotage.plan("overflow", "worker-1"));
    world.timers.after(700, () => run.cluster.corrupt(0, "flip"));
    const finished = await run.finish();
    expect(finished?.snapshot.round).toBe(triggers.rounds);
    const clean = await (await begin()).finish();
    expect(clean && finished && difference(finished.state, clean.state)).toBeUndefined();
    expect(run.told.failures.map(({ failure }) => failure)).toContain("its gradient was damaged");
  });
});

test("rounds that a worker did under a lease survive the coordinator that waited for the report", async () => {
  const seen: number[] = [];
  const world = new SimulatedWorld(1);
  const triggers = { ...LONG, rounds: 400 };
  const run = await SimulatedRun.start(world, { workers: 1, parts: 1, triggers });
  const gathered = run.told.gathered.bind(run.told);
  run.told.gathered = (worker, round, part, rows) => {
    seen.push(round);
    gathered(worker, round, part, rows);
  };
  // The worker is in the middle of the next lease by then.
  after(run, 5, () => world.timers.after(100, () => run.cluster.kill("coordinator")));
  await run.finish();
  const all = Array.from({ length: triggers.rounds }, (_, round) => round);
  expect(run.told.failures.map(({ target }) => target)).toEqual(["coordinator"]);
  expect(seen).toEqual(all);
  expect(run.told.commits.map(({ round }) => round)).toEqual(all);
});
