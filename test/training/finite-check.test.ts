/** A run that becomes NaN ends with the op that made it, and a checked run has the bits of one that is not checked. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openCpuDevice } from "../../src/device/cpu/cpu-device.js";
import type { Device } from "../../src/device/device.js";
import { dense, sequential } from "../../src/model/layers/layers.js";
import { mse } from "../../src/model/losses/losses.js";
import type { Layer } from "../../src/model/scope.js";
import { custom, sgd } from "../../src/optimizer/optimizers.js";
import type { TrainingOptions } from "../../src/training/config/config.js";
import { fit as fitModel } from "../../src/training/fit/fit-in-node.js";
import { SimulatedWorld } from "../../src/world/simulated/world.js";
import { CONFIG, SmallRun } from "./small-run.js";

let device: Device;
beforeAll(() => {
  device = openCpuDevice({ threads: 1 });
});
afterAll(() => device.destroy());

describe("a run that is checked", () => {
  // The learning rate explodes at step 7.
  const wild: TrainingOptions = {
    ...CONFIG,
    loss: "mse",
    activation: "relu",
    optimizer: "sgd",
    schedule: "step",
    decayEvery: 7,
    decayFactor: 1e35,
  };

  it.each([undefined, "f16", "bf16"] as const)("has the bits of one that is not, precision %s", async (precision) => {
    const digest = async (checkFinite: boolean) =>
      (await new SmallRun(device, new SimulatedWorld()).go({ config: { ...CONFIG, precision }, checkFinite }))
        .parametersSha256;
    expect(await digest(true)).toBe(await digest(false));
  });

  it("ends with the first op that made a number that is not finite, and what to do", async () => {
    const small = new SmallRun(device, new SimulatedWorld());
    await expect(small.go({ config: wild, checkFinite: true })).rejects.toThrow(
      /^step [78]: op \d+, \w+, made the first -?(Infinity|NaN): (\w+\.\d\.\w+ in \w+|\S+), row \d+, column \d+: lower lr, from/,
    );
  });

  it("tells a number that the op was given", async () => {
    const small = new SmallRun(device, new SimulatedWorld());
    await expect(small.go({ config: { ...CONFIG, lr: 1e300, steps: 1 }, checkFinite: true })).rejects.toThrow(
      /^step 0: op \d+, update, read Infinity, which was there before: scalars, row 0, column 0: lr 1e\+300 is too high/,
    );
  });
});

describe("fit, checked", () => {
  const x = Float32Array.from({ length: 80 }, (_, i) => (i === 53 ? -1 : 1 + Math.sin(i)));
  const data = { x, features: 4 };
  const options = () => ({ device, epochs: 2, batch: 20, checkFinite: true, optimizer: sgd({ learningRate: 1e-3 }) });

  it("names the buffer of the layer, the row and the column", async () => {
    const rooted: Layer = (outer, input) => {
      const scope = outer.enter("rooted");
      return scope.map(["sqrt", "x"], { x: input });
    };
    const model = sequential([rooted, dense(4)]);
    await expect(fitModel(model, mse(), data, options())).rejects.toThrow(
      /^fit: step 0: op \d+, map, made the first NaN: rooted\.value, row \d+, column 1: lower the learning rate, or clip/,
    );
  });

  it("names the state of an optimizer of one's own", async () => {
    const grows = custom(
      { state: ["m"], update: { m: ["mul", 1e30, ["add", "m", 1]], p: ["sub", "p", ["mul", "r", "g"]] } },
      1e-3,
    );
    await expect(fitModel(dense(4), mse(), data, { ...options(), optimizer: grows })).rejects.toThrow(
      /^fit: step 1: op \d+, map, made the first Infinity: dense\.weight in optimizer\.0\.m, row 0, column 0/,
    );
  });

  it("has the bits of a run that is not checked", async () => {
    const vectors = async (checkFinite: boolean) => {
      using result = await fitModel(
        dense(4),
        mse(),
        { x: x.map(Math.abs), features: 4 },
        { ...options(), checkFinite },
      );
      return await result.model.vectors();
    };
    expect(await vectors(true)).toEqual(await vectors(false));
  });
});
