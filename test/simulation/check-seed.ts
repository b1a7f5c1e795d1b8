/**
 * Checks one simulated run: under any faults it ends with the bits of the run without faults, every round is reported once,
 * and every row of every epoch is used once. A run whose processes all die is resumed from its newest intact checkpoint,
 * by the code that resumes real runs.
 */

import { CheckpointStore } from "../../src/checkpoint/store.js";
import { toLearnerState, toTrainerState } from "../../src/distributed/trainer-state.js";
import { DataError, DawnpourError } from "../../src/error.js";
import { isDue } from "../../src/training/due.js";
import { fromCheckpoint, toCheckpoint } from "../../src/training/run-folder/snapshot.js";
import { Random } from "../../src/world/random.js";
import type { SimulatedWorld } from "../../src/world/simulated/world.js";
import { difference, faultless } from "./faultless.js";
import { type Plan, planOf, planText, schedule } from "./schedule.js";
import { type Finished, SimulatedRun, type SimulatedRunOptions, SPARSE, TRIGGERS } from "./simulated-run.js";
import { BATCH, config, dataset, IMAGES, model, ROUNDS } from "./small-training.js";
import type { Told } from "./told.js";

const NETWORKS = {
  quiet: {},
  doubling: { double: 0.1, delay: [0, 8] as const },
  lossy: { drop: 0.03, double: 0.05, reorder: 0.05, late: 20 },
};

/** One life of a run: from its start or its resumption until it ends or all its processes die. */
interface Life {
  readonly begin: number;
  readonly told: Told;
  /** The round in which it ended on request. */
  stopped?: number;
}

export interface Checked {
  readonly plan: Plan;
  readonly lives: number;
  readonly failures: readonly string[];
}

/** @throws Error with what differs from what the run should do, and with the plan of its faults */
export async function checkSeed(world: SimulatedWorld, trace?: (line: string) => void): Promise<Checked> {
  const plan = planOf(world.seed);
  try {
    const { lives, finished } = await live(world, plan, trace);
    must(finished.snapshot.round === ROUNDS, `it ended in round ${finished.snapshot.round}`);
    checkBits(await faultless(plan.parts), finished);
    checkStory(plan, lives);
    must(world.time.pending === 0, `${world.time.pending} timers are left`);
    const failures = lives.flatMap(({ told }) => told.failures.map(({ failure }) => failure));
    return { plan, lives: lives.length, failures };
  } catch (error) {
    throw new Error(`${error}\n  ${planText(plan)}`, { cause: error });
  }
}

/** Runs one life after another until the run is complete. */
async function live(world: SimulatedWorld, plan: Plan, trace?: (line: string) => void) {
  const lives: Life[] = [];
  for (const [life, misfortunes] of plan.lives.entries()) {
    const { store, from } = await newest(world, life);
    const options: SimulatedRunOptions = {
      ...plan,
      triggers: plan.sparse ? SPARSE : {},
      runsLeased: world.seed % 2 === 0,
      faults: NETWORKS[plan.network],
      from,
      life,
      trace,
    };
    const run = await SimulatedRun.start(world, {
      ...options,
      save: async (round, state) => {
        if (run.sabotage.strikes("panic", "checkpointer")) throw new DawnpourError("the checkpointer panics");
        return store.save(toCheckpoint(model, config, toTrainerState(config, round, state), IMAGES));
      },
    });
    lives.push({ begin: options.from?.round ?? 0, told: run.told });
    schedule({ run, world, workers: plan.workers }, misfortunes, life);
    const finished = await finish(run);
    must(run.host.living.size === 0, `orphans: ${[...run.host.living.keys()]}`);
    if (finished?.snapshot.round === ROUNDS) return { lives, finished };
    if (finished) {
      lives[life].stopped = finished.snapshot.round;
      continue;
    }
    world.disk.powerOffAfter(0);
    await world.time.advance(1);
    world.disk.crash(new Random(world.seed, 66, life));
  }
  throw new Error("the last life was not to end early");
}

/** Runs one life. Undefined if it was killed, or if its last checkpoint could not be written. */
async function finish(run: SimulatedRun): Promise<Finished | undefined> {
  try {
    return await run.finish();
  } catch (error) {
    if (/write the checkpoint|checkpointer panics/.test(String(error))) return undefined;
    throw error;
  }
}

