/** Models of one's own, fitted to rows in memory. */
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { Device, DeviceBuffer } from "../../../src/device/device.js";
import { openDevice } from "../../../src/device/open.js";
import { batchNorm, dense, dropout, gaussianSampler, sequential } from "../../../src/model/layers/layers.js";
import { crossEntropy, l2Penalty, type ModelLoss, mse, weighted } from "../../../src/model/losses/losses.js";
import type { Layer } from "../../../src/model/scope.js";
import { adam, chain, clipByNorm, schedule, sgd } from "../../../src/optimizer/optimizers.js";
import { plateau } from "../../../src/optimizer/rates.js";
import type { FitData } from "../../../src/training/fit/fit-data.js";
import { fit as fitModel } from "../../../src/training/fit/fit-in-node.js";
import type { FitOptions } from "../../../src/training/fit/fit-options.js";
import { disagreement } from "../../support/agreement.js";
import { describeEveryDevice } from "../../support/devices.js";

/** Points in a plane and on which of two rings they lie. */
function rings(count: number, seed: number): FitData & { readonly labels: Uint8Array } {
  const labels = Uint8Array.from({ length: count }, (_, i) => i % 2);
  const x = Float32Array.from({ length: 2 * count }, (_, k) => {
    const i = Math.floor(k / 2);
    const angle = 2.39996 * i + seed;
    return (1 + labels[i]) * (k % 2 === 0 ? Math.cos(angle) : Math.sin(angle));
  });
  return { x, features: 2, labels };
}

const TRAIN = rings(200, 0);
const TEST = rings(101, 1);

const classifier = () => sequential([dense(16, { activation: "tanh" }), dense(16, { activation: "tanh" }), dense(2)]);
const deep = () =>
  sequential([...Array.from({ length: 3 }, () => [dense(8), batchNorm(), dropout(0.1)]).flat(), dense(2)]);

let device: Device;
beforeAll(async () => {
  device = await openDevice({ device: "cpu" });
});
afterAll(() => device.destroy());

