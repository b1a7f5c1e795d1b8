/**
 * What a configuration trains where that is more than a plain autoencoder: an autoencoder with additions, a classifier, a regression,
 * or a model of a user's own. All are a model and a loss as functions, over one flat vector.
 */
import { type Choice, choiceText } from "../../choice.js";
import { DawnpourError, UsageError } from "../../error.js";
import type { Autoencoder } from "../../model/autoencoder.js";
import { type FlatModel, flatModel, initialFlat } from "../../model/flat-model.js";
import { learnedModel } from "../../model/learned.js";
import type { ModelLoss } from "../../model/losses/loss.js";
import type { Network } from "../../model/network.js";
import type { Layer } from "../../model/scope.js";
import { updateRule } from "../../optimizer/optimizer.js";
import { chain, clipByNorm, schedule } from "../../optimizer/optimizers.js";
import { rateFactor } from "../../optimizer/schedule.js";
import type { Optimizer } from "../../optimizer/transform.js";
import type { TrainingConfig } from "../config/config.js";
import { modelFromConfig, optimizerFromConfig, scheduleFromConfig } from "../from-config.js";
import { autoencoderTask, hasAdditions, plainParameters } from "./autoencoder-task.js";
import { type ModelFactory, makeOwnModel, type TARGETS } from "./own-model.js";
import { classifier, regression } from "./perceptron-task.js";

/** What a run trains, besides plain autoencoders. */
export interface Task {
  readonly flat: FlatModel;
  readonly network: Network;
  readonly optimizer: Optimizer;
  /** Whether the module of a model brings it: the configuration then has no say in rates. */
  readonly hasOwnOptimizer: boolean;
  readonly target: (typeof TARGETS)[number];
  /** Of the classes by number, where they have names. */
  readonly classNames?: readonly string[];
  /** What is learned in use, where that is a plain autoencoder. */
  readonly plain?: { readonly model: Autoencoder; parameters(learned: Float32Array): Float32Array };
}

type Asked = Pick<TrainingConfig, "task" | "model" | "denoise" | "tied" | "variational" | "sparse">;

/** Whether a configuration trains a plain autoencoder. */
export const isPlain = (config: Asked): boolean =>
  (config.task ?? "autoencoder") === "autoencoder" && config.model === undefined && !hasAdditions(config);

/** The first key by which a configuration trains more than a plain autoencoder, with its value; undefined where none does. */
export function notPlain(config: Asked): string | undefined {
  const { task, model, denoise, tied, variational, sparse } = config;
  const one = Object.entries({ model, task, denoise, tied, variational, sparse }).find(
    ([key, value]) => !isPlain({ [key]: value }),
  );
  return one && `${one[0]} ${one[0] === "model" ? choiceText(one[1] as Choice) : one[1]}`;
}

/** Whether what a configuration trains is, in use, an autoencoder. */
export const isAutoencoder = ({ task = "autoencoder", model }: Pick<Asked, "task" | "model">): boolean =>
  task === "autoencoder" && model === undefined;

/** What is learned of each row, and from which part of the data. */
interface Parts {
  readonly name: string;
  readonly model: Layer;
  readonly loss: ModelLoss;
  readonly target: Task["target"];
  readonly optimizer?: Optimizer;
  readonly plain?: Autoencoder;
}

/**
 * The task of a configuration; undefined for a plain autoencoder.
 * @param own what the module of the configuration exports
 */
export function taskOf(config: TrainingConfig, features: number, own?: ModelFactory): Task | undefined {
  return isPlain(config) ? undefined : anyTask(config, features, own);
}

/** The same for a plain autoencoder as well. */
export function anyTask(config: TrainingConfig, features: number, own?: ModelFactory): Task {
  const parts = partsOf(config, features, own);
  const { model, loss, target } = parts;
  const targets = { input: features, labels: 1, targets: config.rowFacts?.numbers ?? 1 }[target];
  const learned = learnedModel({ model, loss, features, targets, precision: config.precision });
  const flat = flatModel(learned);
  const { plain } = parts;
  return {
    flat,
    network: {
      name: parts.name,
      layout: flat.layout,
      config: plain?.config ?? { layers: config.layers },
      initialParameters: (seed) => initialFlat(flat, seed),
    },
    optimizer: parts.optimizer ?? chainFromConfig(config),
    hasOwnOptimizer: parts.optimizer !== undefined,
    target,
    classNames: config.rowFacts?.classNames,
    ...(plain && { plain: { model: plain, parameters: (vector) => plainParameters(plain, flat, vector) } }),
  };
}

function partsOf(config: TrainingConfig, features: number, own: ModelFactory | undefined): Parts {
  const { task = "autoencoder", model: choice, rowFacts: facts } = config;
  if (choice !== undefined) {
    if (!own) throw new DawnpourError("the module of a model was not loaded before the model is made");
    const rows = { features, classes: facts?.classes, targets: facts?.numbers };
    return { name: choiceText(choice), ...makeOwnModel(own, choice, rows) };
  }
  if (task === "autoencoder") {
    const plain = modelFromConfig(config, features);
    return { name: plain.name, ...autoencoderTask(plain, config), target: "input", plain };
  }
  const layers = checkedLayers(config, features);
  const shape = { ...config, layers };
  const name = layers.join("-");
  if (task === "classify") return { name, ...classifier(shape), target: "labels" };
  const { mean = 0, deviation = 1 } = facts ?? {};
  return { name, ...regression(shape, { mean, deviation }), target: "targets" };
}

/** The sizes of a network whose ends the data decide. */
function checkedLayers(
  { layers, task, dataset, rowFacts: facts }: TrainingConfig,
  features: number,
): readonly number[] {
  if (!layers) throw new DawnpourError(`the sizes of the layers are settled before a network for ${task} is made`);
  const last = task === "classify" ? facts?.classes : facts?.numbers;
  const what = task === "classify" ? "classes" : "numbers for each row";
  if (layers[0] !== features) {
    throw new UsageError(
      `layers begin with ${layers[0]}, but each row of ${dataset} has ${features} values: begin with ${features}`,
    );
  }
  const end = layers[layers.length - 1];
  if (last !== undefined && (task === "classify" ? end < last : end !== last)) {
    throw new UsageError(`layers end with ${end}, but ${dataset} has ${last} ${what}: end with ${last}`);
  }
  return layers;
}

/** The optimizer of a configuration as a chain. */
function chainFromConfig(config: TrainingConfig): Optimizer {
  const named = optimizerFromConfig(config);
  const factor = scheduleFromConfig(config);
  return chain(
    ...(config.clip === undefined ? [] : [clipByNorm(config.clip)]),
    schedule(({ step, total }) => rateFactor(factor, step, total)),
    { links: [{ rule: updateRule(named), learningRate: named.learningRate }] },
  );
}
