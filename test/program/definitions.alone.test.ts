/** An op, an activation, a loss and an update rule outside the library: each is one record, and then a program can use it. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { checkOp } from "../../src/device/check/check-op.js";
import { costOf } from "../../src/device/cost/cost.js";
import type { Device } from "../../src/device/device.js";
import { openReferenceDevice } from "../../src/device/reference/reference-device.js";
import type { View } from "../../src/program/buffer.js";
import { elements } from "../../src/program/buffer.js";
import {
  activations,
  defineActivation,
  defineLoss,
  losses,
  type OpDefinition,
  ops,
  type RuleDefinition,
  type UserOp,
  type UserRule,
  updateRules,
} from "../../src/program/op.js";
import { ProgramBuilder } from "../../src/program/program.js";
import { DEVICES } from "../support/devices.js";

interface ReverseOp extends UserOp {
  readonly kind: "test/reverse";
  readonly input: View;
  readonly out: View;
}

/** `out[i, j] = input[i, columns - 1 - j]` */
const reverse: OpDefinition<ReverseOp> = {
  name: "test/reverse",
  keys: { input: "required", out: "required" },
  operands: ({ input, out }) => ({ reads: [input], writes: [out] }),
  check: ({ input, out }, rules) => rules.like(input, { input, out }),
  flops: ({ out }) => elements(out),
  reference(op, memory) {
    const [input, out] = [memory(op.input), memory(op.out)];
    out.each((i, j) => {
      out.set(i, j, input.get(i, input.columns - 1 - j));
    });
  },
};

const softplus = defineActivation({
  name: "test/softplus",
  derivativeFrom: "input",
  value: (x) => Math.log1p(Math.exp(x)),
  derivative: (x) => 1 / (1 + Math.exp(-x)),
  flops: { value: 3, derivative: 3 },
});

const absolute = defineLoss({
  name: "test/absolute",
  value: (input, target) => Math.abs(input - target),
  gradient: (input, target) => Math.sign(input - target),
  flops: { value: 2, gradient: 2 },
});

interface ThreeRule extends UserRule {
  readonly name: "test/three";
  readonly mu: number;
}

/** Keeps its last three gradients. */
const three: RuleDefinition<ThreeRule> = {
  name: "test/three",
  state: ["one", "two", "three"],
  learningRate: 1,
  defaults: { mu: 0.5, weightDecay: 0 },
  decay: "gradient",
  flops: 4,
  step({ mu }, { p, state }, g, { r }) {
    return { p: p - r * (g + mu * (state[0] + state[1] + state[2])), state: [g, state[0], state[1]] };
  },
};

beforeAll(() => {
  ops.add(reverse);
  activations.add(softplus);
  losses.add(absolute);
  updateRules.add(three);
});

/** A program that uses all four, with its inputs. */
function example() {
  const builder = new ProgramBuilder("mine");
  const f32 = (name: string, rows: number, columns: number) => builder.buffer(name, "f32", [rows, columns]);
  const [x, reversed, y, total] = [f32("x", 1, 3), f32("reversed", 1, 3), f32("y", 1, 3), f32("total", 1, 1)];
  const state = ["one", "two", "three"].map((name) => f32(name, 1, 3));
  const [gradient, scalars, p] = [f32("gradient", 1, 3), f32("scalars", 1, 4), f32("p", 1, 3)];
  const rule: ThreeRule = { name: "test/three", mu: 0.5, weightDecay: 0 };
  builder
    .op<ReverseOp>({ kind: "test/reverse", input: x, out: reversed })
    .activate({ activation: "test/softplus", input: reversed, out: y })
    .loss({ loss: "test/absolute", input: y, target: x, scale: 1, total, gradient })
    .update({ rule, parameters: p, gradients: gradient, state, scalars });
  return { builder, x, y, p, gradient, scalars, total };
}

