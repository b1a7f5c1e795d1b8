/** Named configurations: complete runs whose results are published in the README and in bench/. */
import { unknownWord } from "../../error.js";
import type { TrainingOptions } from "./config.js";

const REFERENCE = {
  dataset: "mnist",
  layers: [784, 1000, 500, 250, 30],
  activation: "gelu",
  loss: "bce",
  optimizer: "adam",
  lr: 1e-3,
  schedule: "cosine",
  batch: 256,
} as const;

/** The presets by name. */
export const PRESETS = {
  /**
   * The deep autoencoder of Hinton & Salakhutdinov 2006 on MNIST, trained from random weights with later methods: GELU,
   * Glorot initialisation, Adam with cosine decay. `npm start` runs it.
   */
  hinton2006: { ...REFERENCE, epochs: 40, evaluateEvery: 2, checkpointEvery: 5 },
  /**
   * The same for longer. On the images alone the test error rises again after 70 epochs; with every image also moved by
   * a pixel, five times as many, it falls to the end. Its curve is in bench/README.md.
   */
  "hinton2006-long": { ...REFERENCE, augment: "shift", epochs: 110, evaluateEvery: 1, checkpointEvery: 10 },
  /** The smallest run with parameter servers: one server and two workers, in `PRESET_PLACES`. */
  "parameter-server": { ...REFERENCE, epochs: 10, evaluateEvery: 1, checkpointEvery: 5, strategy: "synchronous" },
} as const;

/** Workers and parameter servers that a preset has on the command line, where the user names none. */
export const PRESET_PLACES: Readonly<Record<string, { readonly workers: number; readonly servers: number }>> = {
  "parameter-server": { workers: 2, servers: 1 },
};

/**
 * The options of a preset.
 * @throws UsageError for an unknown name, with the near one
 * @example
 * ```ts
 * import { preset } from "dawnpour";
 *
 * const options = { ...preset("hinton2006"), epochs: 2 };
 * console.log(options.layers?.join("-")); // 784-1000-500-250-30
 * ```
 */
export function preset(name: string): TrainingOptions {
  if (!Object.hasOwn(PRESETS, name)) throw unknownWord("preset", name, Object.keys(PRESETS));
  const { layers, ...rest } = PRESETS[name as keyof typeof PRESETS];
  return { ...rest, layers: [...layers] };
}
