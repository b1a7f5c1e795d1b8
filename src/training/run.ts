/**
 * A whole run on one device: from a configuration and a data set to a trained, measured, saved autoencoder. Around the
 * trainer's stream of steps it places evaluations, checkpoints and the wish to stop; none of them changes a bit of what
 * is trained, so a run that was stopped and resumed ends where one that was not would have.
 */
import { Callbacks } from "../callbacks.js";
import type { Dataset } from "../data/dataset.js";
import type { Device } from "../device/device.js";
import { arithmeticOf, checkArithmetic } from "../device/open.js";
import { DawnpourError } from "../error.js";
import type { Autoencoder } from "../model/autoencoder.js";
import { type Keys, refuseUnknownKeys } from "../option-keys.js";
import type { World } from "../world/world.js";
import { divergenceAdvice } from "./advice.js";
import { Allowance } from "./allowance.js";
import type { TrainingConfig, TrainingOptions } from "./config.js";
import { nextDue } from "./due.js";
import { evaluateBoth, evaluatedRows } from "./evaluate.js";
import type { At, Observer, RunEvent, RunPlace } from "./event.js";
import { optimizerFromConfig, scheduleFromConfig } from "./from-config.js";
import { type AskFolder, saveCheckpoint } from "./last-checkpoint.js";
import { type Plan, pinned, planRun } from "./plan.js";
import { RunFiles } from "./run-files.js";
import type { RunFolder } from "./run-folder.js";
import { parametersSha256, toCheckpoint } from "./snapshot.js";
import { WINDOW } from "./step-window.js";
import { Trainer, type TrainerOptions, type TrainerState } from "./trainer.js";
import type { InitialWeights } from "./weights.js";
import { WindowSizer } from "./window-sizer.js";

/** What to train, on what, and where. */
export interface RunOptions {
  readonly world: World;
  readonly device: Device;
  readonly dataset: Dataset;
  readonly config: TrainingOptions;
  /** Folder of the run. */
  readonly out: string;
  /** Weights to begin a new run with, instead of random ones from the seed. */
  readonly initial?: InitialWeights;
  /** Go on from the newest intact checkpoint in `out`. */
  readonly resume?: boolean;
  /** Go on even if `dataset` is not what the run was begun with. */
  readonly otherData?: boolean;
  /** Of these options, where it was made before. */
  readonly plan?: Plan;
  /** Ends the run after the steps in flight, with a checkpoint. */
  readonly signal?: AbortSignal;
  readonly observer?: Observer;
  /** For the record. */
  readonly place?: RunPlace;
  readonly tune?: TrainerOptions["tune"];
  readonly askFolder?: AskFolder;
}

const KEYS: Keys<RunOptions> = {
  world: true,
  device: true,
  dataset: true,
  config: true,
  out: true,
  initial: true,
  resume: true,
  otherData: true,
  signal: true,
  observer: true,
  place: true,
  tune: true,
  askFolder: true,
  plan: true,
};

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

/**
 * Trains. Afterwards the folder holds config.json, metrics.jsonl and checkpoints/. It is not touched before all that can
 * be refused has been, and a new run that fails before its first checkpoint leaves nothing in it.
 */
export async function run(options: RunOptions): Promise<RunResult> {
  refuseUnknownKeys(options, KEYS, "options of run");
  const { world, device, out } = options;
  const planned = options.plan ?? (await planRun(options));
  checkArithmetic(device.info, planned.config.arithmetic);
  const plan = pinned(planned, arithmeticOf(device.info));
  const { config, model, dataset, steps, checkpoint } = plan;
  const trainer = await Trainer.create({
    device,
    model,
    split: dataset.train,
    batch: config.batch,
    loss: config.loss,
    optimizer: optimizerFromConfig(config),
    schedule: scheduleFromConfig(config),
    totalSteps: steps,
    clip: config.clip,
    precision: config.precision,
    seed: config.seed,
    tune: options.tune,
  });
  try {
    if (plan.initial) trainer.parameters.write(plan.initial);
    if (checkpoint) trainer.restore(checkpoint.state);
    const files = await RunFiles.open(world, out, plan);
    try {
      return await new Run(options, plan, files, trainer).finish();
    } finally {
      await files.folder.close();
    }
  } finally {
    trainer.destroy();
  }
}

class Run {
  readonly #options: RunOptions;
  readonly #plan: Plan;
  readonly #files: RunFiles;
  readonly #trainer: Trainer;
  readonly #pace = new WindowSizer(WINDOW);
  /** What evaluations measure. */
  readonly #measured: Pick<Dataset, "train" | "test">;
  readonly #callbacks = new Callbacks();
  readonly #observe: (event: RunEvent) => void;
  readonly #evaluations: Allowance;
  readonly #checkpoints: Allowance;
  readonly #began: number;
  /** Clock when the last window was done. */
  #settled: number;
  #done: number;
  #saving: Promise<void> = Promise.resolve();

  constructor(options: RunOptions, plan: Plan, files: RunFiles, trainer: Trainer) {
    this.#options = options;
    this.#plan = plan;
    this.#files = files;
    this.#trainer = trainer;
    const { test } = plan.dataset;
    this.#measured = { train: evaluatedRows(plan.dataset), test };
    this.#observe = this.#callbacks.guarded(options.observer);
    const { clock } = options.world;
    this.#evaluations = new Allowance(clock, plan.config.evaluateEvery);
    this.#checkpoints = new Allowance(clock, plan.config.checkpointEvery);
    this.#began = clock.now();
    this.#settled = this.#began;
    this.#done = trainer.step;
  }

