/** Tasks from their options to a model in use: they learn, go on from a checkpoint with the same bits, and are read again. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openCheckpoint } from "../../../src/checkpoint/open.js";
import { digitsDataset } from "../../../src/data/digits/dataset.js";
import type { RowsInMemory } from "../../../src/data/in-memory.js";
import { loadDataset } from "../../../src/data/load.js";
import type { Device } from "../../../src/device/device.js";
import { openDevice } from "../../../src/device/open.js";
import type { TrainOptions, TrainPlace } from "../../../src/request.js";
import { type ModelTrainResult, type TrainResult, train } from "../../../src/train.js";
import type { RunEvent } from "../../../src/training/event.js";
import { measureModel } from "../../../src/training/model-measures.js";
import type { Task } from "../../../src/training/task/task.js";
import { splitWithTargets } from "../../../src/training/task/task-data.js";
import { TrainedAutoencoder } from "../../../src/training/trained.js";
import { TrainedModel } from "../../../src/training/trained-model.js";
import { SimulatedWorld } from "../../../src/world/simulated/world.js";

let device: Device;
beforeAll(async () => {
  device = await openDevice({ device: "cpu", threads: 1 });
});
afterAll(() => device.destroy());

/** Points on a plane, by the ring on which they lie, and their distance from the middle in other units. */
function rings(count: number): RowsInMemory {
  const rows = (seed: number) => {
    const labels = Uint8Array.from({ length: count }, (_, i) => i % 3);
    const values = Float32Array.from({ length: 2 * count }, (_, k) => {
      const i = Math.floor(k / 2);
      return (1 + labels[i]) * (k % 2 === 0 ? Math.cos(2.39996 * i + seed) : Math.sin(2.39996 * i + seed));
    });
    return { labels, values, targets: Float32Array.from(labels, (label) => 5000 + 700 * label) };
  };
  const [train, test] = [rows(0), rows(1)];
  return {
    ...{ name: "rings", features: 2, train: train.values, test: test.values },
    ...{ trainLabels: train.labels, testLabels: test.labels, trainTargets: train.targets, testTargets: test.targets },
  };
}

type Go = (options: TrainOptions, place?: TrainPlace) => Promise<TrainResult | ModelTrainResult>;

const at = (world = new SimulatedWorld()): { readonly world: SimulatedWorld; readonly go: Go } => ({
  world,
  go: (options, place) => train(options, { device, world, out: "/run", pca: false, ...place }),
});

const RINGS = { dataset: rings(90), batch: 15, lr: 0.02, activation: "tanh" } as const;
const CLASSIFIER = { ...RINGS, task: "classify" as const, layers: [2, 24, 3], epochs: 80 } satisfies TrainOptions;

describe("a classifier", () => {
  it("learns the labels, and is read from its folder again", async () => {
    const { world, go } = at();
    const events: string[] = [];
    const { measures, trained, folder, model } = (await go(CLASSIFIER, {
      observer: ({ event }) => events.push(event),
    })) as ModelTrainResult;
    expect(model.name).toBe("2-24-3");
    expect(measures?.test.accuracy).toBeGreaterThan(0.95);
    const counts = measures?.confusion?.counts ?? [];
    expect(counts.map((row) => row.reduce((sum, n) => sum + n, 0))).toEqual([30, 30, 30]);
    const right = counts.reduce((sum, row, i) => sum + row[i], 0) / 90;
    expect(right).toBeCloseTo(measures?.test.accuracy ?? 0, 5);
    expect(events).toContain("metrics");
    const report = new TextDecoder().decode(await world.disk.read(`${folder.path}/report.html`));
    for (const text of ["Classifier of rings", "Confusion matrix", "Share of right classes"])
      expect(report).toContain(text);
    using again = await TrainedModel.load(world, device, "/run");
    const x = Float32Array.of(1, 0, 0, 2, -3, 0);
    expect(await again.predict(x)).toEqual(await trained.predict(x));
    const asAutoencoder = TrainedAutoencoder.load(world, device, "/run");
    await expect(asAutoencoder).rejects.toThrow(/is no autoencoder, but of task classify: it can be evaluated/);
  });

  it("goes on from a checkpoint with the bits of the run that was not stopped", async () => {
    const options = { ...CLASSIFIER, epochs: 4, schedule: "constant" } as const;
    const whole = await at().go({ ...options, epochs: 8 });
    const { go } = at();
    await go(options);
    const resumed = await go({ epochs: 8, dataset: RINGS.dataset }, { resume: true });
    expect(resumed.parametersSha256).toBe(whole.parametersSha256);
    await expect(go({ task: "regress", dataset: RINGS.dataset }, { resume: true })).rejects.toThrow(
      /trained with task "classify", got "regress"/,
    );
  });

  it("takes its sizes from the data, and standardises columns of a table", async () => {
    const dataset = { ...RINGS.dataset, train: RINGS.dataset.train.map((value) => 100 * value + 7) as Float32Array };
    const { test: _, testLabels: __, testTargets: ___, ...rows } = dataset;
    const { config, trained } = (await at().go({ dataset: rows, task: "classify", epochs: 1 })) as ModelTrainResult;
    expect([config.layers, config.columns !== undefined]).toEqual([[2, 256, 128, 3], true]);
    expect(trained.sizes).toEqual({ features: 2, outputs: 3 });
  });
});

