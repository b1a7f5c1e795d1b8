import { resolveTimes } from "./cluster/times.js";
import type { Dataset } from "./data/dataset.js";
import type { Device, DeviceInfo } from "./device/device.js";
import { runPlanDistributed } from "./distributed/run.js";
import { taskOf } from "./distributed/task.js";
import { inWholeRounds } from "./distributed/whole-rounds.js";
import { messageOf, UsageError } from "./error.js";
import type { Autoencoder } from "./model/autoencoder.js";
import type { Network } from "./model/network.js";
import { leastOf } from "./placement/worker-count.js";
import { type DevicePlace, measuringPlace, openPlace } from "./places.js";
import { writeModelReport } from "./report/model-report.js";
import { writeReport } from "./report/run-report.js";
import { checkRequest, orWayOut, type TrainOptions, type TrainPlace, type TrainRequest } from "./request.js";
import { requestedData } from "./requested-data.js";
import type { Observer, RunPlace } from "./training/event.js";
import { type MeasureOptions, measureRun, type RunMeasures } from "./training/measures.js";
import { type ModelMeasures, measureModel } from "./training/model-measures.js";
import { type Plan, planRun } from "./training/plan.js";
import { runPlan } from "./training/run.js";
import { newFolder, removeEmpty } from "./training/run-folder/new-folder.js";
import type { RunResult } from "./training/run-result.js";
import { type RateSweep, sweepRates } from "./training/task/rate-sweep.js";
import { anyTask, isAutoencoder, type Task } from "./training/task/task.js";
import { TrainedAutoencoder } from "./training/trained.js";
import { TrainedModel } from "./training/trained-model.js";
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

/** A finished run of a classifier, a regression or a model of a module, and what it trained, ready for use. */
export interface ModelTrainResult extends RunResult<Network>, Disposable, AsyncDisposable {
  readonly dataset: Dataset;
  readonly device: DeviceInfo;
  /** The figures of the run. Absent with `measures: false`. */
  readonly measures?: ModelMeasures;
  readonly trained: TrainedModel;
  /** Frees the model, and the device if this run opened it. */
  close(): void;
}

/** What to train, where that is no autoencoder. */
export type ModelTrainOptions = TrainOptions &
  ({ readonly task: "classify" | "regress" } | { readonly model: NonNullable<TrainOptions["model"]> });

/** As below, of a model that is no autoencoder. */
export function train(options: ModelTrainOptions, place?: TrainPlace): Promise<ModelTrainResult>;
/** Trains an autoencoder. */
export function train(options?: TrainOptions, place?: TrainPlace): Promise<TrainResult>;
/**
 * Trains as `config` says. Afterwards `out` holds config.json, metrics.jsonl, checkpoints/ and report.html.
 * Errors in the request are thrown before a device is opened.
 */
export async function train(
  options: TrainOptions = {},
  place: TrainPlace = {},
): Promise<TrainResult | ModelTrainResult> {
  const world = place.world ?? nodeWorld();
  const request = await checkRequest(world, options, place);
  const { config, saved, initial, places, failures } = request;
  const { arithmetic } = request.wanted;
  const { otherData, pipeline, servers, tune, times, link, onStatus, onWorkers, onFaults } = place;
  const least = leastOf(place.workers);
  const dataset = await requestedData(world, request, place);
  const hasPieces = pipeline || request.isServed;
  const planned = { config, dataset, initial, saved, otherData, hasPieces, own: request.own };
  const asked = planRun(planned);
  // Here a user's own strategy gets its options for the first time, and may refuse them.
  if (places) await inWholeRounds(asked, taskOf(asked, { places, least, pipeline, servers, tune, times, link }));
  const { device, own, tuner } = await orWayOut(
    place,
    openPlace(world, places && !place.machines ? measuringPlace(places, place) : onePlace(place), arithmetic),
  );
  const out = place.out ?? (await newFolder(world, dataset.name));
  try {
    const rates = place.findLr ? await findLr(device, asked, request.own) : undefined;
    const plan = rates ? planRun({ ...planned, config: { ...config, lr: rates.suggested } }) : asked;
    if (rates) await place.onRates?.(rates);
    await place.onReady?.(dataset, places?.map(({ describe }) => describe) ?? [device.info.name], out, plan.config);
    const { signal, askFolder, checkFinite } = place;
    const record = recordOf(place, request, device.info);
    const board = place.tensorboard ? await openTensorBoard(world, out) : undefined;
    const observer: Observer = (event) => {
      board?.observe(event);
      return place.observer?.(event);
    };
    const task = { world, out, signal, observer, askFolder, place: record };
    const result = places
      ? await runPlanDistributed(plan, {
          ...{ ...task, ...failures, places, least, pipeline, servers, tune, times, link },
          ...{ onStatus, onWorkers, onFaults, machines: place.machines?.leadership },
        })
      : await runPlan(plan, {
          ...task,
          device,
          checkFinite,
          tune: tuner && ((program) => tuner.tune(program, { signal })),
        });
    const { step } = result;
    // From here on a failure is a warning, and does not end the run.
    const epoch = (step * result.config.batch) / dataset.train.count;
    const warn = (message: string) =>
      place.observer?.({ event: "warning", step, epoch, time: result.seconds, message });
    await board?.close().catch((error: unknown) => warn(messageOf(error)));
    const done = { world, place, plan, result, dataset, device, own, rates, warn };
    return isAutoencoder(result.config) ? await finishAutoencoder(done) : await finishModel(done);
  } catch (error) {
    own?.destroy();
    if (place.out === undefined) await removeEmpty(world, out);
    throw error;
  }
}