  async finish(): Promise<RunResult> {
    const { steps, config, model, checkpoint, remarks } = this.#plan;
    const { images } = this;
    const first = this.#trainer.step;
    let seconds: number;
    let parameters: Float32Array;
    try {
      const { place } = this.#options;
      this.#tell({ event: "start", ...this.#at(), steps, images, resumed: checkpoint !== undefined, place });
      for (const message of remarks) this.#tell({ event: "warning", ...this.#at(), message });
      await this.#steps();
      await this.#saving;
      seconds = this.#seconds();
      parameters = await this.#saveLast();
    } catch (error) {
      // What went wrong first is what counts.
      await this.#abandon().catch(() => undefined);
      throw error;
    }
    const stopped = this.#done < steps;
    this.#tell({ event: stopped ? "stop" : "end", ...this.#at() });
    await this.#flush();
    await this.#callbacks.settled();
    return {
      config,
      model,
      parameters,
      step: this.#done,
      stopped,
      seconds,
      imagesPerSecond: ((this.#done - first) * config.batch) / Math.max(seconds, 1e-9),
      parametersSha256: parametersSha256(model, parameters),
      folder: this.#files.folder,
    };
  }

  private get images(): number {
    return this.#plan.dataset.train.count;
  }

  /** Runs windows of steps, one always enqueued behind the one awaited, with a halt at every evaluation and checkpoint. */
  async #steps(): Promise<void> {
    const { steps, config } = this.#plan;
    const { evaluateEvery, checkpointEvery } = config;
    const { signal, world } = this.#options;
    while (this.#trainer.step < steps && !signal?.aborted) {
      const evaluateAt = this.#nextMark(evaluateEvery);
      const saveAt = this.#nextMark(checkpointEvery);
      await this.#stepsUntil(Math.min(steps, evaluateAt, saveAt));
      const isEnd = this.#done === steps;
      const mayEvaluate = this.#done === evaluateAt && this.#evaluations.isLeft;
      const maySave = this.#done === saveAt && this.#checkpoints.isLeft;
      if (isEnd || mayEvaluate) await this.#evaluations.spend(() => this.#evaluate());
      if (!isEnd && maySave) await this.#checkpoints.spend(() => this.#saveAside());
      this.#callbacks.check();
      this.#settled = world.clock.now();
    }
  }

  async #evaluate(): Promise<void> {
    const errors = await evaluateBoth(this.#options.device, this.#plan.model, this.#measured, this.#trainer.parameters);
    this.#tell({ event: "evaluation", ...this.#at(), ...errors });
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
        `the loss became ${losses[bad]} at step ${this.#done + bad} (learning rate ${learningRate}): ${divergenceAdvice(this.#plan.config)}`,
      );
    }
    this.#done += losses.length;
    const loss = losses.reduce((sum, value) => sum + value, 0) / losses.length;
    const imagesPerSecond = (losses.length * this.#plan.config.batch * 1000) / Math.max(milliseconds, 1e-6);
    this.#tell({ event: "steps", ...this.#at(), loss, learningRate, imagesPerSecond });
    this.#callbacks.check();
  }

  /** Takes the state now and writes it while training goes on. A checkpoint that fails costs a warning, not the run. */
  async #saveAside(): Promise<void> {
    await this.#saving;
    const state = await this.#trainer.state();
    const at = this.#at();
    this.#saving = this.#save(state, at).catch((error: unknown) => {
      this.#tell({ event: "warning", ...at, message: `no checkpoint at step ${at.step}: ${messageOf(error)}` });
    });
  }

  async #saveLast(): Promise<Float32Array> {
    const state = await this.#trainer.state();
    await this.#save(state, this.#at());
    return state.parameters;
  }

  async #save(state: TrainerState, at: At): Promise<void> {
    const { model, config, steps, data } = this.#plan;
    const { world, signal, askFolder } = this.#options;
    const path = await saveCheckpoint(toCheckpoint(model, config, state, this.images, data), {
      files: this.#files,
      timers: world.timers,
      isLast: () => at.step === steps || (signal?.aborted === true && at.step === this.#done),
      warn: (message) => this.#tell({ event: "warning", ...this.#at(), message }),
      askFolder,
    });
    this.#tell({ event: "checkpoint", ...at, path });
  }

  #nextMark(everyEpochs = 1): number {
    return nextDue(everyEpochs, this.#done, this.images, this.#plan.config.batch);
  }

  #at(): At {
    const epoch = (this.#done * this.#plan.config.batch) / this.images;
    return { step: this.#done, epoch, time: this.#seconds() };
  }

  #seconds(): number {
    return (this.#options.world.clock.now() - this.#began) / 1000;
  }

  #tell(event: RunEvent): void {
    this.#files.folder.record(event);
    this.#observe(event);
  }

  /** Metrics that could not be written cost a warning, not the run. */
  async #flush(): Promise<void> {
    await this.#files.folder.flush().catch((error: unknown) => {
      this.#observe({ event: "warning", ...this.#at(), message: messageOf(error) });
    });
  }

  /** Ends what is being written. A new run that has no checkpoint yet goes altogether: there is nothing to go on from. */
  async #abandon(): Promise<void> {
    await this.#saving;
    await this.#flush();
    if ((await this.#files.store.list()).length === 0) await this.#files.folder.discard();
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