describe("fit", () => {
  it("learns a classifier, tells how it goes, and is used", async () => {
    const seen: number[] = [];
    const { model, history } = await fitModel(classifier(), crossEntropy(), TRAIN, {
      ...{ device, epochs: 40, batch: 32, validation: TEST, optimizer: adam({ learningRate: 0.01 }) },
      callbacks: [({ epoch }) => seen.push(epoch)],
    });
    expect(seen).toEqual(history.map(({ epoch }) => epoch));
    expect(history[0].train).toHaveProperty("crossEntropy");
    const { accuracy, loss } = await model.evaluate(TEST);
    expect(accuracy).toBeGreaterThan(0.98);
    const logits = await model.predict(TEST.x as Float32Array);
    const right = Array.from(TEST.labels, (label, i) => Number(logits[2 * i + label] >= logits[2 * i + 1 - label]));
    expect(right.reduce((sum, one) => sum + one, 0) / right.length).toBeCloseTo(accuracy, 5);
    expect(loss).toBeCloseTo(Math.min(...history.map(({ validation }) => validation?.loss ?? 0)), 5);
    expect((await model.tensors()).map(({ name, shape }) => [name, shape])).toEqual([
      ["dense.weight", [2, 16]],
      ["dense.bias", [16]],
      ["dense.2.weight", [16, 16]],
      ["dense.2.bias", [16]],
      ["dense.3.weight", [16, 2]],
      ["dense.3.bias", [2]],
    ]);
  });

  it("takes its rows in pieces, to the same bits as whole", async () => {
    const { x, labels } = TRAIN;
    async function* pieces(sizes: readonly number[]) {
      let at = 0;
      for (const size of sizes) {
        yield { x: x.slice(2 * at, 2 * (at + size)), features: 2, labels: labels.slice(at, at + size) };
        at += size;
      }
    }
    const options = { device, epochs: 2, batch: 50 };
    const whole = await (await fitModel(classifier(), crossEntropy(), TRAIN, options)).model.vectors();
    const given = await fitModel(classifier(), crossEntropy(), pieces([3, 97, 100]), options);
    expect(await given.model.vectors()).toEqual(whole);
    await expect(fitModel(classifier(), crossEntropy(), pieces([]), options)).rejects.toThrow(/iterator gave nothing/);
    async function* unlike() {
      yield { x, features: 2, labels };
      yield { x: Uint8Array.of(1, 2), features: 2, labels: Uint8Array.of(1) };
    }
    await expect(fitModel(classifier(), crossEntropy(), unlike(), options)).rejects.toThrow(
      /piece 1 has another x than/,
    );
  });

  it("gives the same bits again, and others for another seed", async () => {
    const run = async (seed: number) => {
      const { model } = await fitModel(deep(), crossEntropy(), TRAIN, { device, epochs: 2, batch: 50, parts: 3, seed });
      return model.vectors();
    };
    const first = await run(5);
    expect(await run(5)).toEqual(first);
    expect((await run(6)).parameters).not.toEqual(first.parameters);
    expect(first.state.some((value) => value !== 0 && value !== 1)).toBe(true);
  });

  it("adds up to the same for any number of parts, dropout included", async () => {
    const model = sequential([dense(8, { activation: "tanh" }), dropout(0.3), dense(2)]);
    const loss = weighted([1, crossEntropy()], [0.01, l2Penalty()]);
    const run = async (parts: number) =>
      (await (await fitModel(model, loss, TRAIN, { device, epochs: 2, batch: 50, parts })).model.vectors()).parameters;
    const whole = await run(1);
    for (const parts of [2, 3, 7]) expect(disagreement(await run(parts), whole, "tensor")).toBeUndefined();
  });

  it("has a row as its own target where there is no other: a variational autoencoder", async () => {
    const model = sequential([dense(8, { activation: "tanh" }), gaussianSampler(1, { weight: 0.01 }), dense(2)]);
    const { history } = await fitModel(
      model,
      mse(),
      { x: TRAIN.x, features: 2 },
      { device, epochs: 30, optimizer: adam({ learningRate: 0.01 }) },
    );
    const [first, last] = [history[0].train, history[29].train];
    expect(Object.keys(last)).toEqual(["loss", "kl", "mse"]);
    expect(last.loss).toBeCloseTo(last.mse + 0.01 * last.kl, 5);
    expect(last.mse).toBeLessThan(first.mse);
  });

  it("stops where a callback says so, and where nothing gets better", async () => {
    const stopped = await fitModel(classifier(), crossEntropy(), TRAIN, {
      ...{ device, epochs: 50 },
      callbacks: [(event) => event.epoch === 3 && event.stop()],
    });
    expect([stopped.history.length, stopped.stopped]).toEqual([3, true]);
    const worse = await fitModel(classifier(), crossEntropy(), TRAIN, {
      ...{ device, epochs: 50, optimizer: sgd({ learningRate: 0 }), validation: TEST, earlyStopping: { patience: 4 } },
    });
    expect([worse.history.length, worse.epoch]).toEqual([5, 1]);
  });

  it("changes the rate by callbacks and schedules", async () => {
    const { history } = await fitModel(classifier(), crossEntropy(), TRAIN, {
      ...{
        device,
        epochs: 4,
        optimizer: chain(schedule(plateau({ patience: 1, least: 100 })), sgd({ learningRate: 1 })),
      },
      callbacks: [({ epoch, scaleRate }) => epoch === 3 && scaleRate(0.1)],
    });
    expect(history.map(({ learningRate }) => learningRate)).toEqual([1, 1, 0.5, 0.025]);
  });

  it("leaves frozen tensors as they are, and goes on from others'", async () => {
    const model = (trainable: boolean) => sequential([dense(8, { activation: "tanh", trainable }), dense(2)]);
    const options = { device, epochs: 1, optimizer: adam({ learningRate: 0.1, weightDecay: 0.1 }) };
    const first = await (await fitModel(model(true), crossEntropy(), TRAIN, options)).model.vectors();
    const second = await fitModel(model(false), crossEntropy(), TRAIN, { ...options, initial: first });
    const { parameters } = await second.model.vectors();
    expect(parameters.slice(0, 128)).toEqual(first.parameters.slice(0, 128));
    expect(parameters.slice(128)).not.toEqual(first.parameters.slice(128));
  });

  it("reads and keeps state in the same way for any number of parts", async () => {
    const shifted: Layer = (outer, x) => {
      const scope = outer.enter("shifted");
      const factor = scope.state("factor", 2, 3);
      const mean = scope.runningMean("mean", scope.reduce("mean", "rows", x), x, { decay: 0.5, initial: 7 });
      return scope.map(["mul", ["sub", "x", "mean"], "factor"], { x, mean, factor });
    };
    const run = async (parts: number) => {
      const options = { device, epochs: 2, batch: 200, parts, optimizer: sgd({ learningRate: 0.001 }) };
      return (await fitModel(sequential([shifted, dense(2)]), crossEntropy(), TRAIN, options)).model.vectors();
    };
    const [one, two] = [await run(1), await run(2)];
    expect([...two.state.subarray(0, 2)]).toEqual([3, 3]);
    // The columns of these rows have a mean of 0: what is left of 7 after two steps.
    expect(one.state[64]).toBeCloseTo(7 / 4, 1);
    expect(disagreement(two.parameters, one.parameters, "tensor")).toBeUndefined();
    expect(disagreement(two.state, one.state, "tensor")).toBeUndefined();
  });

  it("normalises at inference by the mean and variance of the training rows", async () => {
    const x = Float32Array.from({ length: 400 }, (_, i) => (i % 2 === 0 ? 5 : -2) + (i % 4 < 2 ? 3 : -3));
    const options = { device, epochs: 3, batch: 200, parts: 2, optimizer: sgd({ learningRate: 0 }) };
    const model = sequential([batchNorm({ decay: 0 }), dense(2)]);
    const { state } = await (await fitModel(model, mse(), { x, features: 2 }, options)).model.vectors();
    for (const [at, mean] of [5, -2].entries()) {
      expect(state[at]).toBeCloseTo(mean, 4);
      // Each part by itself varies a little less than all rows.
      expect(state[64 + at]).toBeCloseTo(9, 0);
    }
  });

  it("counts a class among others that are as great by its share", async () => {
    const initial = { parameters: new Float32Array(128) };
    const optimizer = sgd({ learningRate: 0 });
    const { model } = await fitModel(dense(2), crossEntropy(), TRAIN, { device, epochs: 1, initial, optimizer });
    expect((await model.evaluate(TEST)).accuracy).toBeCloseTo(0.5, 6);
  });

  it("repeats a run with an optimizer that a run was made with", async () => {
    const optimizer = chain(schedule(plateau({ patience: 1, least: 100 })), sgd({ learningRate: 1 }));
    const run = async () => {
      const { history } = await fitModel(classifier(), crossEntropy(), TRAIN, { device, epochs: 3, optimizer });
      return history.map(({ learningRate }) => learningRate);
    };
    expect([await run(), await run()]).toEqual([
      [1, 1, 0.5],
      [1, 1, 0.5],
    ]);
  });

  it("takes an option that is undefined as absent", async () => {
    const options = { epochs: undefined, optimizer: undefined, keepBest: undefined } as unknown as FitOptions;
    const { history } = await fitModel(classifier(), crossEntropy(), TRAIN, { device, ...options });
    expect(history).toHaveLength(10);
  });

  it("gives its memory back where it fails", async () => {
    const made: DeviceBuffer[] = [];
    const create = vi.spyOn(device, "createBuffer");
    const failing: ModelLoss = (scope, output, target) => {
      if (scope.mode === "evaluate") throw new Error("not now");
      crossEntropy()(scope, output, target);
    };
    try {
      await expect(fitModel(classifier(), failing, TRAIN, { device, validation: TEST })).rejects.toThrow("not now");
      made.push(...create.mock.results.map(({ value }) => value));
    } finally {
      create.mockRestore();
    }
    expect(made.length).toBeGreaterThan(4);
    for (const buffer of made) await expect(buffer.read()).rejects.toThrow("destroyed");
  });

  it("computes in bf16 within its digits", async () => {
    const run = async (precision: "f32" | "bf16") => {
      const { history } = await fitModel(classifier(), crossEntropy(), TRAIN, { device, epochs: 5, precision });
      return history[4].train.loss;
    };
    expect(Math.abs((await run("bf16")) / (await run("f32")) - 1)).toBeLessThan(0.02);
  });
});

