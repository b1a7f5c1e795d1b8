/** Remarks about settings that are valid but rarely meant. */
import { type AskedChoice, optionsOf } from "../../choice.js";
import { updateRules } from "../../program/op.js";
import type { TrainingConfig, TrainingOptions } from "./config.js";

/** Settings of update rules, with the names that rules have for them. */
const HYPERPARAMETERS = { momentum: "mu", rho: "rho", beta1: "beta1", beta2: "beta2", epsilon: "epsilon" } as const;

/** Settings that were given and that the optimizer does not use. */
export function optimizerRemarks(config: Pick<TrainingConfig, "optimizer" | keyof typeof HYPERPARAMETERS>): string[] {
  const { defaults } = updateRules.get(config.optimizer);
  return Object.entries(HYPERPARAMETERS).flatMap(([key, name]) => {
    const isGiven = config[key as keyof typeof HYPERPARAMETERS] !== undefined;
    return isGiven && !(name in defaults)
      ? [`${key} has no effect: optimizer ${config.optimizer} does not use it`]
      : [];
  });
}

/** Of the run's own steps. */
const OF_STEPS = ["lr", "optimizer", "schedule"] as const;

/** Undefined for a module. */
function nameOf(choice: AskedChoice): string | undefined {
  if (typeof choice === "string") return choice;
  return "name" in choice ? choice.name : undefined;
}

/** @param given settings that the user gave. Servers of downpour step by Adagrad; parts that fetch at every step make none. */
export function downpourRemarks(given: TrainingOptions): string[] {
  const { strategy } = given;
  if (strategy === undefined || nameOf(strategy) !== "downpour") return [];
  const { push = 1, fetch = push } = optionsOf(strategy);
  if (fetch !== 1) return [];
  return OF_STEPS.filter((key) => given[key] !== undefined).map(
    (key) =>
      `${key} has no effect: the servers of strategy downpour step by Adagrad: give their rate, downpour:lr=0.02`,
  );
}

/** @param layers input, hidden and code sizes */
export function layerRemarks(layers: readonly number[]): string[] {
  const least = Math.min(...layers);
  const code = layers[layers.length - 1];
  if (code > least && layers[0] > least) {
    const narrowing = layers.slice(0, layers.indexOf(least) + 1);
    return [
      `layers ${layers} grow again after ${least}, and the decoder mirrors them all: for a code of ${least} give ${narrowing}`,
    ];
  }
  if (code >= layers[0]) {
    return [`a code of ${code} for ${layers[0]} values compresses nothing: the network can learn to copy`];
  }
  return [];
}
