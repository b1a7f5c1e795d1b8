/** A model of one's own in use, on its device: what it makes of rows, how well it does, and its tensors. */
import type { NamedTensor } from "../../checkpoint/tensor.js";
import type { Device, DeviceBuffer } from "../../device/device.js";
import { UsageError } from "../../error.js";
import type { ParameterLayout } from "../../model/layout.js";
import type { Learned } from "../../model/learned.js";
import { modelPrediction } from "../../model/model-program.js";
import { checkedData, type FitData } from "./fit-data.js";
import { ModelEvaluation, type ModelMetrics } from "./model-evaluation.js";

/** Rows of a run of the program. */
const ROWS = 256;

/** The vectors of a model on the host. */
export interface ModelVectors {
  readonly parameters: Float32Array;
  readonly state: Float32Array;
}

/** A fitted model on its device. */
export class FittedModel implements Disposable {
  readonly device: Device;
  readonly #learned: Learned;
  readonly #parameters: DeviceBuffer<"f32">;
  readonly #state: DeviceBuffer<"f32">;

  /** @param parameters and state of the model on `device`, read anew at every call */
  constructor(device: Device, learned: Learned, parameters: DeviceBuffer<"f32">, state: DeviceBuffer<"f32">) {
    this.device = device;
    this.#learned = learned;
    this.#parameters = parameters;
    this.#state = state;
  }

  /** The output for any number of rows: `[n, features]` to `[n, outputs]`. */
  async predict(x: Float32Array): Promise<Float32Array> {
    const { features, outputs } = this.#learned;
    if (!(x instanceof Float32Array) || x.length % features !== 0) {
      throw new UsageError(
        `predict: rows of ${features} values are expected in a Float32Array, got ${x.length} values`,
      );
    }
    const count = x.length / features;
    const result = new Float32Array(count * outputs);
    if (count === 0) return result;
    const rows = Math.min(ROWS, count);
    using executable = await this.device.compile(modelPrediction(this.#learned, rows), this.#vectors);
    for (let first = 0; first < count; first += rows) {
      const size = Math.min(rows, count - first);
      executable.buffer("input", "f32").write(x.subarray(first * features, (first + size) * features));
      executable.run();
      result.set(await executable.buffer("output", "f32").read(0, size * outputs), first * outputs);
    }
    return result;
  }

  /** How well the model does on rows: the loss and its terms, and the share of right classes. */
  async evaluate(data: FitData): Promise<ModelMetrics> {
    using evaluation = await ModelEvaluation.open(this.device, this.#learned, checkedData(data, "data"), this.#vectors);
    return await evaluation.run();
  }

  /** The flat vectors as they are now. */
  async vectors(): Promise<ModelVectors> {
    return { parameters: await this.#parameters.read(), state: await this.#state.read() };
  }

  /** Parameters and state by name, as `writeSafetensors` takes them. */
  async tensors(): Promise<NamedTensor[]> {
    const { parameters, state } = await this.vectors();
    const { layout, stateLayout } = this.#learned;
    const named = (of: ParameterLayout, vector: Float32Array): NamedTensor[] =>
      of.tensors.map(({ name, rows, columns }) => ({
        name,
        dtype: "F32",
        shape: rows === 1 ? [columns] : [rows, columns],
        data: of.part(vector, name).slice(),
      }));
    return [...named(layout, parameters), ...named(stateLayout, state)];
  }

  /** At the end of a block: as `destroy`. */
  [Symbol.dispose](): void {
    this.#parameters.destroy();
    this.#state.destroy();
  }

  get #vectors() {
    return { parameters: this.#parameters, state: this.#state };
  }
}
