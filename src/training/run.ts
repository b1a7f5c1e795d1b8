/**
 * A whole run on one device: from a configuration and a data set to a trained, measured, saved autoencoder. Around the
 * trainer's stream of steps it places evaluations, checkpoints and the wish to stop; none of them changes a bit of what
 * is trained, so a run that was stopped and resumed ends where one that was not would have.
 */
import { computePca, type Pca, pcaError } from "../analysis/pca.js";
import type { ReconstructionError } from "../analysis/reconstruction-error.js";
import { openCheckpoint } from "../checkpoint/open.js";
import { CheckpointStore } from "../checkpoint/store.js";
import type { Dataset } from "../data/dataset.js";
import type { Device } from "../device/device.js";
import { DawnpourError, UsageError } from "../error.js";
import type { Autoencoder } from "../model/autoencoder.js";
import type { World } from "../world/world.js";
import {
  configuredModel,
  configuredOptimizer,
  configuredSchedule,
  parseConfig,
  resumedConfig,
  type TrainingConfig,
  type TrainingOptions,
  totalSteps,
} from "./config.js";
import { evaluate } from "./evaluate.js";
import type { At, Observer, RunEvent } from "./event.js";
import { Pace } from "./pace.js";
import { RunFolder } from "./run-folder.js";
import { fromCheckpoint, parametersSha256, toCheckpoint } from "./snapshot.js";
import type { TrainedAutoencoder } from "./trained.js";
import { Trainer, type TrainerState, WINDOW } from "./trainer.js";

export interface RunOptions {
  readonly world: World;
  readonly device: Device;
  readonly dataset: Dataset;
  readonly config: TrainingOptions;
  /** Folder of the run. */
  readonly out: string;
  /** Go on from the newest intact checkpoint in `out`. */
  readonly resume?: boolean;
  /** Ends the run after the steps in flight, with a checkpoint. */
  readonly signal?: AbortSignal;
  readonly observer?: Observer;
}

/** What a run leaves, besides its folder. */
export interface RunResult {
  readonly config: TrainingConfig;
  readonly model: Autoencoder;
  /** The flat vector. */
  readonly parameters: Float32Array;
  readonly step: number;
  /** Whether it was stopped on request; it then has no errors to report. */
  readonly stopped: boolean;
  /** Spent on the steps of this run, evaluations and checkpoints in between included. */
  readonly seconds: number;
  readonly imagesPerSecond: number;
  readonly parametersSha256: string;
  readonly folder: RunFolder;
}

/** The errors of a finished run, beside those of PCA with as many components as the code has units. */
export interface RunErrors {
  readonly train: ReconstructionError;
  readonly test: ReconstructionError;
  readonly pca: { readonly components: number; readonly test: ReconstructionError };
}

/** Trains. Afterwards the folder holds config.json, metrics.jsonl and checkpoints/. */
export async function run(options: RunOptions): Promise<RunResult> {
  const start = await open(options);
  const trainer = await Trainer.create({
    device: options.device,
    model: start.model,
    split: options.dataset.train,
    batch: start.config.batch,
    loss: start.config.loss,
    optimizer: configuredOptimizer(start.config),
    schedule: configuredSchedule(start.config),
    totalSteps: start.steps,
    clip: start.config.clip,
    seed: start.config.seed,
  });
  try {
    if (start.state) trainer.restore(start.state);
    return await new Run(options, start, trainer).finish();
  } finally {
    trainer.destroy();
  }
}

interface Start {
  readonly config: TrainingConfig;
  readonly model: Autoencoder;
  readonly steps: number;
  readonly folder: RunFolder;
  readonly store: CheckpointStore;
  readonly state?: TrainerState;
  /** Damaged checkpoints that were passed over. */
  readonly warnings: readonly string[];
}

async function open(options: RunOptions): Promise<Start> {
  return options.resume ? openResumed(options) : openNew(options);
}

async function openNew({ world, dataset, config: given, out }: RunOptions): Promise<Start> {
  const config = parseConfig(given);
  const model = configuredModel(config, dataset.train.features);
  const folder = await RunFolder.begin(world, out);
  const store = await CheckpointStore.open(world, folder.checkpoints, { keep: config.keep });
  await folder.writeConfig({ ...config, layers: model.config.layers });
  return { config, model, steps: totalSteps(config, dataset.train.count), folder, store, warnings: [] };
}

async function openResumed({ world, dataset, config: given, out }: RunOptions): Promise<Start> {
  const checkpoint = await openCheckpoint(world, out);
  const saved = fromCheckpoint(checkpoint);
  const config = resumedConfig(saved.config, given);
  const model = configuredModel(config, dataset.train.features);
  const steps = totalSteps(config, dataset.train.count);
  if (steps < checkpoint.step) {
    throw new UsageError(
      `cannot resume: ${checkpoint.path} is at step ${checkpoint.step}, past the ${steps} steps asked for`,
    );
  }
  const folder = await RunFolder.resume(world, out, checkpoint.step);
  const store = await CheckpointStore.open(world, folder.checkpoints, { keep: config.keep });
  await folder.writeConfig({ ...config, layers: model.config.layers });
  return { config, model, steps, folder, store, state: saved.state, warnings: checkpoint.skipped };
}

class Run {
  readonly #options: RunOptions;
  readonly #start: Start;
  readonly #trainer: Trainer;
  readonly #pace = new Pace(WINDOW);
  readonly #began: number;
  /** Clock when the last window was done. */
  #settled: number;
  #done: number;
  #saving: Promise<void> = Promise.resolve();

  constructor(options: RunOptions, start: Start, trainer: Trainer) {
    this.#options = options;
    this.#start = start;
    this.#trainer = trainer;
    this.#began = options.world.clock.now();
    this.#settled = this.#began;
    this.#done = trainer.step;
  }