/** The checkpoint to resume from, and the folder for the next ones. If none is intact, it is a new folder, as the error says. */
async function newest(world: SimulatedWorld, life: number) {
  for (let anew = 0; anew <= life; anew++) {
    const store = await open(world, `/run-${anew}/checkpoints`);
    try {
      const stored = await store.loadLatest();
      if (!stored) return { store, from: undefined };
      const { state } = fromCheckpoint(stored);
      return { store, from: { round: state.step, state: toLearnerState(config, state) } };
    } catch (error) {
      if (!(error instanceof DataError)) throw error;
    }
  }
  throw new Error("every folder holds damaged checkpoints only");
}

/** A fault of the disk that was planned for a stopped life may make the next one fail at its start. A second try succeeds. */
async function open(world: SimulatedWorld, folder: string, tries = 5): Promise<CheckpointStore> {
  try {
    return await CheckpointStore.open(world, folder, { keep: 3 });
  } catch (error) {
    if (tries === 1 || !/cannot (make the folder|clean up)/.test(String(error))) throw error;
    return open(world, folder, tries - 1);
  }
}

function checkBits(expected: Finished["state"], { state }: Finished): void {
  const what = difference(state, expected);
  must(what === undefined, `${what}`);
}

function checkStory(plan: Plan, lives: readonly Life[]): void {
  const rows: number[] = [];
  const { evaluateEvery, checkpointEvery } = { ...TRIGGERS, ...(plan.sparse ? SPARSE : {}) };
  for (const [i, { begin, told, stopped }] of lives.entries()) {
    const { commits, evaluations, checkpoints, lost } = told;
    // Work after the checkpoint from which the next life resumes does not count.
    const end = lives[i + 1]?.begin ?? ROUNDS;
    const rounds = commits.map(({ round }) => round);
    must(
      rounds.every((round, at) => round === begin + at) && begin + rounds.length >= end,
      `rounds told from ${begin} on: ${rounds}`,
    );
    must(
      commits.every(({ workers }) => workers.length === plan.parts),
      "a part of a round is missing",
    );
    for (const commit of commits.slice(0, end - begin)) rows.push(...told.rows(commit));
    // A run that is stopped when it has no worker ends with the last snapshot, even if the test error is not known.
    const measured = plan.lives[i].some(({ kind }) => kind === "stop") ? end - 1 : end;
    checkMarks("evaluations", evaluations, marks(evaluateEvery, begin), measured);
    const due = new Set([...marks(checkpointEvery, begin), ...(stopped === undefined ? [] : [stopped])]);
    must(new Set(checkpoints).size === checkpoints.length, `checkpoints told: ${checkpoints}`);
    // A run that is stopped here may try again to write a checkpoint that failed.
    checkMarks("checkpoints", sorted([...new Set([...checkpoints, ...lost])]), sorted([...due]), begin);
  }
  checkRows(rows);
}

/** The rounds after `begin` at whose end something is due, such as a checkpoint. */
function marks(every: number, begin: number): number[] {
  const rounds = Array.from({ length: ROUNDS - begin }, (_, i) => begin + 1 + i);
  return rounds.filter((round) => round === ROUNDS || isDue(every, (round - 1) * 1, round, IMAGES, BATCH));
}

const sorted = (rounds: number[]): number[] => rounds.sort((a, b) => a - b);

/** Every round up to `end` is reported once, in order. */
function checkMarks(what: string, told: readonly number[], wanted: readonly number[], end: number): void {
  const isPrefix = told.every((round, i) => round === wanted[i]);
  must(isPrefix && wanted.slice(told.length).every((round) => round > end), `${what} told: ${told}, not ${wanted}`);
}

/** Every row is used once in each epoch. In the last epoch, which may be incomplete, no row is used twice. */
function checkRows(rows: readonly number[]): void {
  must(rows.length === ROUNDS * BATCH, `${rows.length} rows were used`);
  for (let term = 0; term * IMAGES < rows.length; term++) {
    const used = rows.slice(term * IMAGES, (term + 1) * IMAGES);
    const valid = used.every((row) => row >= 0 && row < dataset.train.count);
    must(valid && new Set(used).size === used.length, `rows of epoch ${term}: ${used}`);
  }
}

function must(condition: boolean, otherwise: string): void {
  if (!condition) throw new Error(otherwise);
}
