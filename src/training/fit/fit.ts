/** Fits a model of one's own, any function of a scope, to rows in memory, on one device. */
import { Sampler } from "../../data/sampler.js";
import type { Device, DeviceBuffer, Executable } from "../../device/device.js";
import { DawnpourError, UsageError } from "../../error.js";
import { type Learned, learnedModel } from "../../model/learned.js";
import type { ModelLoss } from "../../model/losses/loss.js";
import { modelStep } from "../../model/model-program.js";
import type { Layer } from "../../model/scope.js";
import { initialVector } from "../../model/tensors.js";
import { chainRate, observeLoss, stepScalars } from "../../optimizer/chain-ops.js";
import type { Program } from "../../program/program.js";
import { FiniteCheck, NonFiniteError } from "../finite-check.js";
import { Best } from "./best-epoch.js";
import { type CheckedData, checkedData, collected, type FitData } from "./fit-data.js";
import type { FitEpoch } from "./fit-event.js";
import { type FitOptions, type SettledOptions, settledOptions } from "./fit-options.js";
import { FittedModel, type ModelVectors } from "./fitted-model.js";
import { checkFits, dataBuffers, ModelEvaluation, type ModelMetrics } from "./model-evaluation.js";
import { checkStatisticRows } from "./statistic-rows.js";

/** A fitted model, and how it came to be. */
export interface FitResult {
  readonly model: FittedModel;
  readonly history: readonly FitEpoch[];
  /** Of the vectors that `model` has. */
  readonly epoch: number;
  /** Whether a callback or early stopping ended the run before its last epoch. */
  readonly stopped: boolean;
}

/**
 * Fits a model to rows in memory. `data` are what it learns from, whole or in pieces.
 * @throws UsageError, DataError or ProgramError when model, loss and data do not fit one another, before a step is taken
 * @example
 * ```ts
 * import { fit, layers, losses } from "dawnpour";
 * const data = { x: Float32Array.of(0, 1, 2, 3), features: 2, labels: Uint8Array.of(0, 1) };
 * using fitted = await fit(layers.dense(2), losses.crossEntropy(), data, { epochs: 2 });
 * console.log((await fitted.model.predict(data.x)).length); // 4
 * ```
 */
export type Fit = (
  model: Layer,
  loss: ModelLoss,
  data: FitData | AsyncIterable<FitData>,
  options?: FitOptions,
) => Promise<FitResult & Disposable>;

/** @param open the device of a run that is given none */
export const fitWith =
  (open: () => Promise<Device>): Fit =>
  async (model, loss, data, options = {}) =>
    fitOn(open, model, loss, await collected(data, "data"), options);

async function fitOn(
  open: () => Promise<Device>,
  model: Layer,
  loss: ModelLoss,
  data: FitData,
  options: FitOptions,
): Promise<FitResult & Disposable> {
  const checked = checkedData(data, "data");
  const settled = settledOptions(options, checked.source.count);
  const validation = settled.validation && checkedData(settled.validation, "validation");
  const { features, targets } = checked;
  const learned = learnedModel({ model, loss, features, targets, precision: settled.precision });
  if (learned.stateLayout.length > 0) checkStatisticRows(settled);
  checkFits(learned, checked, "data");
  if (validation) checkFits(learned, validation, "validation");
  const vectors = initialVectors(learned, settled);
  const program = modelStep(learned, { ...settled, source: checked.source });
  const device = settled.device ?? (await open());
  const run = new FitRun(device, learned, settled, checked);
  try {
    const result = await run.all(program, vectors, validation);
    return {
      ...result,
      [Symbol.dispose]() {
        result.model[Symbol.dispose]();
        if (!settled.device) device.destroy();
      },
    };
  } catch (error) {
    if (!settled.device) device.destroy();
    throw error;
  }
}

/** Steps between two looks at the state, where it is checked. */
const CHECKED_STEPS = 32;

/** Against values that are not finite. */
const ADVICE = "lower the learning rate, or clip gradients (optimizers.clipByNorm)";

function initialVectors(learned: Learned, { initial = {}, seed }: SettledOptions): ModelVectors {
  const { parameters, states, layout, stateLayout } = learned;
  const vectors = {
    parameters: initialVector(parameters, layout, seed),
    state: initialVector(states, stateLayout, seed),
    ...initial,
  };
  const [length, stateLength] = [Math.max(1, layout.length), Math.max(1, stateLayout.length)];
  if (vectors.parameters.length !== length || vectors.state.length !== stateLength) {
    throw new UsageError(
      `fit: initial vectors of ${vectors.parameters.length} and ${vectors.state.length} elements, but the model has ${length} and ${stateLength}: take vectors() of the same model`,
    );
  }
  return vectors;
}

class FitRun {
  readonly #device: Device;
  readonly #learned: Learned;
  readonly #options: SettledOptions;
  readonly #data: CheckedData;
  readonly #sampler: Sampler;
  readonly #steps: number;
  #rate = 1;
  #stopped = false;

  constructor(device: Device, learned: Learned, options: SettledOptions, data: CheckedData) {
    const { batch, epochs, seed } = options;
    const { count } = data.source;
    this.#device = device;
    this.#learned = learned;
    this.#options = options;
    this.#data = data;
    this.#sampler = new Sampler({ seed, count, batch });
    this.#steps = Math.ceil((epochs * count) / batch);
  }

