/**
 * A dense autoencoder is three components in a row. Each is a stack of dense layers, and each can be used alone:
 *   encoder (input -> last hidden), bottleneck (-> code), decoder (code -> input, mirroring the encoder).
 * It knows its layers, the layout of its parameters and its initial weights. `lower.ts` builds programs for it.
 */
import { UsageError } from "../error.js";
import { type Keys, refuseUnknownKeys } from "../option-keys.js";
import type { Activation } from "../program/op.js";
import { Random } from "../world/random.js";
import { type Dense, denseTensors } from "./dense.js";
import { type Initialiser, initialWeights } from "./initialiser.js";
import { ParameterLayout } from "./layout.js";

/** Sizes and functions of the layers. */
export interface AutoencoderConfig {
  /** Sizes of input, hidden layers and code, such as 784, 1000, 500, 250, 30. The decoder mirrors them. */
  readonly layers: readonly number[];
  readonly activation: Activation;
  readonly codeActivation: Activation;
  readonly outputActivation: Activation;
  readonly initialiser: Initialiser;
}

const KEYS: Keys<AutoencoderConfig> = {
  layers: true,
  activation: true,
  codeActivation: true,
  outputActivation: true,
  initialiser: true,
};

/**
 * A dense autoencoder: layers, layout of its parameters, initial weights. It holds no parameters itself.
 * @example
 * ```ts
 * import { Autoencoder } from "dawnpour";
 *
 * const model = new Autoencoder({
 *   layers: [784, 128, 16],
 *   activation: "gelu",
 *   codeActivation: "linear",
 *   outputActivation: "sigmoid",
 *   initialiser: "glorot",
 * });
 * console.log(model.name, model.layout.parameters); // 784-128-16-128-784 205856
 * ```
 */
export class Autoencoder {
  readonly config: AutoencoderConfig;
  readonly encoder: readonly Dense[];
  readonly bottleneck: readonly Dense[];
  readonly decoder: readonly Dense[];
  readonly layout: ParameterLayout;

  /**
   * The layers of a configuration.
   * @throws UsageError unless `layers` are at least two whole numbers from 1
   */
  constructor(config: AutoencoderConfig) {
    refuseUnknownKeys(config, KEYS, "configuration of an autoencoder");
    const { layers, activation, codeActivation, outputActivation } = config;
    if (layers.length < 2 || layers.some((size) => !Number.isSafeInteger(size) || size < 1)) {
      throw new UsageError(
        `layers must be at least two whole numbers from 1 (input, ..., code), such as 784,1000,500,250,30; got ${layers.join(",")}`,
      );
    }
    const code = layers.length - 1;
    const dense = (component: string, i: number, inputs: number, outputs: number, f: Activation): Dense => ({
      name: `${component}.${i}`,
      inputs,
      outputs,
      activation: f,
    });
    this.config = config;
    this.encoder = layers.slice(1, code).map((size, i) => dense("encoder", i, layers[i], size, activation));
    this.bottleneck = [dense("bottleneck", 0, layers[code - 1], layers[code], codeActivation)];
    this.decoder = layers
      .slice(0, code)
      .reverse()
      .map((size, i) => dense("decoder", i, layers[code - i], size, i === code - 1 ? outputActivation : activation));
    this.layout = new ParameterLayout(this.layers.flatMap(denseTensors));
  }

  /** All layers, from the input to the reconstruction. */
  get layers(): readonly Dense[] {
    return [...this.encoder, ...this.bottleneck, ...this.decoder];
  }

  /** Number of values of one image. */
  get inputSize(): number {
    return this.config.layers[0];
  }

  /** Number of values of one code. */
  get codeSize(): number {
    return this.config.layers[this.config.layers.length - 1];
  }

  /** `784-1000-500-250-30-250-500-1000-784` */
  get name(): string {
    return [this.inputSize, ...this.layers.map((layer) => layer.outputs)].join("-");
  }

  /** The flat vector of initial parameters: weights by the initialiser, biases zero. Equal seeds give equal vectors. */
  initialParameters(seed: number): Float32Array {
    const vector = new Float32Array(this.layout.length);
    for (const [i, layer] of this.layers.entries()) {
      const random = new Random(seed, PARAMETER_STREAM, i);
      const weights = initialWeights(this.config.initialiser, layer.inputs, layer.outputs, random);
      this.layout.part(vector, `${layer.name}.weight`).set(weights);
    }
    return vector;
  }
}

/** Keeps the random numbers of initial weights apart from those of other uses of one seed. */
const PARAMETER_STREAM = 0x77656967;
