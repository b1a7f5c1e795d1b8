/** Ops that move elements between columns, and casts, on every device present, and their gradients. */
import { describe, expect, it } from "vitest";
import { openReferenceDevice } from "../../src/device/reference/reference-device.js";
import { FLOATS, type Float, type View } from "../../src/program/buffer.js";
import { differentiate } from "../../src/program/differentiate.js";
import { ProgramBuilder } from "../../src/program/program.js";
import { expectAgreement } from "../support/agreement.js";
import { describeEveryDevice, lacks } from "../support/devices.js";
import { gradientErrors } from "../support/gradient-check.js";
import { Scenario } from "../support/scenario.js";

const SHAPES = [
  [1, 1],
  [5, 3],
  [8, 12],
  [70, 33],
  [3, 500],
] as const;

function moved(type: Float): Scenario {
  const scenario = new Scenario(`columns of ${type}`);
  const { builder } = scenario;
  const view = (name: string, shape: readonly [number, number]): View =>
    type === "f32" ? scenario.f32At(3, name, shape) : scenario.narrowAt(type, 3, name, shape);
  for (const [m, n] of SHAPES) {
    const name = `${m}x${n}`;
    const [x, y] = [view(name, [m, n]), view(`${name} beside`, [m, 5])];
    builder.transpose({ input: x, out: view(`${name} transposed`, [n, m]) });
    builder.concat({ inputs: [x, y, x], out: view(`${name} concatenated`, [m, 2 * n + 5]) });
    const first = Math.floor(n / 3);
    builder.sliceColumns({ input: x, first, out: view(`${name} sliced`, [m, Math.ceil(n / 2)]) });
    const labels = scenario.u32(
      `${name} labels`,
      Array.from({ length: m }, (_, i) => (i * 7) % (n + 2)),
    );
    builder.take({ input: x, labels, out: scenario.f32At(1, `${name} taken`, [m, 1]) });
    for (const accumulate of [false, true]) {
      const out = scenario.f32At(1, `${name} norms ${accumulate}`, [m, 1]);
      builder.exampleNorms({ input: x, gradient: y, bias: accumulate, accumulate, out });
    }
  }
  return scenario;
}

function labelled(): Scenario {
  const scenario = new Scenario("one-hot rows of labels of each type");
  const { builder } = scenario;
  for (const [m, n] of SHAPES) {
    const values = scenario.f32At(3, `${m}x${n} values`, [m, 1]);
    const labels = Array.from({ length: m }, (_, i) => (i * 5) % (n + 2));
    const words = scenario.u32(`${m}x${n} words`, labels);
    const floats = scenario.f32At(1, `${m}x${n} floats`, [m, 1], () => (labels.pop() ?? 0) - 1);
    const bytes = scenario.u8(`${m}x${n} bytes`, [1, m]);
    for (const [name, view] of Object.entries({ words, floats, bytes })) {
      builder.oneHot({ labels: view, out: scenario.f32At(3, `${m}x${n} ${name} ones`, [m, n]) });
      builder.oneHot({ labels: view, values, out: scenario.f32(`${m}x${n} ${name} valued`, [m, n]) });
    }
    builder.copy({ input: bytes, out: scenario.f32At(2, `${m}x${n} bytes as floats`, [1, m]) });
    builder.copy({ input: words, out: scenario.f32At(2, `${m}x${n} words as floats`, [1, m]) });
  }
  return scenario;
}

const MOVED = FLOATS.map((type) => ({ type, scenario: moved(type) }));
const LABELLED = labelled();

describeEveryDevice((device) => {
  it.each(MOVED)("$scenario.name", async ({ type, scenario }) => {
    if (!lacks(device(), type)) await expectAgreement(device(), scenario);
  });

  it(LABELLED.name, () => expectAgreement(device(), LABELLED));
});

