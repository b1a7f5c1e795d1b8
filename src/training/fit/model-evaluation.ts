/** A model measured on rows that lie on its device. */
import type { Bindings, Device, DeviceBuffer, Executable } from "../../device/device.js";
import { UsageError } from "../../error.js";
import type { Learned } from "../../model/learned.js";
import { modelEvaluation } from "../../model/model-program.js";
import { type CheckedData, checkClasses } from "./fit-data.js";

/** Rows of a run of the program. */
const ROWS = 500;

/** The loss and its terms by name, means over rows; `accuracy` where targets are classes. */
export type ModelMetrics = Readonly<Record<string, number>>;

/** Rows and targets in the memory of a device. */
export function dataBuffers(device: Device, { source, x, y }: CheckedData): Record<string, DeviceBuffer> {
  const rows = device.createBuffer(source.type, x.length, "source");
  rows.write(x);
  if (!y) return { source: rows };
  const targets = device.createBuffer("f32", y.length, "targets");
  targets.write(y);
  return { source: rows, targets };
}

/** @throws UsageError or DataError when data is not of the sizes that a model was made for */
export function checkFits({ features, targets, outputs }: Learned, data: CheckedData, what: string): void {
  if (data.features !== features || data.targets !== targets) {
    throw new UsageError(
      `${what}: rows of ${data.features} values with targets of ${data.targets}, but the model was made for ${features} and ${targets}`,
    );
  }
  checkClasses(data, outputs, what);
}

/** As many rows as a run takes, from `first` on. */
interface Runs {
  readonly executable: Executable;
  readonly rows: number;
  readonly starts: readonly number[];
}

export class ModelEvaluation implements Disposable {
  readonly #names: readonly string[];
  readonly #metrics: DeviceBuffer<"f32">;
  readonly #runs: readonly Runs[];
  readonly #owned: readonly { destroy(): void }[];

  private constructor(
    names: readonly string[],
    metrics: DeviceBuffer<"f32">,
    runs: readonly Runs[],
    owned: readonly { destroy(): void }[],
  ) {
    this.#names = names;
    this.#metrics = metrics;
    this.#runs = runs;
    this.#owned = owned;
  }

  /** @param vectors `parameters` and `state` of the model, on `device` */
  static async open(device: Device, learned: Learned, data: CheckedData, vectors: Bindings): Promise<ModelEvaluation> {
    checkFits(learned, data, "data");
    const { count, classes } = data.source;
    const names = ["loss", ...learned.terms, ...(classes ? ["accuracy"] : [])];
    const metrics = device.createBuffer("f32", names.length, "metrics");
    const buffers = dataBuffers(device, data);
    const whole = Math.floor(count / ROWS) * ROWS;
    const sizes = [
      { rows: ROWS, starts: Array.from({ length: whole / ROWS }, (_, i) => i * ROWS) },
      { rows: count - whole, starts: [whole] },
    ].filter(({ rows, starts }) => rows > 0 && starts.length > 0);
    const owned: { destroy(): void }[] = [...Object.values(buffers), metrics];
    const runs: Runs[] = [];
    try {
      for (const { rows, starts } of sizes) {
        const program = modelEvaluation(learned, data.source, rows);
        const executable = await device.compile(program, { ...vectors, ...buffers, metrics });
        owned.unshift(executable);
        runs.push({ rows, starts, executable });
      }
    } catch (error) {
      for (const one of owned) one.destroy();
      throw error;
    }
    return new ModelEvaluation(names, metrics, runs, owned);
  }

  async run(): Promise<ModelMetrics> {
    this.#metrics.write(new Float32Array(this.#names.length));
    for (const { executable, rows, starts } of this.#runs) {
      for (const start of starts) {
        executable.buffer("rows", "u32").write(Uint32Array.from({ length: rows }, (_, i) => start + i));
        executable.run();
      }
    }
    const found = await this.#metrics.read();
    return Object.fromEntries(this.#names.map((name, i) => [name, found[i]]));
  }

  [Symbol.dispose](): void {
    for (const owned of this.#owned) owned.destroy();
  }
}
