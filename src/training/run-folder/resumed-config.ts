/** The configuration of a resumed run: the saved one, with the changes that are permitted. */
import { type Choice, choiceText } from "../../choice.js";
import { brief, oneLine, UsageError } from "../../error.js";
import { CONFIG_KEYS, completed, layerOptions, type TrainingConfig, type TrainingOptions } from "../config/config.js";
import { SYNCHRONOUS, UNCOMPRESSED } from "../config/strategy-choice.js";
import { optimizerFromConfig, outputFromConfig } from "../from-config.js";

/**
 * Keys that a resumed run may change: its length, its reports and the location of its data, not what it computes. A
 * digest checks that the data is the same. The arithmetic changes last bits; the run records that.
 */
const RESUMABLE: readonly (keyof TrainingConfig)[] = [
  "dataset",
  "epochs",
  "steps",
  "evaluateEvery",
  "checkpointEvery",
  "keep",
  "arithmetic",
];

/**
 * The saved configuration, with the length and reporting keys of `given` on top.
 * @throws UsageError when `given` changes another key
 */
export function resumedConfig(saved: TrainingConfig, given: TrainingOptions): TrainingConfig {
  const meant = withDefaults(saved);
  const changes: Record<string, unknown> = {};
  for (const key of CONFIG_KEYS) {
    const value = given[key];
    if (value === undefined || JSON.stringify(value) === JSON.stringify(meant[key])) continue;
    if (!RESUMABLE.includes(key)) {
      throw new UsageError(
        `cannot resume: the checkpoint was trained ${trainedWith(key, meant[key])}, got ${shown(key, value)}: leave it out, or start anew in another folder`,
      );
    }
    changes[key] = value;
  }
  return completed(layerOptions(saved, changes));
}

const trainedWith = (key: string, value: unknown): string =>
  value === undefined ? `without ${key}` : `with ${key} ${shown(key, value)}`;

/** A choice as it is written on the command line. */
const shown = (key: string, value: unknown): string =>
  CHOICES.includes(key) ? oneLine(choiceText(value as Choice)) : brief(value);

const CHOICES = ["strategy", "compress"];

/** Defaults filled in, so that asking for a default value is no change. */
function withDefaults(config: TrainingConfig): TrainingConfig {
  const { learningRate: lr, mu: momentum, ...optimizer } = optimizerFromConfig(config);
  const { weightDecay, rho, beta1, beta2, epsilon } = optimizer;
  const outputActivation = outputFromConfig(config);
  const { strategy = SYNCHRONOUS, compress = UNCOMPRESSED } = config;
  return { ...config, strategy, compress, lr, momentum, weightDecay, rho, beta1, beta2, epsilon, outputActivation };
}