/** A program that ends in a mean of squares. `add` adds the op and returns its output. */
const CASES: Readonly<Record<string, (builder: ProgramBuilder, x: View, labels: View) => View>> = {
  transpose(builder, x) {
    const out = builder.buffer("out", "f32", [x.columns, x.rows]);
    builder.transpose({ input: x, out });
    return out;
  },
  "slice and concat, of one matrix twice"(builder, x) {
    const [middle, out] = [builder.buffer("middle", "f32", [x.rows, 2]), builder.buffer("out", "f32", [x.rows, 6])];
    builder.sliceColumns({ input: x, first: 1, out: middle }).concat({ inputs: [x, middle], out });
    return out;
  },
  take(builder, x, labels) {
    const out = builder.buffer("out", "f32", [x.rows, 1]);
    builder.take({ input: x, labels, out });
    return out;
  },
  "one-hot values"(builder, x, labels) {
    const out = builder.buffer("out", "f32", [12, 3]);
    const twelve = builder.buffer("twelve", "u32", [12]);
    builder.oneHot({ labels: twelve, values: { ...x, rows: 12, columns: 1 }, out }).take({
      input: x,
      labels,
      out: builder.buffer("taken", "f32", [x.rows, 1]),
    });
    return out;
  },
  "gather of rows, some twice, one past the end"(builder, x, labels) {
    const out = builder.buffer("out", "f32", [3, 4]);
    builder.gather({ source: x, rows: labels, scale: 0.7, out });
    return out;
  },
  "norms of examples"(builder, x) {
    const [out, twice] = [builder.buffer("out", "f32", [3, 1]), builder.buffer("twice", "f32", [3, 2])];
    builder
      .sliceColumns({ input: x, first: 1, out: twice })
      .exampleNorms({ input: x, gradient: twice, out })
      .exampleNorms({ input: twice, gradient: twice, bias: false, accumulate: true, out });
    return out;
  },
  norm(builder, x) {
    const out = builder.buffer("out", "f32", [1]);
    builder.norm({ input: x, out });
    return out;
  },
};

describe("the gradient agrees with central differences", () => {
  it.each(Object.entries(CASES))("%s", async (_, add) => {
    const builder = new ProgramBuilder("columns");
    const parameters = builder.buffer("parameters", "f32", [12]);
    const gradients = builder.buffer("gradients", "f32", [12]);
    const labels = builder.buffer("labels", "u32", [3]);
    const input = add(builder, { ...parameters, rows: 3, columns: 4 }, labels);
    const target = builder.buffer("target", "f32", [input.rows, input.columns]);
    const total = builder.buffer("loss", "f32", [1]);
    builder.loss({ loss: "mse", input, target, scale: 1, total });
    differentiate(builder, { of: total, by: [{ view: parameters, into: gradients }] });
    const errors = await gradientErrors({
      program: builder.build(),
      parameters: Float64Array.from({ length: 12 }, (_, i) => Math.sin(1 + i * i)),
      inputs: {
        labels: Uint32Array.of(2, 0, 9),
        target: Float64Array.from({ length: target.rows * target.columns }, (_, i) => Math.cos(i)),
        ...(builder.build().buffers.some(({ name }) => name === "twelve") && {
          twelve: Uint32Array.from({ length: 12 }, (_, i) => (i * i) % 4),
        }),
      },
      views: { parameters },
    });
    expect(errors.parameters).toBeLessThan(1e-7);
  });

  it("norm, where it is 0, is 0", async () => {
    const builder = new ProgramBuilder("norm of zeros");
    const [x, out] = [builder.buffer("x", "f32", [4]), builder.buffer("out", "f32", [1])];
    const [gradient] = differentiate(builder.norm({ input: x, out }), { of: out, by: [x] });
    const executable = await openReferenceDevice().compile(builder.build());
    executable.run();
    expect([...(await executable.buffer(gradient.buffer).read())]).toEqual([0, 0, 0, 0]);
  });
});
