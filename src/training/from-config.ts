/**
 * Model, optimizer and schedule of a configuration. Apart from the schema that checks configurations: workers get a
 * checked one, and start sooner without the schema.
 */
import { UsageError } from "../error.js";
import { Autoencoder } from "../model/autoencoder.js";
import { defaultOptimizer, type OptimizerConfig } from "../optimizer/optimizer.js";
import { rateFactor, type Schedule } from "../optimizer/schedule.js";
import type { Activation } from "../program/op.js";
import type { TrainingConfig } from "./config/config.js";
import { defaultHidden } from "./config/defaults.js";

/** The model of a configuration, for data of `features` values an image. */
export function modelFromConfig(config: TrainingConfig, features: number): Autoencoder {
  const layers = config.layers ?? [features, ...defaultHidden(features)];
  if (layers[0] !== features) {
    throw new UsageError(
      `layers begin with ${layers[0]}, but each row of ${config.dataset} has ${features} values: begin with ${features}`,
    );
  }
  return new Autoencoder({
    layers,
    activation: config.activation,
    codeActivation: config.codeActivation,
    outputActivation: outputFromConfig(config),
    initialiser: config.initialiser,
  });
}

export function outputFromConfig({ loss, outputActivation }: TrainingConfig): Activation {
  return outputActivation ?? (loss === "bce" ? "sigmoid" : "linear");
}

export function optimizerFromConfig(config: TrainingConfig): OptimizerConfig {
  const defaults = defaultOptimizer(config.optimizer);
  return {
    name: config.optimizer,
    learningRate: config.lr ?? defaults.learningRate,
    weightDecay: config.weightDecay ?? defaults.weightDecay,
    mu: config.momentum ?? defaults.mu,
    rho: config.rho ?? defaults.rho,
    beta1: config.beta1 ?? defaults.beta1,
    beta2: config.beta2 ?? defaults.beta2,
    epsilon: config.epsilon ?? defaults.epsilon,
  };
}

/** The learning rate at `step`, from 0, of a run of `steps`. */
export function learningRate(config: TrainingConfig, steps: number, step: number): number {
  return optimizerFromConfig(config).learningRate * rateFactor(scheduleFromConfig(config), step, steps);
}

export function scheduleFromConfig(config: TrainingConfig): Schedule {
  return {
    name: config.schedule,
    warmup: config.warmup,
    every: config.decayEvery,
    factor: config.decayFactor,
    floor: config.lrFloor,
  };
}
