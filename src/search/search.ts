/** Searches the configuration with the least error: successive halving on subsets of the training images. */
import { join } from "node:path";
import { type Job, JobError, type PoolOptions, pool, runJob } from "../actor/pool.js";
import { ActorSystem } from "../actor/system.js";
import type { WorkerPlace } from "../placement/placement.js";
import type { TrainOptions } from "../request.js";
import { nodeWorld } from "../world/node/world.js";
import type { World } from "../world/world.js";
import { writeWhole } from "../world/write-whole.js";
import { renderSearch } from "./page.js";
import { checkSearchPlace, type SearchPlace } from "./place.js";
import { prepareSearch } from "./prepare.js";
import { promoted, ranked } from "./ranking.js";
import { type SearchRecord, type Trial, withTrial, writeRecord } from "./record.js";
import type { Candidate, SearchSpace } from "./space.js";
import { runTrial, type TrialRun } from "./trial.js";

/** What a search came to. */
export interface SearchResult extends SearchRecord {
  /** The candidate with the least error in the last rung; absent if the search was stopped before, or all of them failed. */
  readonly best?: BestCandidate;
  /** Folder with search.json, search.html, and the runs of the last rung. */
  readonly out: string;
  /** Whether the signal ended it. */
  readonly stopped: boolean;
}

/** The candidate that a search found. */
export interface BestCandidate {
  /** From 0. */
  readonly candidate: number;
  readonly options: Candidate;
  /** Error over the withheld images. */
  readonly sse: number;
  /** Error over the test images, which chose nothing. */
  readonly test?: number;
  /** Folder of its run in the last rung. */
  readonly out: string;
}

/** Undefined: it was stopped. */
type Outcome = Trial | undefined;

/**
 * Trains many candidates on few images, the best of them on more, and the last ones on all. The result depends neither on
 * the number of workers nor on failures.
 * @param options what all candidates share
 * @param space what varies
 * @throws UsageError for what `train` would refuse of any candidate, before the first trial
 */
export async function search(
  options: TrainOptions,
  space: SearchSpace,
  place: SearchPlace = {},
): Promise<SearchResult> {
  checkSearchPlace(place);
  const world = place.world ?? nodeWorld();
  const { out, places, record: before, trial } = await prepareSearch(world, options, space, place);
  let record = before;
  let saved = save(world, out, record);
  await saved;
  await place.onReady?.(record, out);
  const system = new ActorSystem({ world, onFailure: () => undefined });
  const trials = system.spawn("trials", pool<TrialRun, Outcome>(workers(world, places, place.signal)));
  const run = async (rung: number, candidate: number): Promise<void> => {
    const job = runJob<TrialRun, Outcome>(trials, trial(candidate, rung), Number.POSITIVE_INFINITY);
    const outcome = await job.catch(rethrowCause);
    if (outcome === undefined) return;
    const now = withTrial(record, outcome);
    record = now;
    // One write after the other.
    saved = saved.then(() => save(world, out, now));
    await saved;
    await place.onTrial?.(outcome, now);
  };
  try {
    for (const rung of record.rungs.keys()) {
      await Promise.all(left(record, rung).map((candidate) => run(rung, candidate)));
      if (left(record, rung).length > 0) return { ...record, out, stopped: true };
    }
  } finally {
    await system.stop();
  }
  return { ...record, best: bestOf(record, (candidate, rung) => trial(candidate, rung).out), out, stopped: false };
}

/** A user knows trials, not the pool that ran them: the error of the trial itself. */
function rethrowCause(error: unknown): never {
  throw error instanceof JobError && error.cause !== undefined ? error.cause : error;
}

/** The candidates of a rung that have not run there. */
function left(record: SearchRecord, rung: number): number[] {
  const done = record.trials.filter((trial) => trial.rung === rung).map(({ candidate }) => candidate);
  return promoted(record, rung).filter((candidate) => !done.includes(candidate));
}

/** A worker for each place. A trial that fails is not tried again: its run recovers from failures by itself. */
function workers(
  world: World,
  places: readonly WorkerPlace[],
  signal: AbortSignal | undefined,
): PoolOptions<TrialRun, Outcome> {
  const free = places.map(({ open }) => open);
  return {
    ...{ size: places.length, tries: 1 },
    worker: () => ({
      async receive({ job, replyTo }: Job<TrialRun, Outcome>): Promise<void> {
        const open = free.pop() ?? {};
        try {
          replyTo.tell(await runTrial(world, job, { ...open, signal }));
        } finally {
          free.push(open);
        }
      },
    }),
  };
}

function bestOf(record: SearchRecord, folder: (candidate: number, rung: number) => string): BestCandidate | undefined {
  const last = record.rungs.length - 1;
  const [best] = ranked(record, last);
  if (best?.sse === undefined) return undefined;
  const { candidate, sse, test } = best;
  return { candidate, options: record.candidates[candidate], sse, test, out: folder(candidate, last) };
}

async function save(world: World, out: string, record: SearchRecord): Promise<void> {
  await writeRecord(world, out, record);
  const date = world.clock.date().toISOString().slice(0, 16).replace("T", " ");
  await writeWhole(world.disk, join(out, "search.html"), renderSearch(record, date));
}