describe("what cannot be fitted is refused", () => {
  const attempt = (data: FitData, options = {}) => fitModel(classifier(), crossEntropy(), data, { device, ...options });

  it.each<readonly [string, () => Promise<unknown>, string]>([
    ["half a row", () => attempt({ ...TRAIN, features: 3 }), "data: x has 400 values, which are not whole rows of 3"],
    ["too few labels", () => attempt({ ...TRAIN, labels: TRAIN.labels.slice(1) }), "data has 200 rows and 199 labels"],
    [
      "a class too many",
      () => attempt({ ...TRAIN, labels: TRAIN.labels.map((label, i) => (i === 9 ? 2 : label)) }),
      "data: label 9 is 2, but the model has 2 outputs: give its last layer a unit for each class",
    ],
    [
      "a NaN",
      () => attempt({ ...TRAIN, x: Float32Array.from(TRAIN.x, (x, i) => (i === 5 ? Number.NaN : x)) }),
      "data: x: value 5 is NaN",
    ],
    [
      "half a class",
      () => attempt({ ...TRAIN, labels: Float32Array.of(0.5, ...TRAIN.labels.slice(1)) as unknown as Uint8Array }),
      "data: label 0 is 0.5: classes are whole numbers from 0",
    ],
    ["a scale that is none", () => attempt({ ...TRAIN, scale: Number.NaN }), "data: scale must be a finite number"],
    ["an option misspelt", () => attempt(TRAIN, { epoch: 2 }), 'did you mean "epochs"?'],
    [
      "an option of early stopping misspelt",
      () => attempt(TRAIN, { earlyStopping: { patient: 2 } }),
      'did you mean "patience"?',
    ],
    [
      "no patience",
      () => attempt(TRAIN, { earlyStopping: { patience: 0 } }),
      "earlyStopping: patience must be a whole number of epochs from 1, got 0",
    ],
    [
      "callbacks that are none",
      () => attempt(TRAIN, { callbacks: [1] }),
      "fit: callbacks must be an array of functions",
    ],
    ["an optimizer by name", () => attempt(TRAIN, { optimizer: "adam" }), 'what optimizers.adam() returns, got "adam"'],
    ["an optimizer that is not called", () => attempt(TRAIN, { optimizer: adam }), "returns, got a function"],
    [
      "a chain without a rule",
      () => attempt(TRAIN, { optimizer: clipByNorm(1) }),
      "optimizer: it changes no parameter",
    ],
    [
      "clipping after the rule",
      () => attempt(TRAIN, { optimizer: chain(adam(), clipByNorm(1)) }),
      "optimizer: a link changes the gradient after the last rule",
    ],
    [
      "an array as a model",
      () => fitModel([dense(2)] as unknown as Layer, crossEntropy(), TRAIN, { device }),
      "model must be a function, such as layers.sequential([layers.dense(10)])",
    ],
    [
      "a loss by name",
      () => fitModel(classifier(), "mse" as unknown as ModelLoss, TRAIN, { device }),
      'loss must be a function, such as losses.mse(), got "mse"',
    ],
    [
      "a batch too large",
      () => attempt(TRAIN, { batch: 201 }),
      "fit: batch must be a whole number from 1 to 200, got 201",
    ],
    [
      "parts of one row, whose statistics say nothing",
      () => fitModel(deep(), crossEntropy(), TRAIN, { device, batch: 5, parts: 3 }),
      "batch normalisation needs the mean and deviation of 2 rows or more in each part, and a batch of 5 in 3 parts leaves one row: give a batch of 6 or more, 96 is usual",
    ],
    [
      "other rows to validate by",
      () => attempt(TRAIN, { validation: { ...TEST, features: 101 } }),
      "validation has 2 rows and 101 labels",
    ],
    [
      "a rate that is too high",
      () =>
        fitModel(
          classifier(),
          mse(),
          { x: TRAIN.x, features: 2 },
          { device, epochs: 90, optimizer: sgd({ learningRate: 1e20 }) },
        ),
      "fit: the loss is ",
    ],
  ])("%s", async (_, act, sentence) => {
    await expect(act()).rejects.toThrow(sentence);
  });
});

describeEveryDevice((device) => {
  it("a step of a deep model agrees with the float64 reference", async () => {
    const run = async (on: Device) => {
      const { model } = await fitModel(deep(), crossEntropy(), TRAIN, {
        device: on,
        epochs: 1,
        batch: 200,
        parts: 2,
        optimizer: sgd({ learningRate: 0.1 }),
      });
      return model.vectors();
    };
    const reference = await openDevice({ device: "reference" });
    const [found, expected] = [await run(device()), await run(reference)];
    expect(disagreement(found.parameters, expected.parameters, "tensor")).toBeUndefined();
    expect(disagreement(found.state, expected.state, "tensor")).toBeUndefined();
  });
});