it("a regression learns numbers in their units", async () => {
  const { measures, trained } = (await at().go({ ...RINGS, task: "regress", epochs: 120 })) as ModelTrainResult;
  expect(measures?.test.r2).toBeGreaterThan(0.9);
  expect(measures?.test.rmse).toBeLessThan(200);
  const [near, far] = await trained.predict(Float32Array.of(0, 1, 0, -3));
  expect(Math.abs(near - 5000)).toBeLessThan(400);
  expect(Math.abs(far - 6400)).toBeLessThan(400);
});

it("a column of numbers in a table is what a regression learns", async () => {
  const { world, go } = at();
  const lines = Array.from({ length: 200 }, (_, i) => {
    const [a, b] = [Math.sin(i), Math.cos(3 * i)];
    return `${a.toFixed(4)},${b.toFixed(4)},${(1000.5 + 300 * a - 200 * b).toFixed(2)}`;
  });
  await world.disk.write("/houses.csv", [new TextEncoder().encode(`a,b,price\n${lines.join("\n")}\n`)]);
  const options = { dataset: "/houses.csv", label: "price", layers: [2, 16, 1], lr: 0.01, epochs: 40 };
  const { measures } = (await go({ ...options, task: "regress" })) as ModelTrainResult;
  expect(measures?.test.r2).toBeGreaterThan(0.9);
  await expect(go({ ...options, task: "classify", layers: undefined }, { out: "/b" })).rejects.toThrow(
    /different labels in 180 rows, too many for classes: learn them as numbers with --task regress/,
  );
});

it("goes on with the labels that it was trained on only", async () => {
  const { go } = at();
  await go({ ...CLASSIFIER, epochs: 1 });
  const others = { ...RINGS.dataset, trainLabels: RINGS.dataset.trainLabels?.slice().reverse() as Uint8Array };
  await expect(go({ epochs: 2, dataset: others }, { resume: true })).rejects.toThrow(/but their labels differ: name/);
  await go({ epochs: 2, dataset: RINGS.dataset }, { resume: true });
});

describe("labels of a regression", () => {
  const lines = (label: (i: number) => string): Uint8Array[] => {
    const rows = Array.from({ length: 40 }, (_, i) => `${i % 7},${i % 3},${label(i)}`);
    return [new TextEncoder().encode(`a,b,price\n${rows.join("\n")}\n`)];
  };

  it.each([
    [
      "an empty cell",
      5,
      "",
      /^\/p.csv: row 5, column "price" is empty, and task regress learns a number for each row: fill it in, or/,
    ],
    ["a word in the rows held out", 38, "unknown", /^\/p.csv: row 38, column "price" is "unknown", and task regress/],
  ])("%s is named", async (_, at40, word, message) => {
    for (const number of [(i: number) => String(i), (i: number) => (i + 0.5).toFixed(2)]) {
      const { world, go } = at();
      await world.disk.write(
        "/p.csv",
        lines((i) => (i === at40 ? word : number(i))),
      );
      await expect(go({ dataset: "/p.csv", label: "price", task: "regress" })).rejects.toThrow(message);
    }
  });
});

