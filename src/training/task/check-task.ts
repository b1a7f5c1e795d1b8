/** Which settings of a task go together. Everything else is refused, with the reason and the nearest that can be. */
import { UsageError } from "../../error.js";
import type { TrainingOptions } from "../config/config.js";
import { parseNoise, parseSparsity } from "../config/task-words.js";

/** Settings that only autoencoders have. */
const OF_AUTOENCODERS = ["denoise", "tied", "variational", "sparse", "codeActivation", "outputActivation"] as const;

/** @param options as they were given. @throws UsageError for what cannot be together, whatever the data are */
export function checkTask(options: TrainingOptions): void {
  const { task = "autoencoder", model, precision } = options;
  if (model !== undefined) checkOwn(options);
  else if (task === "autoencoder") checkAutoencoder(options);
  else checkSupervised(task, options);
  const isMore =
    model !== undefined || task !== "autoencoder" || given(options, OF_AUTOENCODERS.slice(0, 4)).length > 0;
  if (isMore && precision === "f16") {
    throw new UsageError("precision f16 needs a loss scale, which only plain autoencoders have: use bf16 or f32");
  }
}

/** @param pipeline whether the model is cut in stages */
export function checkStages(options: TrainingOptions, pipeline: boolean): void {
  const { task = "autoencoder", model } = options;
  const [found] = given(options, ["denoise", "tied", "variational", "sparse"]);
  const what = model === undefined ? (found ?? (task === "autoencoder" ? undefined : `task ${task}`)) : "model";
  if (!pipeline || what === undefined) return;
  throw new UsageError(`a pipeline cuts plain autoencoders only, not ${what}: take --workers instead of --pipeline`);
}

/** @param command which measures reconstructions. @throws UsageError for what is, in use, no autoencoder */
export function refuseModels(
  command: string,
  { task = "autoencoder", model }: Pick<TrainingOptions, "task" | "model">,
): void {
  if (task === "autoencoder" && model === undefined) return;
  const what = model === undefined ? `task ${task}` : "model";
  throw new UsageError(
    `${command} goes by the error of reconstructions, which ${what} has not: run train for each of them`,
  );
}

function checkOwn(options: TrainingOptions): void {
  const [found] = given(options, [
    ...OF_AUTOENCODERS,
    "task",
    "layers",
    "loss",
    "activation",
    "initialiser",
    "initial",
  ]);
  if (found === undefined) return;
  throw new UsageError(
    `${found} is for the networks of the library, and model names a module, which says that itself: leave ${found} out, or give it as an option of the module, as in ./mine.js:width=64`,
  );
}

function checkSupervised(task: string, options: TrainingOptions): void {
  const [found] = given(options, OF_AUTOENCODERS);
  if (found !== undefined) {
    throw new UsageError(
      `${found} is for autoencoders, and task is ${task}: leave ${found} out, or write a model of your own (--model)`,
    );
  }
  if (options.loss === undefined) return;
  const own = task === "classify" ? "cross-entropy" : "squared error";
  throw new UsageError(`task ${task} has the loss ${own}: leave loss out, or write a model of your own (--model)`);
}

function checkAutoencoder(options: TrainingOptions): void {
  const { denoise, tied, variational, sparse, codeActivation } = options;
  if (denoise !== undefined) parseNoise(denoise);
  const sparsity = sparse === undefined ? undefined : parseSparsity(sparse);
  const isVariational = variational !== undefined && variational !== false;
  if (isVariational && tied) {
    throw new UsageError(
      "tied shares the weight of the code's layer with the decoder, and a variational code has two layers, of means and of variances: leave tied out",
    );
  }
  if (isVariational && sparsity) {
    throw new UsageError(
      "variational draws the code towards a normal distribution, and sparse towards zero: leave one out (denoise goes with either)",
    );
  }
  if (isVariational && codeActivation !== undefined && codeActivation !== "linear") {
    throw new UsageError(
      `a variational code is drawn from a normal distribution, not made by ${codeActivation}: leave codeActivation out`,
    );
  }
  if (sparsity?.kind === "kl" && codeActivation !== undefined && codeActivation !== "sigmoid") {
    throw new UsageError(
      `sparse kl takes activations as probabilities, and codeActivation ${codeActivation} gives others: leave it out, or use sparse l1`,
    );
  }
}

function given<K extends keyof TrainingOptions>(options: TrainingOptions, keys: readonly K[]): K[] {
  return keys.filter((key) => options[key] !== undefined && options[key] !== false);
}