  async all(program: Program, vectors: ModelVectors, validation: CheckedData | undefined): Promise<FitResult> {
    const { optimizer, keepBest, earlyStopping } = this.#options;
    const parameters = this.#device.createBuffer("f32", vectors.parameters.length, "parameters");
    const state = this.#device.createBuffer("f32", vectors.state.length, "state");
    parameters.write(vectors.parameters);
    state.write(vectors.state);
    const model = new FittedModel(this.#device, this.#learned, parameters, state);
    const data = dataBuffers(this.#device, this.#data);
    const owned: Disposable[] = Object.values(data);
    const history: FitEpoch[] = [];
    const best = new Best();
    try {
      const executable = await this.#device.compile(program, { parameters, state, ...data });
      owned.unshift(executable);
      const measured =
        validation && (await ModelEvaluation.open(this.#device, this.#learned, validation, { parameters, state }));
      if (measured) owned.unshift(measured);
      for (let epoch = 1; epoch <= this.#options.epochs && !this.#stopped; epoch++) {
        const found = await this.#epoch(executable, epoch, measured);
        history.push(found);
        const { loss } = found.validation ?? found.train;
        observeLoss(optimizer, loss);
        await best.see(epoch, loss, earlyStopping?.least ?? 0, keepBest ? model : undefined);
        await this.#tell(found, model);
        if (earlyStopping && epoch - best.lowered >= earlyStopping.patience)
          this.#stopped ||= epoch < this.#options.epochs;
      }
      if (best.vectors) write(best.vectors, parameters, state);
      return { model, history, epoch: best.vectors ? best.epoch : history.length, stopped: this.#stopped };
    } catch (error) {
      model[Symbol.dispose]();
      throw error;
    } finally {
      for (const one of owned) one[Symbol.dispose]();
    }
  }

  /** The steps of an epoch, and what they came to. */
  async #epoch(executable: Executable, epoch: number, measured: ModelEvaluation | undefined): Promise<FitEpoch> {
    const { epochs, batch, optimizer } = this.#options;
    const { count } = this.#data.source;
    const metrics = executable.buffer("metrics", "f32");
    metrics.write(new Float32Array(metrics.length));
    const [first, end] = [Math.ceil(((epoch - 1) * count) / batch), Math.ceil((epoch * count) / batch)];
    await this.#run(executable, first, end);
    const sums = await metrics.read();
    const names = ["loss", ...this.#learned.terms];
    const train: ModelMetrics = Object.fromEntries(names.map((name, i) => [name, sums[i] / (end - first)]));
    if (!Number.isFinite(train.loss)) {
      throw new DawnpourError(
        `fit: the loss is ${train.loss} in epoch ${epoch} (checkFinite: true names the op that made it): ${ADVICE}`,
      );
    }
    const learningRate = chainRate(optimizer, { step: end - 1, total: this.#steps }, this.#rate);
    const validation = measured && (await measured.run());
    return { epoch, epochs, step: end, steps: this.#steps, learningRate, train, ...(validation && { validation }) };
  }

  /** The steps from `first` up to `end`, without it. */
  async #run(executable: Executable, first: number, end: number): Promise<void> {
    const run = (from: number, to: number): void => {
      for (let step = from; step < to; step++) {
        this.#fill(executable, step);
        executable.run();
      }
    };
    if (!this.#options.checkFinite) return run(first, end);
    const { layout, stateLayout } = this.#learned;
    const check = new FiniteCheck({
      device: this.#device,
      executable,
      fill: (step) => this.#fill(executable, step),
      layoutOf: (buffer) => {
        if (/^(parameters|weights|gradients(\.\d+)?|optimizer\.\d+\.(?!scalars).+)$/.test(buffer)) return layout;
        return /^(state|nextState(\.\d+)?)$/.test(buffer) ? stateLayout : undefined;
      },
    });
    for (let step = first; step < end; step += CHECKED_STEPS) {
      const count = Math.min(CHECKED_STEPS, end - step);
      await check
        .around(step, count, async () => run(step, step + count))
        .catch((error: unknown) => {
          throw error instanceof NonFiniteError ? new NonFiniteError(`fit: ${error.message}: ${ADVICE}`) : error;
        });
    }
  }

  /** Writes what a step reads from the host. */
  #fill(executable: Executable, step: number): void {
    executable.buffer("rows", "u32").write(this.#sampler.rows(step));
    const position = { step, total: this.#steps };
    for (const [name, values] of Object.entries(stepScalars(this.#options.optimizer, position, this.#rate))) {
      executable.buffer(name, "f32").write(values);
    }
  }

  async #tell(epoch: FitEpoch, model: FittedModel): Promise<void> {
    for (const callback of this.#options.callbacks) {
      await callback({
        ...epoch,
        stop: () => {
          this.#stopped = true;
        },
        scaleRate: (factor) => {
          this.#rate *= factor;
        },
        vectors: () => model.vectors(),
      });
    }
  }
}

function write({ parameters, state }: ModelVectors, to: DeviceBuffer<"f32">, stateTo: DeviceBuffer<"f32">): void {
  to.write(parameters);
  stateTo.write(state);
}
