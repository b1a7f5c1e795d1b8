/**
 * The record of a run, on one device and on many, and its result: events go to metrics.jsonl and to the
 * observer, states to checkpoints.
 */
import { messageOf } from "../../error.js";
import type { Network } from "../../model/network.js";
import type { World } from "../../world/world.js";
import { type Evaluation, isOfReconstructions } from "../evaluate.js";
import type { At, Observer, PrivacyBound, RunEvent, RunPlace } from "../event.js";
import type { Plan } from "../plan.js";
import type { RunResult } from "../run-result.js";
import type { TrainerState } from "../trainer.js";
import { type AskFolder, saveCheckpoint } from "./last-checkpoint.js";
import type { RunFiles } from "./run-files.js";
import { parametersSha256, toCheckpoint } from "./snapshot.js";

export interface RunLogOptions {
  readonly world: Pick<World, "clock" | "timers">;
  readonly plan: Plan;
  readonly files: RunFiles;
  readonly observer?: Observer;
  /** For the record. */
  readonly place?: RunPlace;
  readonly askFolder?: AskFolder;
  /** What a private run has revealed, as it goes on. */
  readonly privacy?: Spending;
}

/** The bound on what a private run has revealed after `step` steps. */
export interface Spending {
  /** By an accountant that takes no time. */
  quickly(step: number): PrivacyBound;
  /** By the tightest one. */
  exactly(step: number): PrivacyBound;
}

/** A window of steps. */
export interface StepsDone {
  readonly images: number;
  /** Mean loss of the steps. */
  readonly loss: number;
  readonly learningRate: number;
  readonly milliseconds: number;
  /** Bytes of the contributions as they were sent. */
  readonly bytes?: number;
  /** The parts that counted in each round, where a quorum of them is enough. */
  readonly parts?: readonly (readonly number[])[];
}

export class RunLog {
  /** Steps done: when events happen that do not say so themselves. */
  step: number;
  /** Milliseconds on the clock when training began. */
  readonly began: number;
  readonly #options: RunLogOptions;

  constructor(options: RunLogOptions) {
    this.#options = options;
    this.began = options.world.clock.now();
    const { checkpoint } = options.plan;
    this.step = checkpoint?.state.step ?? 0;
  }

  /** Seconds of training at a time of the clock. */
  seconds(time = this.#options.world.clock.now()): number {
    return (time - this.began) / 1000;
  }

  at(step = this.step, time?: number): At {
    const { config, dataset } = this.#options.plan;
    return { step, epoch: (step * config.batch) / dataset.train.count, time: this.seconds(time) };
  }

  tell(event: RunEvent): void {
    this.#options.files.folder.record(event);
    this.#options.observer?.(event);
  }

  /** @param fault the fault that caused it */
  warn(message: string, at = this.at(), fault?: number): void {
    this.tell({ event: "warning", ...at, message, fault });
  }

  started(): void {
    const { plan, place } = this.#options;
    const { steps, dataset, checkpoint, remarks } = plan;
    const images = dataset.train.count;
    this.tell({ event: "start", ...this.at(), steps, images, resumed: checkpoint !== undefined, place });
    for (const message of remarks) this.warn(message);
  }

  steps({ images, loss, learningRate, milliseconds, bytes, parts }: StepsDone, at = this.at()): void {
    const imagesPerSecond = (images * 1000) / Math.max(milliseconds, 1e-6);
    const more = { ...(bytes !== undefined && { bytes }), ...(parts && { parts }) };
    this.tell({ event: "steps", ...at, loss, learningRate, imagesPerSecond, ...more });
  }

  evaluated(errors: Evaluation, at = this.at()): void {
    this.#spent(at, "quickly");
    this.tell(
      isOfReconstructions(errors) ? { event: "evaluation", ...at, ...errors } : { event: "metrics", ...at, ...errors },
    );
  }

  checkpointed(path: string, at = this.at()): void {
    this.tell({ event: "checkpoint", ...at, path });
  }

  /** A checkpoint that fails costs a warning, not the run. */
  noCheckpoint(error: unknown, at = this.at(), fault?: number): void {
    this.warn(`no checkpoint at step ${at.step}: ${messageOf(error)}`, at, fault);
  }

  /** @returns the checkpoint's folder. @throws DawnpourError as `saveCheckpoint` does */
  save(state: TrainerState, isLast: () => boolean): Promise<string> {
    const { world, plan, files, askFolder } = this.#options;
    const { model, config, dataset, data } = plan;
    return saveCheckpoint(toCheckpoint(model, config, state, dataset.train.count, data), {
      files,
      timers: world.timers,
      isLast,
      warn: (message) => this.warn(message),
      askFolder,
    });
  }

  /** Records the end of the run at `step`, and makes the result. */
  async ended(step: number, seconds: number, parameters: Float32Array): Promise<RunResult<Network>> {
    const { plan, files } = this.#options;
    const { config, model, steps, checkpoint } = plan;
    this.step = step;
    const privacy = this.#spent(this.at(), "exactly");
    const stopped = step < steps;
    this.tell({ event: stopped ? "stop" : "end", ...this.at() });
    await this.flush();
    const firstStep = checkpoint?.state.step ?? 0;
    return {
      ...{ config, model, parameters, step, firstStep, stopped, seconds, folder: files.folder },
      ...(privacy && { privacy }),
      imagesPerSecond: ((step - firstStep) * config.batch) / Math.max(seconds, 1e-9),
      parametersSha256: parametersSha256(model, parameters),
    };
  }

  #spent(at: At, how: keyof Spending): PrivacyBound | undefined {
    const bound = this.#options.privacy?.[how](at.step);
    if (bound) this.tell({ event: "privacy", ...at, ...bound });
    return bound;
  }

  /** Metrics that could not be written cost a warning, not the run. */
  async flush(): Promise<void> {
    await this.#options.files.folder.flush().catch((error: unknown) => {
      this.#options.observer?.({ event: "warning", ...this.at(), message: messageOf(error) });
    });
  }
}
