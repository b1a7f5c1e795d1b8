/** One trial: a run of one candidate on the images of one rung, in a worker process that is supervised as in any run. */
import type { Dataset, Split } from "../data/dataset.js";
import type { OpenOptions } from "../device/open.js";
import { DataError, DawnpourError, messageOf, UsageError } from "../error.js";
import { train } from "../train.js";
import type { TrainingOptions } from "../training/config/config.js";
import { openSavedRun } from "../training/run-folder/snapshot.js";
import { explained } from "../world/disk-error.js";
import type { World } from "../world/world.js";
import type { Trial } from "./record.js";

export interface TrialRun {
  readonly candidate: number;
  readonly rung: number;
  readonly options: TrainingOptions;
  /** The training images of the rung, and the withheld ones as its test images. */
  readonly dataset: Dataset;
  /** Test images, for a trial of the last rung. */
  readonly test?: Split;
  /** Folder of the run. Only those of the last rung are kept. */
  readonly out: string;
}

/** Undefined if it was stopped; then the next call goes on from its checkpoint. */
export async function runTrial(
  world: World,
  trial: TrialRun,
  place: OpenOptions & { readonly signal?: AbortSignal },
): Promise<Trial | undefined> {
  if (place.signal?.aborted) return undefined;
  const { candidate, rung, test, out } = trial;
  const begun = world.clock.now();
  const seconds = (): number => (world.clock.now() - begun) / 1000;
  try {
    const found = await trainTrial(world, trial, place);
    if (!found) return undefined;
    if (!test) await explained("remove", out, world.disk.remove(out));
    return { rung, candidate, ...found, seconds: seconds() };
  } catch (error) {
    // A mistake in the request would be the same for every candidate.
    if (!(error instanceof DawnpourError) || error instanceof UsageError) throw error;
    return { rung, candidate, seconds: seconds(), failure: messageOf(error) };
  }
}

/** The errors of a whole run; undefined if it was stopped. */
async function trainTrial(
  world: World,
  { options, dataset, test, out }: TrialRun,
  place: OpenOptions & { readonly signal?: AbortSignal },
): Promise<Pick<Trial, "sse" | "test"> | undefined> {
  const resume = await canGoOn(world, out);
  if (!resume) await explained("remove", out, world.disk.remove(out));
  const { device, adapter, threads, signal } = place;
  const where = { world, device, adapter, threads, signal, out, resume, workers: 1, pca: false, tune: false };
  await using result = await train(resume ? { dataset } : { ...options, dataset }, where);
  if (result.stopped) return undefined;
  const sse = result.measures?.errors.test.sse;
  if (sse === undefined || !Number.isFinite(sse)) {
    throw new DawnpourError(`its error is ${sse}: its learning rate may be too high`);
  }
  return { sse, ...(test && { test: (await result.autoencoder.evaluate(test)).sse }) };
}

/** Whether a trial that was stopped has left a checkpoint. */
async function canGoOn(world: World, out: string): Promise<boolean> {
  try {
    return (await world.disk.status(out)) !== undefined && (await openSavedRun(world, out)) !== undefined;
  } catch (error) {
    if (error instanceof DataError) return false;
    throw error;
  }
}
