/**
 * One component of a model on a device of its own: its range of the parameters, of the optimizer's state and of the
 * gradients. It knows no other component; its inputs and outputs are memory that the caller gives it.
 */
import { sweepBatch } from "../analysis/sweep.js";
import type { Dataset, Split } from "../data/dataset.js";
import { partRange, Sampler } from "../data/sampler.js";
import { type Device, type DeviceBuffer, f32Buffer } from "../device/device.js";
import { type Source, stateBuffers } from "../model/lower.js";
import { evaluationProgram, gradientProgram, updateProgram } from "../model/part-programs.js";
import { cutProgram, pipelineStages, type Stage, type StageCut } from "../model/stage-cut.js";
import { updateRule, writeScalars } from "../optimizer/optimizer.js";
import { UPDATE_SCALARS } from "../program/op.js";
import { HostProgram } from "../tensors/host-program.js";
import { openBatchSource } from "../training/batch-source.js";
import { learningRate, optimizerFromConfig } from "../training/from-config.js";
import type { PipelineOptions } from "./options.js";
import { inFlight } from "./pass-schedule.js";
import { StageExecutor } from "./stage-executor.js";

/** A batch, in micro-batches, on its way through the stages. */
export interface Course {
  readonly microBatches: number;
  /** See `StageExecutor.forward`; returns the micro-batch's share of the loss. */
  readonly forward: (microBatch: number, input?: Float32Array, output?: Float32Array) => Promise<number>;
  /** See `StageExecutor.backward`; the gradients can then be read, until the next backward pass. */
  readonly backward: (microBatch: number, outputGradient?: Float32Array, inputGradient?: Float32Array) => Promise<void>;
  /** Adds a micro-batch's share to the total, with the rounding of a run on one device. */
  readonly add: (total: number, share: number) => number;
  /** Frees what only this batch needed. */
  end(): void;
}

export class Component {
  readonly stage: Stage;
  readonly #options: PipelineOptions;
  readonly #index: number;
  readonly #device: Device;
  readonly #dataset: Pick<Dataset, "train" | "test">;
  readonly #sampler: Sampler;
  readonly #update: HostProgram;
  /** The state, the parameters first. */
  readonly #state: readonly DeviceBuffer<"f32">[];
  readonly #training: { readonly passes: StageExecutor; destroy(): void };
  readonly #scalars = new Float32Array(UPDATE_SCALARS);
  readonly #ranges = new WeakMap<Float32Array, Float32Array>();

  /** @param index of the stage among `pipelineStages(model)` */
  static async open(
    options: PipelineOptions,
    index: number,
    device: Device,
    dataset: Pick<Dataset, "train" | "test">,
  ): Promise<Component> {
    const { model, config } = options;
    const { length } = pipelineStages(model)[index];
    const rule = updateRule(optimizerFromConfig(config));
    const update = await HostProgram.compile(device, updateProgram({ layout: { length } }, { rule }), "gradients", {});
    return new Component(options, index, device, dataset, update);
  }

  private constructor(
    options: PipelineOptions,
    index: number,
    device: Device,
    dataset: Pick<Dataset, "train" | "test">,
    update: HostProgram,
  ) {
    const { model, config } = options;
    const { seed, batch, parts } = config;
    this.#options = options;
    this.#index = index;
    this.#device = device;
    this.#dataset = dataset;
    this.stage = pipelineStages(model)[index];
    this.#sampler = new Sampler({ seed, count: dataset.train.count, batch, parts });
    this.#update = update;
    const slots = stateBuffers(updateRule(optimizerFromConfig(config)));
    this.#state = ["parameters", ...slots].map((name) => f32Buffer(update.base, name));
    this.#training = this.#passes(dataset.train, Math.ceil(batch / parts), (source, rows) =>
      gradientProgram(model, { ...config, source, rows }),
    );
  }

  /** Takes the batch of a step through the component. */
  step(step: number): Course {
    const { batch, parts } = this.#options.config;
    const { passes } = this.#training;
    return {
      microBatches: parts,
      forward: (part, input, output) => passes.forward(part, this.#sampler.rows(step, part), input, output),
      backward: (part, outputGradient, inputGradient) => {
        const { start, end } = partRange(batch, parts, part);
        return passes.backward(part, end - start, outputGradient, inputGradient);
      },
      add: (total, share) => total + share,
      end: () => undefined,
    };
  }

  /** Takes the test images through the component: forward only, in the batches of `evaluate`. */
  evaluation(): Course {
    const { test } = this.#dataset;
    const batch = sweepBatch(test);
    const { passes, destroy } = this.#passes(test, batch, (source, rows) =>
      evaluationProgram(this.#options.model, { source, rows }),
    );
    const rowsOf = (part: number): Uint32Array =>
      Uint32Array.from({ length: Math.min(batch, test.count - part * batch) }, (_, row) => part * batch + row);
    return {
      microBatches: Math.ceil(test.count / batch),
      forward: (part, input, output) => passes.forward(part, rowsOf(part), input, output),
      backward: async () => undefined,
      add: (total, share) => Math.fround(total + share),
      end: destroy,
    };
  }

  /** Fills `out` with the gradients of the last backward pass. */
  readGradients(out: Float32Array): Promise<void> {
    return f32Buffer(this.#update.base, "gradients").readInto(out);
  }

  /** The update of a step. @param gradients the whole flat vector; it must not change until the device is idle */
  async update(step: number, gradients: Float32Array): Promise<void> {
    const { config, steps } = this.#options;
    const rule = updateRule(optimizerFromConfig(config));
    writeScalars(this.#scalars, 0, rule, learningRate(config, steps, step), step);
    this.#update.base.buffer("scalars").write(this.#scalars);
    await this.#update.runFrom(this.own(gradients));
  }

  /** Copies the component's range of the state to whole flat vectors. */
  async save(vectors: readonly Float32Array[]): Promise<void> {
    await Promise.all(this.#state.map((buffer, i) => buffer.readInto(this.own(vectors[i]))));
  }

  restore(vectors: readonly Float32Array[]): void {
    for (const [i, buffer] of this.#state.entries()) buffer.write(this.own(vectors[i]));
  }

  /** The component's range of a flat vector: the same array for the same vector. */
  own(vector: Float32Array): Float32Array {
    const { start, length } = this.stage;
    const range = this.#ranges.get(vector) ?? vector.subarray(start, start + length);
    this.#ranges.set(vector, range);
    return range;
  }

  destroy(): void {
    this.#training.destroy();
    this.#update.destroy();
  }

  #passes(split: Split, rows: number, program: (source: Source, rows: number) => Parameters<typeof cutProgram>[0]) {
    const stages = pipelineStages(this.#options.model);
    const cutOf = (source: Source, size: number): StageCut => cutProgram(program(source, size), stages)[this.#index];
    const isFed = this.#index === 0 || this.#index === stages.length - 1;
    const feed = isFed ? openBatchSource(this.#device, split, rows) : undefined;
    const passes = new StageExecutor({
      device: this.#device,
      cut: (size) => cutOf(feed?.source ?? NO_SOURCE, size),
      bindings: {
        parameters: this.#state[0],
        gradients: this.#update.base.buffer("gradients"),
        ...(feed && { source: feed.buffer }),
      },
      feed,
      places: inFlight(stages.length, this.#index),
    });
    return {
      passes,
      destroy: () => {
        passes.destroy();
        feed?.destroy();
      },
    };
  }
}

/** For stages that read no images; their programs never read this source. */
const NO_SOURCE: Source = { type: "u8", count: 1, scale: 1 };
