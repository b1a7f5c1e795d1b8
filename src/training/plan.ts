/**
 * The plan of a run, made before anything is written: every check of a configuration, a data set and a checkpoint is
 * done here.
 */
import type { Dataset, Split } from "../data/dataset.js";
import { checkSameData, type DataIdentity, identify, identifyLabelled } from "../data/identity.js";
import { withShiftedCopies } from "../data/shift.js";
import { standardise } from "../data/standardise.js";
import type { Arithmetic } from "../device/cpu/arithmetic.js";
import { DataError, UsageError } from "../error.js";
import { Autoencoder } from "../model/autoencoder.js";
import type { Network } from "../model/network.js";
import type { World } from "../world/world.js";
import { tooHighRate } from "./config/advice.js";
import { checkOptions, completed, type TrainingConfig, type TrainingOptions, totalSteps } from "./config/config.js";
import { type DefaultOptions, defaultColumns, withDefaults } from "./config/defaults.js";
import { downpourRemarks, layerRemarks, optimizerRemarks } from "./config/remarks.js";
import { checkStatisticRows, USUAL_ROWS } from "./fit/statistic-rows.js";
import { modelFromConfig } from "./from-config.js";
import { resumedConfig } from "./run-folder/resumed-config.js";
import { openSavedRun, type SavedRun } from "./run-folder/snapshot.js";
import { checkTargets } from "./task/check-targets.js";
import { checkTask } from "./task/check-task.js";
import { loadModelFactory, type ModelFactory } from "./task/own-model.js";
import { type Task, taskOf } from "./task/task.js";
import { withFacts, withTargets } from "./task/task-data.js";
import type { TrainerState } from "./trainer.js";
import { type InitialWeights, networkWeights, weightsFrom } from "./weights.js";

export interface Plan {
  readonly config: TrainingConfig;
  readonly model: Network;
  /** What is trained, where that is no plain autoencoder. */
  readonly task?: Task;
  /** The training rows, augmentation included, and the test rows. */
  readonly dataset: Dataset;
  /** Identity of the data as given; checkpoints record it. */
  readonly data: DataIdentity;
  /** Differences between the plan and the request that the user must know: a line for each. */
  readonly remarks: readonly string[];
  /** Whether columns are standardised by figures that were computed from the rows. */
  readonly standardisedByRows?: boolean;
  /** Steps of the whole run, those already done included. */
  readonly steps: number;
  /** The initial parameters, if they are not random. */
  readonly initial?: Float32Array;
  /** The checkpoint to resume from. */
  readonly checkpoint?: {
    readonly state: TrainerState;
    /** The arithmetic that computed it. */
    readonly arithmetic: Arithmetic;
  };
}

/** What a plan is made from: see `RunOptions`. */
export interface PlanOptions {
  /** Checked. */
  readonly config: TrainingOptions;
  readonly dataset: Dataset;
  readonly initial?: InitialWeights;
  /** The run that is resumed. */
  readonly saved?: SavedRun;
  readonly otherData?: boolean;
  /** Whether no device has the whole gradient: that of a pipeline, or with parameter servers. Default: false. */
  readonly hasPieces?: boolean;
  /** What the module of the configuration's model exports. */
  readonly own?: ModelFactory;
}

/** The request, as it was given. */
export interface RunRequest extends Omit<PlanOptions, "saved"> {
  readonly world: World;
  /** Folder of the run. */
  readonly out: string;
  /** Go on with the run in `out`. */
  readonly resume?: boolean;
}

/** Reads the configuration, and the checkpoint of a run that goes on. */
export async function readPlan({ world, out, resume, config, ...options }: RunRequest): Promise<Plan> {
  const saved = resume ? await openSavedRun(world, out) : undefined;
  const choice = saved ? saved.config.model : config.model;
  const own = await loadModelFactory(choice);
  return planRun({ ...options, config: checkOptions(config), saved, own });
}

export function planRun(options: PlanOptions): Plan {
  const { config, dataset, initial, saved, otherData, hasPieces = false, own } = options;
  if (saved) return planResumed(saved, config, dataset, otherData, own);
  return planNew(config, dataset, initial, { clip: !hasPieces }, own);
}

/**
 * Plans a new run.
 * @param initial initial weights: see `weightsFrom`
 * @param defaults limits of the defaults for what `config` leaves out
 */
export function planNew(
  config: TrainingOptions,
  dataset: Dataset,
  initial?: InitialWeights,
  defaults?: DefaultOptions,
  own?: ModelFactory,
): Plan {
  const made = planWithDefaults(config, dataset, defaults, own);
  const { model } = made;
  const plain = model instanceof Autoencoder ? model : made.task?.plain?.model;
  const ofLayers = plain ? layerRemarks(plain.config.layers) : [];
  const ofSteps = [...optimizerRemarks(made.config), ...downpourRemarks(config)];
  const standardisedByRows = config.columns === undefined && made.config.columns !== undefined;
  const planned = { ...made, standardisedByRows, remarks: [...made.remarks, ...ofLayers, ...ofSteps] };
  if (!initial) return planned;
  const { tensors, source } = initial;
  const begin =
    model instanceof Autoencoder
      ? weightsFrom(model, tensors, source)
      : networkWeights(model, made.config.seed, initial);
  return { ...planned, initial: begin };
}

