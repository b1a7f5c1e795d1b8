/**
 * A whole run on one device: from a configuration and a data set to a trained, measured, saved autoencoder.
 * Evaluations, checkpoints and stop requests happen between the trainer's steps and change no bit of the result, so a
 * run that was stopped and resumed ends as an undisturbed one.
 */
import { Callbacks } from "../callbacks.js";
import { arithmeticOf, checkArithmetic } from "../device/open.js";
import { DawnpourError } from "../error.js";
import type { Autoencoder } from "../model/autoencoder.js";
import type { Network } from "../model/network.js";
import { refuseUnknownKeys } from "../option-keys.js";
import { divergenceAdvice } from "./config/advice.js";
import { withoutWorkers } from "./config/strategy-choice.js";
import { type Evaluation, evaluateBoth, evaluatedRows } from "./evaluate.js";
import type { At } from "./event.js";
import { NonFiniteError } from "./finite-check.js";
import { optimizerFromConfig, scheduleFromConfig } from "./from-config.js";
import { type Plan, pinned, readPlan } from "./plan.js";
import { RunFiles } from "./run-folder/run-files.js";
import { RunLog } from "./run-folder/run-log.js";
import { type PlanDependencies, RUN_KEYS, type RunOptions } from "./run-options.js";
import type { RunResult } from "./run-result.js";
import { WINDOW } from "./step-window.js";
import { TaskTrainer } from "./task/task-trainer.js";
import { Trainer, type TrainerState } from "./trainer.js";
import { nextTrigger, type Trigger, Triggers } from "./triggers.js";
import { WindowSizer } from "./window-sizer.js";

/**
 * Trains. Afterwards the folder holds config.json, metrics.jsonl and checkpoints/. The folder is not touched before
 * every check has passed; a new run that fails before its first checkpoint leaves nothing in it.
 */
export async function run(options: RunOptions): Promise<RunResult<Network>> {
  refuseUnknownKeys(options, RUN_KEYS, "options of run");
  return runPlan(await readPlan(options), options);
}

/** Trains as a plan says. Leaves what `run` leaves. */
export async function runPlan(planned: Plan, options: PlanDependencies): Promise<RunResult<Network>> {
  const { world, device, out, observer, place, askFolder } = options;
  checkArithmetic(device.info, planned.config.arithmetic);
  const plan = pinned(planned, arithmeticOf(device.info));
  const trainer = await trainerOf(plan, options);
  try {
    const files = await RunFiles.open(world, out, plan);
    try {
      const callbacks = new Callbacks();
      const log = new RunLog({ world, plan, files, observer: callbacks.guarded(observer), place, askFolder });
      return await new Run({ options, plan, trainer, log, callbacks }).finish();
    } catch (error) {
      // The first error is the one that counts.
      await files.abandon().catch(() => undefined);
      throw error;
    } finally {
      await files.folder.close();
    }
  } finally {
    trainer.destroy();
  }
}

/** What makes the steps of a run. */
type RunTrainer = Pick<
  Trainer,
  "step" | "parameters" | "enqueue" | "state" | "restore" | "learningRate" | "destroy"
> & {
  evaluate(): Promise<Evaluation>;
};

/** A trainer in the state that the plan begins with. */
async function trainerOf(plan: Plan, options: PlanDependencies): Promise<RunTrainer> {
  const { initial, checkpoint } = plan;
  const trainer = await (plan.task ? taskTrainer(plan, plan.task, options) : autoencoderTrainer(plan, options));
  try {
    if (initial) trainer.parameters.write(initial);
    if (checkpoint) trainer.restore(checkpoint.state);
    return trainer;
  } catch (error) {
    trainer.destroy();
    throw error;
  }
}

function taskTrainer(
  { config, dataset, steps: totalSteps }: Plan,
  task: NonNullable<Plan["task"]>,
  { device, tune, checkFinite }: PlanDependencies,
): Promise<RunTrainer> {
  const { batch, seed } = withoutWorkers(config);
  return TaskTrainer.create({ device, task, dataset, batch, seed, totalSteps, tune, checkFinite });
}

async function autoencoderTrainer(plan: Plan, { device, tune, checkFinite }: PlanDependencies): Promise<RunTrainer> {
  const { config, dataset, steps } = plan;
  const model = plan.model as Autoencoder;
  const { batch, loss, clip, precision, seed } = withoutWorkers(config);
  const trainer = await Trainer.create({
    ...{ device, model, split: dataset.train, batch, loss, clip, precision, seed, tune, checkFinite },
    ...{ optimizer: optimizerFromConfig(config), schedule: scheduleFromConfig(config), totalSteps: steps },
  });
  const measured = { train: evaluatedRows(dataset), test: dataset.test };
  return Object.assign(trainer, { evaluate: () => evaluateBoth(device, model, measured, trainer.parameters) });
}

/** The objects of a run. */
interface RunParts {
  readonly options: PlanDependencies;
  readonly plan: Plan;
  readonly trainer: RunTrainer;
  readonly log: RunLog;
  readonly callbacks: Callbacks;
}

