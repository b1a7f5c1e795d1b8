/** Measures what a task has learned so far, on the device that learns it. */
import type { Dataset } from "../../data/dataset.js";
import type { Device, DeviceBuffer } from "../../device/device.js";
import { type Evaluation, evaluateBoth, evaluatedRows } from "../evaluate.js";
import { ModelEvaluation } from "../fit/model-evaluation.js";
import type { Task } from "./task.js";
import { checkedSplit } from "./task-data.js";

type Data = Pick<Dataset, "train" | "test">;

/** Rows that lie on a device, and the vectors of a model there. */
export class TaskEvaluation implements Disposable {
  readonly #run: (learned: Float32Array) => Promise<Evaluation>;
  readonly #owned: readonly { destroy(): void }[];

  /** @param dataset with the targets of the task */
  static async open(device: Device, task: Task, dataset: Data): Promise<TaskEvaluation> {
    const data = { train: evaluatedRows(dataset), test: dataset.test };
    return task.plain ? ofAutoencoder(device, task.plain, data) : ofModel(device, task, data);
  }

  constructor(run: TaskEvaluation["run"], owned: readonly { destroy(): void }[]) {
    this.#run = run;
    this.#owned = owned;
  }

  /** @param learned the flat vector */
  run(learned: Float32Array): Promise<Evaluation> {
    return this.#run(learned);
  }

  [Symbol.dispose](): void {
    for (const one of this.#owned) one.destroy();
  }
}

function ofAutoencoder(device: Device, plain: NonNullable<Task["plain"]>, data: Data): TaskEvaluation {
  const parameters = device.createBuffer("f32", plain.model.layout.length, "parameters");
  const run = (learned: Float32Array): Promise<Evaluation> => {
    parameters.write(plain.parameters(learned));
    return evaluateBoth(device, plain.model, data, parameters);
  };
  return new TaskEvaluation(run, [parameters]);
}

async function ofModel(device: Device, task: Task, { train, test }: Data): Promise<TaskEvaluation> {
  const { learned, parameters: length } = task.flat;
  const vectors = vectorsOf(device, task);
  const owned: { destroy(): void }[] = Object.values(vectors);
  const open = async (split: Data["train"]): Promise<ModelEvaluation> => {
    const evaluation = await ModelEvaluation.open(device, learned, checkedSplit(split, task), vectors);
    owned.unshift({ destroy: () => evaluation[Symbol.dispose]() });
    return evaluation;
  };
  try {
    const [ofTest, ofTrain] = [await open(test), await open(train)];
    const run = async (vector: Float32Array): Promise<Evaluation> => {
      vectors.parameters.write(vector.subarray(0, length));
      if (vector.length > length) vectors.state.write(vector.subarray(length));
      return { test: await ofTest.run(), train: await ofTrain.run() };
    };
    return new TaskEvaluation(run, owned);
  } catch (error) {
    for (const one of owned) one.destroy();
    throw error;
  }
}

/** Room for the vectors of a model, as its evaluations and its predictions take them. */
export function vectorsOf(
  device: Device,
  { flat: { parameters, statistics } }: Pick<Task, "flat">,
): { readonly parameters: DeviceBuffer<"f32">; readonly state: DeviceBuffer<"f32"> } {
  return {
    parameters: device.createBuffer("f32", parameters, "parameters"),
    state: device.createBuffer("f32", Math.max(1, statistics), "state"),
  };
}