/** Where a run on several machines is measured: on the CPU, which each has. */
const onePlace = (place: TrainPlace): DevicePlace => (place.machines ? { device: "cpu" } : place);

/** A run whose training is over. */
interface Done {
  readonly world: World;
  readonly place: TrainPlace;
  readonly plan: Plan;
  readonly result: RunResult<Network>;
  readonly dataset: Dataset;
  readonly device: Device;
  /** The device, if this run opened it. */
  readonly own?: Device;
  readonly rates?: RateSweep;
  warn(message: string): void;
}

async function finishAutoencoder({
  world,
  place,
  plan,
  result,
  dataset,
  device,
  own,
  rates,
  warn,
}: Done): Promise<TrainResult> {
  const plain = plan.task?.plain;
  const model = plain?.model ?? (result.model as Autoencoder);
  const parameters = plain?.parameters(result.parameters) ?? result.parameters;
  const autoencoder = new TrainedAutoencoder(device, model, result.config, result.step, parameters);
  try {
    const pca = place.pca !== false && !result.stopped;
    const measuring: MeasureOptions = { pca, signal: place.signal, timers: world.timers, onPca: place.onPca };
    const measures = place.measures === false ? undefined : await measureRun(device, dataset, autoencoder, measuring);
    const ready = { ...result, model, parameters, dataset, device: device.info, measures, autoencoder };
    const finished = { ...ready, ...closing(autoencoder, own) };
    if (measures) for (const lack of await writeReport(world, { ...finished, measures, rates })) warn(lack);
    return finished;
  } catch (error) {
    autoencoder.destroy();
    throw error;
  }
}

async function finishModel({
  world,
  place,
  plan,
  result,
  dataset,
  device,
  own,
  rates,
  warn,
}: Done): Promise<ModelTrainResult> {
  const task = plan.task as Task;
  const trained = new TrainedModel(device, task, result.config, result.step, result.parameters);
  try {
    const measures = place.measures === false ? undefined : await measureModel(trained, dataset);
    const finished = { ...result, dataset, device: device.info, measures, trained, ...closing(trained, own) };
    if (measures) for (const lack of await writeModelReport(world, { ...finished, rates }, measures)) warn(lack);
    return finished;
  } catch (error) {
    trained.destroy();
    throw error;
  }
}

/** A learning rate for a plan, by steps on the device that trains or measures it. */
function findLr(device: Device, { config, dataset, task }: Plan, own: TrainRequest["own"]): Promise<RateSweep> {
  if (task?.hasOwnOptimizer) {
    throw new UsageError(
      "the module of the model has an optimizer of its own, with its rate: leave findLr (--find-lr) out",
    );
  }
  // A loss scale has nothing to do with rates.
  const precision = config.precision === "f16" ? "f32" : config.precision;
  const learned = task ?? anyTask({ ...config, precision }, dataset.train.features, own);
  const { batch, seed } = config;
  return sweepRates(device, learned, dataset.train, { batch, seed });
}

/** The module that writes these files is loaded only if they are wanted. */
async function openTensorBoard(world: World, out: string) {
  const { TensorBoard } = await import("./report/tensorboard.js");
  return new TensorBoard(world, out);
}

/** Frees what was trained, and the device of a run that opened it: by a call, or at the end of a block. */
function closing(...parts: readonly ({ destroy(): void } | undefined)[]) {
  const close = (): void => {
    for (const part of parts) part?.destroy();
  };
  return { close, [Symbol.dispose]: close, [Symbol.asyncDispose]: async () => close() };
}

/** The record of where a run takes place. */
function recordOf(place: TrainPlace, { places, isServed }: TrainRequest, info: DeviceInfo): RunPlace {
  const { command, faults, chaos, pipeline, link } = place;
  if (!places) return { command, kind: "device", devices: [info.name] };
  const devices = places.map(({ describe }) => describe);
  const times = { ...resolveTimes(place.times) };
  const least = leastOf(place.workers);
  const servers = isServed ? (place.servers ?? 1) : undefined;
  return { command, kind: pipeline ? "pipeline" : "workers", devices, least, servers, faults, chaos, times, link };
}