class Run {
  readonly #options: PlanDependencies;
  readonly #plan: Plan;
  readonly #trainer: RunTrainer;
  readonly #log: RunLog;
  readonly #callbacks: Callbacks;
  readonly #pace = new WindowSizer(WINDOW);
  readonly #triggers: Triggers;
  /** Clock when the last window was done. */
  #settled: number;
  #saving: Promise<void> = Promise.resolve();

  constructor({ options, plan, trainer, log, callbacks }: RunParts) {
    this.#options = options;
    this.#plan = plan;
    this.#trainer = trainer;
    this.#log = log;
    this.#callbacks = callbacks;
    const { dataset, config, steps } = plan;
    const { evaluateEvery, checkpointEvery, batch } = config;
    const when = { evaluateEvery, checkpointEvery, images: dataset.train.count, batch };
    this.#triggers = new Triggers({ rounds: steps, ...when }, options.world.clock);
    this.#settled = log.began;
  }

  async finish(): Promise<RunResult<Network>> {
    try {
      this.#log.started();
      await this.#steps();
      await this.#saving;
      const seconds = this.#log.seconds();
      const parameters = await this.#saveLast();
      const result = await this.#log.ended(this.#log.step, seconds, parameters);
      await this.#callbacks.settled();
      return result;
    } catch (error) {
      await this.#saving;
      await this.#log.flush();
      throw error;
    }
  }

  /** Runs windows of steps, one always enqueued behind the awaited one; pauses for evaluations and checkpoints. */
  async #steps(): Promise<void> {
    const { signal, world } = this.#options;
    const { options } = this.#triggers;
    while (this.#trainer.step < this.#plan.steps && !signal?.aborted) {
      await this.#stepsUntil(nextTrigger(options, this.#log.step));
      const due = this.#triggers.due(this.#log.step);
      if (due) await this.#carryOut(due);
      this.#callbacks.check();
      this.#settled = world.clock.now();
    }
  }

  /** The last checkpoint is no part of it: it comes after the last step of a run that was stopped, too. */
  async #carryOut(due: Trigger): Promise<void> {
    const { clock } = this.#options.world;
    const start = clock.now();
    if (due.evaluate) await this.#evaluate();
    const evaluated = clock.now();
    if (due.checkpoint && !due.last) await this.#saveAside();
    this.#triggers.took(due, clock.now() - evaluated, evaluated - start);
  }

  async #evaluate(): Promise<void> {
    this.#log.evaluated(await this.#trainer.evaluate());
  }

  async #stepsUntil(halt: number): Promise<void> {
    let previous: (() => Promise<void>) | undefined;
    while (this.#trainer.step < halt && !this.#options.signal?.aborted) {
      const count = Math.min(this.#pace.size, halt - this.#trainer.step);
      const losses = this.#trainer.enqueue(count);
      // The error appears when the window is awaited, one window later.
      losses.catch(() => undefined);
      await previous?.();
      previous = () => this.#settle(losses);
    }
    await previous?.();
  }

  async #settle(window: Promise<Float32Array>): Promise<void> {
    const losses = await window.catch((error: unknown) => {
      if (!(error instanceof NonFiniteError)) throw error;
      throw new NonFiniteError(`${error.message}: ${divergenceAdvice(this.#plan.config)}`, { cause: error });
    });
    const now = this.#options.world.clock.now();
    const milliseconds = now - this.#settled;
    this.#settled = now;
    this.#pace.observe(losses.length, milliseconds);
    const { step } = this.#log;
    const bad = losses.findIndex((loss) => !Number.isFinite(loss));
    const learningRate = this.#trainer.learningRate(step);
    if (bad >= 0) {
      throw new DawnpourError(
        `the loss became ${losses[bad]} at step ${step + bad} (learning rate ${learningRate}; checkFinite (--check-finite) names the op): ${divergenceAdvice(this.#plan.config)}`,
      );
    }
    this.#log.step = step + losses.length;
    const loss = losses.reduce((sum, value) => sum + value, 0) / losses.length;
    const images = losses.length * this.#plan.config.batch;
    this.#log.steps({ images, loss, learningRate, milliseconds });
    this.#callbacks.check();
  }

  /** Takes the state now and writes it while training goes on. */
  async #saveAside(): Promise<void> {
    await this.#saving;
    const state = await this.#trainer.state();
    const at = this.#log.at();
    this.#saving = this.#save(state, at).catch((error: unknown) => this.#log.noCheckpoint(error, at));
  }

  async #saveLast(): Promise<Float32Array> {
    const state = await this.#trainer.state();
    await this.#save(state, this.#log.at());
    return state.parameters;
  }

  async #save(state: TrainerState, at: At): Promise<void> {
    const isStopped = () => this.#options.signal?.aborted === true && at.step === this.#log.step;
    const path = await this.#log.save(state, () => at.step === this.#plan.steps || isStopped());
    this.#log.checkpointed(path, at);
  }
}
