import { resolveTimes } from "./cluster/times.js";
import type { Dataset } from "./data/dataset.js";
import type { DeviceInfo } from "./device/device.js";
import { runPlanDistributed } from "./distributed/run.js";
import { taskOf } from "./distributed/task.js";
import { inWholeRounds } from "./distributed/whole-rounds.js";
import { messageOf } from "./error.js";
import type { WorkerPlace } from "./placement/placement.js";
import { measuringPlace, openPlace } from "./places.js";
import { writeReport } from "./report/run-report.js";
import { checkRequest, orWayOut, type TrainOptions, type TrainPlace } from "./request.js";
import { requestedData } from "./requested-data.js";
import type { Observer, RunPlace } from "./training/event.js";
import { type MeasureOptions, measureRun, type RunMeasures } from "./training/measures.js";
import { planRun } from "./training/plan.js";
import { runPlan } from "./training/run.js";
import { newFolder, removeEmpty } from "./training/run-folder/new-folder.js";
import type { RunResult } from "./training/run-result.js";
import { TrainedAutoencoder } from "./training/trained.js";
import { nodeWorld } from "./world/node/world.js";
import type { World } from "./world/world.js";

/** A finished run, and its trained autoencoder, ready for use. */
export interface TrainResult extends RunResult, Disposable, AsyncDisposable {
  readonly dataset: Dataset;
  readonly device: DeviceInfo;
  /** The errors of the run. Absent with `measure: false`. Those of a run that was stopped early have no PCA. */
  readonly measures?: RunMeasures;
  readonly autoencoder: TrainedAutoencoder;
  /** Frees the autoencoder, and the device if this run opened it. */
  close(): void;
}

/**
 * Trains an autoencoder as `config` says. Afterwards `out` holds config.json, metrics.jsonl, checkpoints/ and report.html.
 * Errors in the request are thrown before a device is opened.
 */
export async function train(options: TrainOptions = {}, place: TrainPlace = {}): Promise<TrainResult> {
  const world = place.world ?? nodeWorld();
  const request = await checkRequest(world, options, place);
  const { config, saved, initial, places, failures } = request;
  const { arithmetic } = request.wanted;
  const { otherData, pipeline, tune, times, onStatus } = place;
  const dataset = await requestedData(world, request, place);
  const plan = planRun({ config, dataset, initial, saved, otherData, pipeline });
  // Here a user's own strategy gets its options for the first time, and may refuse them.
  if (places) await inWholeRounds(plan, taskOf(plan, { places, pipeline, tune, times }));
  const { device, own, tuner } = await orWayOut(
    place,
    openPlace(world, places ? measuringPlace(places, place) : place, arithmetic),
  );
  let autoencoder: TrainedAutoencoder | undefined;
  const close = (): void => {
    autoencoder?.destroy();
    own?.destroy();
  };
  const out = place.out ?? (await newFolder(world, dataset.name));
  try {
    await place.onReady?.(dataset, places?.map(({ describe }) => describe) ?? [device.info.name], out, plan.config);
    const { signal, askFolder, checkFinite } = place;
    const record = recordOf(place, places, device.info);
    const board = place.tensorboard ? await openTensorBoard(world, out) : undefined;
    const observer: Observer = (event) => {
      board?.observe(event);
      return place.observer?.(event);
    };
    const task = { world, out, signal, observer, askFolder, place: record };
    const result = places
      ? await runPlanDistributed(plan, { ...task, ...failures, places, pipeline, tune, times, onStatus })
      : await runPlan(plan, {
          ...task,
          device,
          checkFinite,
          tune: tuner && ((program) => tuner.tune(program, { signal })),
        });
    const { model, step, parameters } = result;
    // From here on a failure is a warning, and does not end the run.
    const epoch = (step * result.config.batch) / dataset.train.count;
    const warn = (message: string) =>
      place.observer?.({ event: "warning", step, epoch, time: result.seconds, message });
    await board?.close().catch((error: unknown) => warn(messageOf(error)));
    autoencoder = new TrainedAutoencoder(device, model, result.config, step, parameters);
    const pca = place.pca !== false && !result.stopped;
    const measuring: MeasureOptions = { pca, signal, timers: world.timers, onPca: place.onPca };
    const measures = place.measures === false ? undefined : await measureRun(device, dataset, autoencoder, measuring);
    const finished = { ...result, dataset, device: device.info, measures, autoencoder, ...closing(close) };
    if (measures) for (const lack of await writeReport(world, { ...finished, measures })) warn(lack);
    return finished;
  } catch (error) {
    close();
    if (place.out === undefined) await removeEmpty(world, out);
    throw error;
  }
}

/** The module that writes these files is loaded only if they are wanted. */
async function openTensorBoard(world: World, out: string) {
  const { TensorBoard } = await import("./report/tensorboard.js");
  return new TensorBoard(world, out);
}

/** By a call, or at the end of a block. */
function closing(close: () => void) {
  return { close, [Symbol.dispose]: close, [Symbol.asyncDispose]: async () => close() };
}

/** The record of where a run takes place. */
function recordOf(place: TrainPlace, places: readonly WorkerPlace[] | undefined, info: DeviceInfo): RunPlace {
  const { command, faults, chaos, pipeline } = place;
  if (!places) return { command, kind: "device", devices: [info.name] };
  const devices = places.map(({ describe }) => describe);
  const times = { ...resolveTimes(place.times) };
  return { command, kind: pipeline ? "pipeline" : "workers", devices, faults, chaos, times };
}
