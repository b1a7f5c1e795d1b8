/**
 * The use of a trained autoencoder: encode, decode and reconstruct any number of rows on a device. The programs have a fixed
 * batch. A last, partial batch runs with old rows behind its own, and the results of the old rows are left out.
 */
import { type Device, type DeviceBuffer, type Executable, f32Buffer } from "../device/device.js";
import { UsageError } from "../error.js";
import type { Autoencoder } from "./autoencoder.js";
import { type Component, componentLayers, componentProgram } from "./components.js";

const BATCH = 256;

interface Compiled {
  readonly executable: Executable;
  readonly output: string;
}

/** A trained autoencoder in use: programs that are compiled when they are first needed. */
export class Inference {
  readonly #device: Device;
  readonly #model: Autoencoder;
  readonly #parameters: DeviceBuffer<"f32">;
  readonly #compiled = new Map<Component, Promise<Compiled>>();

  /**
   * Compiles nothing yet.
   * @param parameters the model's flat vector on `device`. Every call reads it again. The caller destroys it.
   */
  constructor(device: Device, model: Autoencoder, parameters: DeviceBuffer<"f32">) {
    this.#device = device;
    this.#model = model;
    this.#parameters = parameters;
  }

  /** `[n, input size]` in [0, 1] -> codes `[n, code size]`. */
  encode(images: Float32Array): Promise<Float32Array> {
    return this.#run("encode", images);
  }

  /** Codes `[n, code size]` -> images `[n, input size]`. */
  decode(codes: Float32Array): Promise<Float32Array> {
    return this.#run("decode", codes);
  }

  /** `[n, input size]` -> `[n, input size]`, through the code. */
  reconstruct(images: Float32Array): Promise<Float32Array> {
    return this.#run("reconstruct", images);
  }

  /** Frees what it compiled; device and parameters stay. */
  destroy(): void {
    for (const compiled of this.#compiled.values()) {
      compiled.then(({ executable }) => executable.destroy()).catch(() => undefined);
    }
    this.#compiled.clear();
  }

  async #run(component: Component, rows: Float32Array): Promise<Float32Array> {
    const layers = componentLayers(this.#model, component);
    const { inputs } = layers[0];
    const { outputs } = layers[layers.length - 1];
    if (rows.length % inputs !== 0) {
      throw new UsageError(
        `${component}: each row has ${inputs} values, got ${rows.length} values in all, which is no multiple of that`,
      );
    }
    const { executable, output } = await this.#compile(component);
    const count = rows.length / inputs;
    const result = new Float32Array(count * outputs);
    for (let first = 0; first < count; first += BATCH) {
      const size = Math.min(BATCH, count - first);
      executable.buffer("input").write(rows.subarray(first * inputs, (first + size) * inputs));
      executable.run();
      result.set(await f32Buffer(executable, output).read(0, size * outputs), first * outputs);
    }
    return result;
  }

  #compile(component: Component): Promise<Compiled> {
    let compiled = this.#compiled.get(component);
    if (!compiled) {
      const { program, output } = componentProgram(this.#model, component, BATCH);
      compiled = this.#device
        .compile(program, { parameters: this.#parameters })
        .then((executable) => ({ executable, output }));
      this.#compiled.set(component, compiled);
    }
    return compiled;
  }
}
