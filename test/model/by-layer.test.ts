/**
 * Updates layer by layer have the bits of an update of all layers at once. A step that needs all gradients first, for example to
 * clip them, is not updated in this way.
 */
import { expect, it } from "vitest";
import { f32Buffer } from "../../src/device/device.js";
import { stateBuffers, type TrainingProgramOptions, trainingProgram } from "../../src/model/lower.js";
import type { UpdateRule } from "../../src/program/op.js";
import { parseConfig } from "../../src/training/config/config.js";
import { modelFromConfig } from "../../src/training/from-config.js";
import { Random } from "../../src/world/random.js";
import { describeEveryDevice } from "../support/devices.js";

const [FEATURES, IMAGES, BATCH, STEPS] = [30, 12, 4, 3];
const model = modelFromConfig(parseConfig({ layers: [FEATURES, 17, 3], loss: "mse" }), FEATURES);

const options = (rule: UpdateRule, byLayer: boolean): TrainingProgramOptions => ({
  source: { type: "f32", count: IMAGES, scale: 1 },
  ...{ batch: BATCH, loss: "mse", window: STEPS, rule, byLayer },
});

const RULES: UpdateRule[] = [
  { name: "sgd", weightDecay: 0.1 },
  { name: "momentum", mu: 0.9, weightDecay: 0 },
  { name: "adam", beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0 },
];

it("has an update for each layer, or one where the whole gradient has to be known", () => {
  const [rule] = RULES;
  const updates = (more: Partial<TrainingProgramOptions>): number =>
    trainingProgram(model, { ...options(rule, true), ...more }).ops.filter(({ kind }) => kind === "update").length;
  expect(updates({})).toBe(model.layers.length);
  expect([updates({ byLayer: false }), updates({ clip: 1 }), updates({ guarded: true })]).toEqual([1, 1, 1]);
  expect(updates({ precision: "f16" })).toBe(1);
});

describeEveryDevice((device) => {
  it.each(RULES)("comes to the same bits, by $name", async (rule) => {
    const states = await Promise.all(
      [false, true].map(async (byLayer) => {
        const executable = await device().compile(trainingProgram(model, options(rule, byLayer)));
        const random = new Random(1);
        executable.buffer("source").write(Float32Array.from({ length: IMAGES * FEATURES }, () => random.uniform()));
        executable.buffer("rows").write(Uint32Array.from({ length: STEPS * BATCH }, (_, i) => (5 * i) % IMAGES));
        executable.buffer("scalars").write(Float32Array.from({ length: STEPS * 4 }, () => 0.05));
        executable.buffer("parameters").write(model.initialParameters(1));
        executable.run(STEPS);
        const names = ["parameters", "losses", ...stateBuffers(rule)];
        const read = await Promise.all(names.map((name) => f32Buffer(executable, name).read()));
        executable.destroy();
        return read.map((values) => Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString("hex"));
      }),
    );
    expect(states[1]).toEqual(states[0]);
  });
});