function planWithDefaults(
  config: TrainingOptions,
  dataset: Dataset,
  defaults?: DefaultOptions,
  own?: ModelFactory,
): Plan {
  const { settled, rows } = settle(config, dataset, defaults);
  const asked = completed(settled);
  // Only a model that is made says whether it has statistics.
  const hasStatistics = own !== undefined && (taskOf(asked, rows.train.features, own)?.flat.statistics ?? 0) > 0;
  if (config.batch !== undefined || !hasStatistics) return plan(asked, dataset, rows, own);
  const more = settle(config, dataset, { ...defaults, rowsOfPart: USUAL_ROWS });
  return plan(completed(more.settled), dataset, more.rows, own);
}

/** What a new run would have for options: those given, and defaults by the data. @throws as a plan of what cannot be together */
export function settledOptions(config: TrainingOptions, dataset: Dataset): TrainingOptions {
  return settle(config, dataset).settled;
}

function settle(config: TrainingOptions, dataset: Dataset, defaults?: DefaultOptions) {
  checkTask(config);
  const columns = defaultColumns(config, dataset.train);
  const options = columns ? { ...config, columns } : config;
  const rows = trainingRows(dataset, options);
  return { rows, settled: withDefaults(withFacts(options, rows), rows.train, defaults) };
}

/**
 * Plans the rest of the run in the folder `out`, from its newest intact checkpoint.
 * @param given permitted changes: see `resumedConfig`
 * @param otherData accepts other data than that of the run so far
 */
function planResumed(
  { checkpoint, config, state }: SavedRun,
  given: TrainingOptions,
  dataset: Dataset,
  otherData = false,
  own?: ModelFactory,
): Plan {
  const rows = trainingRows(dataset, config);
  if (!otherData) {
    if (checkpoint.data) checkSameData("cannot resume", checkpoint.data, dataset);
    else checkSameCount(checkpoint, config, rows);
  }
  const batch = given.batch && Math.min(given.batch, rows.train.count);
  const resumed = plan(resumedConfig(config, { ...given, batch }), dataset, rows, own);
  if (resumed.steps < checkpoint.step) {
    throw new UsageError(
      `cannot resume: ${checkpoint.path} is at step ${checkpoint.step}, past the ${resumed.steps} steps asked for: ask for more`,
    );
  }
  // Damaged checkpoints that were skipped.
  return {
    ...resumed,
    remarks: [...resumed.remarks, ...checkpoint.skipped],
    checkpoint: { state, arithmetic: config.arithmetic },
  };
}

/** The plan with the arithmetic of its devices: `auto` differs from chip to chip. */
export function pinned(plan: Plan, arithmetic: Arithmetic): Plan {
  const before = plan.checkpoint?.arithmetic ?? "auto";
  const changed = `arithmetic ${arithmetic} instead of ${before}: last bits differ from here on`;
  return {
    ...plan,
    config: { ...plan.config, arithmetic },
    remarks: before === "auto" || before === arithmetic ? plan.remarks : [...plan.remarks, changed],
  };
}

function plan(asked: TrainingConfig, given: Dataset, dataset: Dataset, own?: ModelFactory): Plan {
  const { count, features } = dataset.train;
  const batch = Math.min(asked.batch, count);
  const config = completed({
    ...asked,
    batch,
    dataset: given.reference ?? given.name,
    scale: given.train.scale,
  });
  const task = taskOf(config, features, own);
  const model = task?.network ?? modelFromConfig(config, features);
  if (!task || task.plain) checkTargets(config, dataset);
  if (task && task.flat.statistics > 0) checkStatisticRows(config);
  const few = batch < asked.batch && `there are ${count} rows to train on: a batch is all of them, not ${asked.batch}`;
  const remarks = [few, tooHighRate(config)].filter((remark) => typeof remark === "string");
  return {
    ...{
      config,
      model,
      data: learnsLabels(task) ? identifyLabelled(given) : identify(given),
      remarks,
      steps: totalSteps(config, count),
    },
    dataset: withTargets(dataset, task),
    ...(task && { task }),
  };
}

const learnsLabels = (task: Task | undefined): boolean => task !== undefined && task.target !== "input";

/** The training and test rows; augmentation changes only the training rows. */
function trainingRows(dataset: Dataset, { augment, columns }: Pick<TrainingOptions, "augment" | "columns">): Dataset {
  const scaled = (split: Split): Split => (columns ? standardise(split, columns) : split);
  const train = scaled(dataset.train);
  return {
    ...dataset,
    train: augment === "shift" ? withShiftedCopies(train) : train,
    test: scaled(dataset.test),
  };
}

/** For a checkpoint without a record of its data: its steps and epochs give the number of training rows. */
function checkSameCount(
  { step, epoch }: { readonly step: number; readonly epoch: number },
  { batch, dataset: name }: TrainingConfig,
  { train: { count } }: Dataset,
): void {
  const trained = step === 0 ? count : Math.round((step * batch) / epoch);
  if (trained !== count) {
    throw new DataError(
      `cannot resume: the run was trained on ${trained} rows of ${name}, which now has ${count}: give the same data`,
    );
  }
}
