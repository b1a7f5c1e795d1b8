/** Every setting of a run, for display: given values and defaults. */
import { choiceText } from "../../choice.js";
import { Autoencoder } from "../../model/autoencoder.js";
import type { Network } from "../../model/network.js";
import { updateRule } from "../../optimizer/optimizer.js";
import { type PrivacyBound, privacyText } from "../event.js";
import { optimizerFromConfig, scheduleFromConfig } from "../from-config.js";
import type { TrainingConfig } from "./config.js";
import { SYNCHRONOUS, UNCOMPRESSED } from "./strategy-choice.js";

export type Settings = Readonly<Record<string, string | number | boolean | readonly number[]>>;

/** Settings without a default: how the data was read, and where the weights came from. */
const WHERE_GIVEN = ["scale", "standardise", "shape", "label", "initial"] as const;

/** @param run steps of the whole run, and number of training images */
export function settingsOf(
  config: TrainingConfig,
  network: Network,
  run: { readonly steps: number; readonly images: number; readonly privacy?: PrivacyBound },
): Settings {
  const { dataset, limit, augment, clip, precision, arithmetic, batch, parts, seed } = config;
  const { evaluateEvery = 1, checkpointEvery = 1, keep } = config;
  return {
    dataset,
    ...(limit !== undefined && { limit }),
    ...Object.fromEntries(WHERE_GIVEN.flatMap((key) => (config[key] === undefined ? [] : [[key, config[key]]]))),
    ...(config.columns !== undefined && { columns: "in standard deviations from their means" }),
    augment,
    ...networkSettings(config, network),
    ...optimizerSettings(config),
    ...scheduleSettings(config),
    ...(clip !== undefined && { clip }),
    ...{ precision, arithmetic, batch, parts },
    strategy: choiceText(config.strategy ?? SYNCHRONOUS),
    ...(run.privacy && { privacy: privacyText(run.privacy) }),
    compress: choiceText(config.compress ?? UNCOMPRESSED),
    epochs: config.epochs ?? (run.steps * batch) / run.images,
    steps: run.steps,
    ...{ seed, evaluateEvery, checkpointEvery, keep },
  };
}

/** What is learned. */
function networkSettings(config: TrainingConfig, network: Network): Settings {
  const { task = "autoencoder", model, denoise, tied, variational, sparse, initialiser, loss } = config;
  if (model !== undefined) return { model: choiceText(model) };
  if (task !== "autoencoder") {
    const { layers = [], activation } = config;
    return { task, layers, activation, initialiser };
  }
  const { layers, activation, codeActivation, outputActivation } =
    network instanceof Autoencoder ? network.config : config;
  const additions = Object.entries({ denoise, tied, variational, sparse }).filter(
    (entry): entry is [string, string | number | boolean] => entry[1] !== undefined,
  );
  return {
    ...Object.fromEntries(additions),
    ...{ layers: layers ?? [], activation, codeActivation },
    ...(outputActivation && { outputActivation }),
    ...{ initialiser, loss },
  };
}

/** The settings that the optimizer's rule uses. */
function optimizerSettings(config: TrainingConfig): Settings {
  const { name, learningRate: lr, ...rest } = optimizerFromConfig(config);
  const { name: optimizer, ...used } = updateRule({ name, learningRate: lr, ...rest });
  const keys = Object.entries(used).map(([key, value]) => [key === "mu" ? "momentum" : key, value]);
  return { optimizer, lr, ...Object.fromEntries(keys) };
}

function scheduleSettings(config: TrainingConfig): Settings {
  const { name: schedule, warmup, every: decayEvery, factor: decayFactor, floor: lrFloor } = scheduleFromConfig(config);
  return {
    ...{ schedule, warmup },
    ...(schedule === "step" && { decayEvery, decayFactor }),
    ...((schedule === "cosine" || schedule === "linear") && { lrFloor }),
  };
}