describe("definitions of a user's own", () => {
  it("run on the reference device, and are counted", async () => {
    const program = example().builder.build();
    const executable = await openReferenceDevice().compile(program);
    executable.buffer("x", "f32").write(Float32Array.of(1, 2, 3));
    executable.buffer("scalars", "f32").write(Float32Array.of(0.5, 1, 1, 0));
    executable.run(2);
    const softplusOf = (x: number) => Math.log1p(Math.exp(x));
    const read = async (name: string) => [...(await executable.buffer(name, "f32").read())];
    const y = [3, 2, 1].map(softplusOf).map(Math.fround);
    expect(await read("y")).toEqual(y);
    expect(await read("total")).toEqual([Math.fround(softplusOf(3) - 1 + softplusOf(2) - 2 + 3 - softplusOf(1))]);
    expect(await read("gradient")).toEqual([1, 1, -1]);
    // The first step is 0.5 of the gradient, the second 0.5 of 1.5 times the gradient.
    expect(await read("p")).toEqual([-1.25, -1.25, 1.25]);
    expect(await read("three")).toEqual([0, 0, 0]);
    expect(costOf(program).perOp.map(({ flops }) => flops)).toEqual([3, 9, 3 * 4 + 1, 12]);
  });

  it("are refused like any other", () => {
    const { builder, x, y, gradient, scalars, p } = example();
    expect(() => builder.op({ kind: "test/revers", input: x, out: y })).toThrow(
      /^mine, op 4: unknown op "test\/revers": did you mean "test\/reverse"\?/,
    );
    expect(() => builder.op({ kind: "test/reverse", input: x, out: x })).toThrow(
      "mine, op 4, test/reverse: output x[1, 3] must not overlap input x[1, 3]",
    );
    expect(() => builder.op({ kind: "test/reverse", input: x, outt: y })).toThrow(
      'mine, op 4, test/reverse: unknown key "outt": did you mean "out"? (one of input, out)',
    );
    const rule: ThreeRule = { name: "test/three", mu: 0.5, weightDecay: 0 };
    expect(() => builder.update({ rule, parameters: p, gradients: gradient, state: [y], scalars })).toThrow(
      "mine, op 4, update: test/three needs 3 state views, got 1",
    );
  });

  it("have a name with a slash, which only one has", () => {
    expect(() => activations.add({ ...softplus, name: "softplus" })).toThrow(
      'activation "softplus": a name of your own is two words with a slash between them, such as "acme/swish"',
    );
    expect(() => activations.add({ ...softplus })).toThrow('activation "test/softplus" is defined twice');
    expect(() => activations.add(softplus)).not.toThrow();
  });
});

describe.each(DEVICES.filter(({ kind }) => kind === "webgpu"))("on $name", ({ open }) => {
  let device: Device;
  beforeAll(async () => {
    device = await open();
  });
  afterAll(() => device.destroy());

  const builder = () => new ProgramBuilder("mine");

  it("an op without a kernel is refused by its name and the device's, with what to do", async () => {
    await expect(device.compile(example().builder.build())).rejects.toThrow(
      `mine, op 0, test/reverse: webgpu device ${device.info.name} has no kernel for op "test/reverse"; give its definition \`wgsl\``,
    );
  });

  it("refuses a function that an op names and that has no kernel", async () => {
    const mine = builder();
    const [x, one] = [mine.buffer("x", "f32", [3]), mine.buffer("one", "f32", [1])];
    mine.fill({ value: 1, out: x }).activate({ activation: "test/softplus", input: x, out: x });
    await expect(device.compile(mine.build())).rejects.toThrow(
      `mine, op 1, activate: webgpu device ${device.info.name} has no kernel for activation "test/softplus"; write it as`,
    );
    const other = builder();
    for (const { buffer } of [x, one]) other.buffer(buffer, "f32", [buffer === "x" ? 3 : 1]);
    other.loss({ loss: "test/absolute", input: x, target: x, scale: 1, total: one });
    await expect(device.compile(other.build())).rejects.toThrow('has no kernel for loss "test/absolute"');
  });
});

describe.each(DEVICES.filter(({ kind }) => kind === "cpu"))("on $name", ({ open }) => {
  it("they run by their reference functions", async () => {
    const program = example().builder.build();
    await using device = await open();
    const inputs = { x: Float32Array.of(1, 2, 3), scalars: Float32Array.of(0.5, 1, 1, 0) };
    expect((await checkOp(device, program, inputs))[0].error).toBeLessThan(1e-6);
  });
});