describe("classes", () => {
  const csv = (kinds: readonly string[]): Uint8Array[] => {
    const lines = Array.from({ length: 90 }, (_, i) => {
      const kind = kinds[i % kinds.length];
      const place = ["cat", "dog", "emu"].indexOf(kind);
      return `${(place + 0.1 * Math.sin(i)).toFixed(3)},${(0.1 * Math.cos(i)).toFixed(3)},${kind}`;
    });
    return [new TextEncoder().encode(`a,b,kind\n${lines.join("\n")}\n`)];
  };

  it.each([5, 85])("are there for each row, or the row is named: %d", async (row) => {
    const { world, go } = at();
    const [text] = csv(["cat", "dog", "emu"]);
    const lines = new TextDecoder().decode(text).split("\n");
    lines[row + 1] = lines[row + 1].replace(/[a-z]+$/, "");
    await world.disk.write("/gap.csv", [new TextEncoder().encode(lines.join("\n"))]);
    const options = { dataset: "/gap.csv", label: "kind" };
    const where = `/gap.csv: row ${row}, column "kind" is empty`;
    await expect(go({ ...options, task: "classify" })).rejects.toThrow(
      `${where}, and task classify learns a class for each row: fill it in, or leave such rows out`,
    );
    // An autoencoder needs no labels.
    const { measures } = (await go({ ...options, epochs: 1 }, { out: "/b" })) as TrainResult;
    expect(measures?.errors.test.sse).toBeGreaterThan(0);
  });

  it("are those that the network learned, whatever names other data have", async () => {
    const { world, go } = at();
    await world.disk.write("/all.csv", csv(["cat", "dog", "emu"]));
    await world.disk.write("/two.csv", csv(["dog", "emu"]));
    await world.disk.write("/odd.csv", csv(["cat", "yak"]));
    const options = { dataset: "/all.csv", label: "kind", task: "classify" as const, lr: 0.02 };
    const { config } = (await go({ ...options, layers: [2, 16, 3], batch: 9, epochs: 60 })) as ModelTrainResult;
    expect(config.rowFacts?.classNames).toEqual(["cat", "dog", "emu"]);
    using again = await TrainedModel.load(world, device, "/run");
    const measured = async (path: string) => measureModel(again, await loadDataset(path, { world, label: "kind" }));
    const { test, confusion } = await measured("/two.csv");
    expect(test.accuracy).toBeGreaterThan(0.95);
    expect(confusion?.names).toEqual(["cat", "dog", "emu"]);
    await expect(measured("/odd.csv")).rejects.toThrow(
      /the label of row 1 is "yak", and the network learned the classes "cat", "dog", "emu": leave/,
    );
    const resumed = go({ dataset: "/odd.csv", epochs: 61 }, { resume: true, otherData: true });
    await expect(resumed).rejects.toThrow(/is "yak", and the network learned the classes/);
  });

  it("that are large numbers, few of them, are refused", async () => {
    const { trainLabels, testLabels, ...rows } = RINGS.dataset;
    const zip = (labels?: Iterable<number>) => Int32Array.from(labels ?? [], (label) => 94105 + label);
    const dataset = { ...rows, trainLabels: zip(trainLabels), testLabels: zip(testLabels) };
    const { trainTargets: _, testTargets: __, ...bare } = dataset;
    await expect(at().go({ dataset: bare, task: "classify" })).rejects.toThrow(
      /^rings has 3 different labels, the largest 94107, .*number the classes from 0, write words/,
    );
  });

  it("that are many have no confusion matrix", async () => {
    const options = { ...CLASSIFIER, layers: [2, 4, 1100], epochs: 1 };
    const { measures } = (await at().go(options)) as ModelTrainResult;
    expect(measures?.confusion).toBeUndefined();
    expect(measures?.test.accuracy).toBeDefined();
  });

  it("of a model with a single output are refused with what to write instead", () => {
    const labels = Uint8Array.of(0, 1, 0, 1);
    const split = { images: new Float32Array(4), count: 4, features: 1, scale: 1, labels };
    const task = { target: "labels", flat: { learned: { outputs: 1 } }, network: { config: {} } } as unknown as Task;
    expect(() => splitWithTargets(split, task, "rows")).toThrow(
      /end the model with 2 outputs and the loss crossEntropy, or learn the labels as numbers with target: "targets"$/,
    );
  });
});

const DIGITS = { dataset: digitsDataset({ count: 120 }), layers: [784, 24, 6], batch: 20, lr: 0.01, epochs: 6 };

describe.each<[string, TrainOptions]>([
  ["denoising, by a mask", { denoise: "mask:0.25" }],
  ["denoising, by a Gaussian, of squared errors", { denoise: "gaussian:0.3", loss: "mse" }],
  ["tied", { tied: true }],
  ["variational", { variational: 0.5 }],
  ["sparse, by a divergence", { sparse: "kl:0.1:2" }],
  ["denoising, tied and sparse, in bf16", { denoise: "mask:0.1", tied: true, sparse: "l1:0.1", precision: "bf16" }],
])("an autoencoder that is %s", (_, additions) => {
  it("is used as a plain one, goes on with the same bits, and is read again", async () => {
    const options = { ...DIGITS, ...additions, schedule: "constant" } as const;
    const errors: number[] = [];
    const observer = (event: RunEvent) => event.event === "evaluation" && errors.push(event.test.sse);
    const whole = (await at().go({ ...options, epochs: 10 }, { observer })) as TrainResult;
    const { world, go } = at();
    await go(options);
    const resumed = (await go({ epochs: 10, dataset: DIGITS.dataset }, { resume: true })) as TrainResult;
    expect(resumed.parametersSha256).toBe(whole.parametersSha256);
    const first = whole.autoencoder;
    using again = await TrainedAutoencoder.load(world, device, "/run");
    const { test } = DIGITS.dataset;
    expect(await again.reconstruct(test)).toEqual(await first.reconstruct(test));
    expect((await again.encode(test)).length).toBe(6 * test.count);
    expect((await again.evaluate(test)).sse).toBeCloseTo(whole.measures?.errors.test.sse ?? 0, 4);
    expect(errors.at(-1)).toBeLessThan(0.8 * errors[0]);
    expect((await again.onnx()).length).toBeGreaterThan(1000);
    const { architecture } = await openCheckpoint(world, "/run");
    expect(architecture).toBe("784-24-6-24-784");
  });
});