  async finish(): Promise<RunResult> {
    const { steps, folder, warnings, config } = this.#start;
    const { images } = this;
    this.#tell({ event: "start", ...this.#at(), steps, images, resumed: this.#start.state !== undefined });
    for (const message of warnings) this.#tell({ event: "warning", ...this.#at(), message });
    const first = this.#trainer.step;
    try {
      await this.#steps();
    } finally {
      await this.#saving;
    }
    const stopped = this.#done < steps;
    const seconds = this.#seconds();
    const parameters = await this.#saveLast();
    this.#tell({ event: stopped ? "stop" : "end", ...this.#at() });
    await folder.flush();
    return {
      config,
      model: this.#start.model,
      parameters,
      step: this.#done,
      stopped,
      seconds,
      imagesPerSecond: ((this.#done - first) * config.batch) / Math.max(seconds, 1e-9),
      parametersSha256: parametersSha256(this.#start.model, parameters),
      folder,
    };
  }

  private get images(): number {
    return this.#options.dataset.train.count;
  }

  /** Runs windows of steps, one always enqueued behind the one awaited, with a halt at every evaluation and checkpoint. */
  async #steps(): Promise<void> {
    const { steps, config, model } = this.#start;
    const { device, dataset, signal } = this.#options;
    while (this.#trainer.step < steps && !signal?.aborted) {
      const evaluateAt = this.#nextMark(config.evaluateEvery);
      const saveAt = this.#nextMark(config.checkpointEvery);
      await this.#stepsUntil(Math.min(steps, evaluateAt, saveAt));
      if (this.#done === evaluateAt || this.#done === steps) {
        const test = await evaluate(device, model, dataset.test, this.#trainer.parameters);
        this.#tell({ event: "evaluation", ...this.#at(), test });
      }
      if (this.#done === saveAt && this.#done < steps) await this.#saveAside();
      this.#settled = this.#options.world.clock.now();
    }
  }

  async #stepsUntil(halt: number): Promise<void> {
    let previous: (() => Promise<void>) | undefined;
    while (this.#trainer.step < halt && !this.#options.signal?.aborted) {
      const count = Math.min(this.#pace.size, halt - this.#trainer.step);
      const losses = this.#trainer.enqueue(count);
      // A failure surfaces where the window is settled, one window later.
      losses.catch(() => undefined);
      await previous?.();
      previous = () => this.#settle(losses);
    }
    await previous?.();
  }

  async #settle(window: Promise<Float32Array>): Promise<void> {
    const losses = await window;
    const now = this.#options.world.clock.now();
    const milliseconds = now - this.#settled;
    this.#settled = now;
    this.#pace.observe(losses.length, milliseconds);
    const bad = losses.findIndex((loss) => !Number.isFinite(loss));
    const learningRate = this.#trainer.learningRate(this.#done);
    if (bad >= 0) {
      throw new DawnpourError(
        `the loss became ${losses[bad]} at step ${this.#done + bad} (learning rate ${learningRate}): lower lr or set clip; earlier checkpoints in ${this.#start.folder.path} are intact`,
      );
    }
    this.#done += losses.length;
    const loss = losses.reduce((sum, value) => sum + value, 0) / losses.length;
    const imagesPerSecond = (losses.length * this.#start.config.batch * 1000) / Math.max(milliseconds, 1e-6);
    this.#tell({ event: "steps", ...this.#at(), loss, learningRate, imagesPerSecond });
  }

  /** Takes the state now and writes it while training goes on. A checkpoint that fails costs a warning, not the run. */
  async #saveAside(): Promise<void> {
    await this.#saving;
    const state = await this.#trainer.state();
    const at = this.#at();
    this.#saving = this.#save(state, at).catch((error: unknown) => {
      const message = error instanceof Error ? error.message : String(error);
      this.#tell({ event: "warning", ...at, message: `no checkpoint at step ${at.step}: ${message}` });
    });
  }

  async #saveLast(): Promise<Float32Array> {
    const state = await this.#trainer.state();
    await this.#save(state, this.#at());
    return state.parameters;
  }

  async #save(state: TrainerState, at: At): Promise<void> {
    const { model, config, store } = this.#start;
    const path = await store.save(toCheckpoint(model, config, state, this.images));
    this.#tell({ event: "checkpoint", ...at, path });
  }

  /** The step that ends the next epoch whose number is a multiple of `every`. */
  #nextMark(every: number): number {
    const { batch } = this.#start.config;
    const stepsPerMark = (every * this.images) / batch;
    let mark = Math.floor(this.#done / stepsPerMark);
    while (Math.ceil(mark * stepsPerMark) <= this.#done) mark++;
    return Math.ceil(mark * stepsPerMark);
  }

  #at(): At {
    const epoch = (this.#done * this.#start.config.batch) / this.images;
    return { step: this.#done, epoch, time: this.#seconds() };
  }

  #seconds(): number {
    return (this.#options.world.clock.now() - this.#began) / 1000;
  }

  #tell(event: RunEvent): void {
    this.#start.folder.record(event);
    this.#options.observer?.(event);
  }
}

export interface RunMeasures {
  readonly errors: RunErrors;
  /** Fitted to the training images, with as many components as the code has units. */
  readonly pca: Pca;
}

/** Measures a trained autoencoder on train and test data, and PCA on test data. */
export async function measureRun(device: Device, dataset: Dataset, trained: TrainedAutoencoder): Promise<RunMeasures> {
  const components = trained.model.codeSize;
  const pca = await computePca(device, dataset.train, components);
  const errors = {
    train: await trained.evaluate(dataset.train),
    test: await trained.evaluate(dataset.test),
    pca: { components, test: await pcaError(device, pca, dataset.test) },
  };
  return { errors, pca };
}