describe("what cannot be is refused before data are read", () => {
  it.each<[TrainOptions, RegExp]>([
    [{ task: "clasify" as never }, /unknown task "clasify": did you mean "classify"/],
    [{ task: "classify", tied: true }, /^tied is for autoencoders, and task is classify: leave tied out/],
    [{ task: "regress", loss: "mse" }, /^task regress has the loss squared error: leave loss out/],
    [{ task: "classify", codeActivation: "tanh" }, /^codeActivation is for autoencoders/],
    [{ denoise: "gauss:1" }, /^unknown denoise "gauss": did you mean "gaussian"/],
    [{ denoise: "mask:1" }, /^denoise "mask:1": a share above 0 and below 1, as in mask:0.25$/],
    [{ denoise: "mask" }, /^denoise "mask": give mask:NUMBER$/],
    [{ sparse: "kl:2" }, /^sparse "kl:2": a mean activation between 0 and 1/],
    [{ sparse: "l1:1:2" }, /^sparse "l1:1:2": one weight above 0/],
    [{ sparse: "kl:0.1", codeActivation: "relu" }, /^sparse kl takes activations as probabilities.* or use sparse l1$/],
    [{ tied: true, variational: true }, /^tied shares the weight of the code's layer.*leave tied out$/],
    [{ sparse: "l1:1", variational: true }, /leave one out \(denoise goes with either\)$/],
    [
      { variational: true, codeActivation: "tanh" },
      /^a variational code is drawn from a normal distribution, not made by tanh/,
    ],
    [
      { tied: true, precision: "f16" },
      /^precision f16 needs a loss scale, which only plain autoencoders have: use bf16 or f32$/,
    ],
    [{ model: { module: "file:///nowhere.mjs" } }, /^model file:\/\/\/nowhere.mjs cannot be loaded/],
    [{ model: { module: "file:///nowhere.mjs" }, layers: [2, 3] }, /^layers is for the networks of the library/],
    [{ model: "mlp" }, /^unknown model "mlp".*or the path of a module, as in .\/mine.js$/],
  ])("%j", async (options, message) => {
    await expect(at().go({ dataset: "/nowhere", ...options })).rejects.toThrow(message);
  });

  it("a pipeline of it", async () => {
    const going = at().go({ dataset: "/nowhere", tied: true }, { device: "cpu", pipeline: true });
    await expect(going).rejects.toThrow(
      /^a pipeline cuts plain autoencoders only, not tied: take --workers instead of --pipeline$/,
    );
  });
});

describe("data without what a task learns are refused", () => {
  const { trainLabels, testLabels, trainTargets, testTargets, ...bare } = RINGS.dataset;
  it.each<[RowsInMemory, TrainOptions, RegExp]>([
    [
      bare,
      { task: "classify" },
      /^task classify needs a class for each row, and rings has none: give them as trainLabels of the data set$/,
    ],
    [
      bare,
      { task: "regress" },
      /^task regress needs a number for each row, and rings has none: give them as trainTargets of the data set$/,
    ],
    [{ ...bare, trainTargets, testTargets }, { task: "classify" }, /numbers that are not whole.*--task regress$/],
    [
      { ...bare, trainLabels, testLabels },
      { task: "classify", layers: [2, 2] },
      /^layers end with 2, but rings has 3 classes: end with 3$/,
    ],
    [
      { ...bare, trainTargets, testTargets },
      { task: "regress", layers: [2, 2] },
      /has 1 numbers for each row: end with 1$/,
    ],
    [
      { ...bare, trainLabels, testLabels: testLabels?.map((label) => label + 1) as Uint8Array },
      { task: "classify" },
      /has a label 3, and the network has 3 outputs/,
    ],
  ])("", async (dataset, options, message) => {
    await expect(at().go({ ...options, dataset })).rejects.toThrow(message);
  });
});
