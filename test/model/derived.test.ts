/** The derived backward pass of a dense autoencoder has the same ops as the one that is written by hand. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Autoencoder } from "../../src/model/autoencoder.js";
import { type GradientOptions, gradientOps } from "../../src/model/lower.js";
import { FLOATS, type Float } from "../../src/program/buffer.js";
import { ACTIVATIONS, LOSSES } from "../../src/program/op.js";
import { type Program, ProgramBuilder } from "../../src/program/program.js";
import { handTunedOps } from "./hand-tuned.js";

const BATCH = 4;

interface Case {
  readonly model: Autoencoder;
  readonly loss: GradientOptions["loss"];
  readonly precision: Float;
  readonly scaled: boolean;
}

const cases = fc
  .record({
    layers: fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 2, maxLength: 5 }),
    activation: fc.constantFrom(...ACTIVATIONS),
    codeActivation: fc.constantFrom(...ACTIVATIONS),
    outputActivation: fc.constantFrom(...ACTIVATIONS),
    loss: fc.constantFrom(...LOSSES),
    precision: fc.constantFrom(...FLOATS),
    scaled: fc.boolean(),
  })
  .map(({ loss, precision, scaled, ...config }): Case => {
    const model = new Autoencoder({ ...config, initialiser: "glorot" });
    return { model, loss, precision, scaled };
  });

/** A program, and for each layer the op after which its gradients are complete. */
function built({ model, loss, precision, scaled }: Case, add: typeof gradientOps) {
  const builder = new ProgramBuilder("gradient");
  const batch = builder.buffer("batch", precision, [BATCH, model.inputSize]);
  const parameters = builder.buffer("parameters", "f32", [model.layout.length]);
  const gradients = builder.buffer("gradients", "f32", [model.layout.length]);
  const cursor = builder.buffer("cursor", "u32", [1]);
  const total = builder.table("losses", "f32", 3, [1], cursor);
  const lossScale = scaled ? builder.buffer("lossScale", "f32", [2]) : undefined;
  const ready: [string, number][] = [];
  const onLayer: GradientOptions["onLayer"] = ({ name }) => ready.push([name, builder.ops.length]);
  add(builder, model, { loss, scale: 0.25, batch, parameters, gradients, total, lossScale, onLayer });
  return { program: builder.build(), ready };
}

/** Buffers in the order in which ops first use them, with type and length. Only their names may differ. */
function withoutNames({ ops, buffers }: Program) {
  const order = new Map<string, string>();
  const named = (name: string): string => {
    const { type, length } = buffers.find((buffer) => buffer.name === name) ?? {};
    if (!order.has(name)) order.set(name, `${order.size}: ${type} ${length}`);
    return order.get(name) ?? "";
  };
  const sorted = (part: object) => Object.fromEntries(Object.entries(part).sort(([a], [b]) => a.localeCompare(b)));
  return JSON.parse(
    JSON.stringify(ops, (key, value) => {
      if (key === "buffer" || key === "cursor") return named(value);
      return typeof value === "object" && !Array.isArray(value) ? sorted(value) : value;
    }),
  );
}

describe("the derived gradient of a dense autoencoder", () => {
  it("is the hand-tuned one, op for op, and its layers are ready at the same time", () => {
    fc.assert(
      fc.property(cases, (one) => {
        const [derived, tuned] = [built(one, gradientOps), built(one, handTunedOps)];
        expect(withoutNames(derived.program)).toEqual(withoutNames(tuned.program));
        expect(derived.ready).toEqual(tuned.ready);
        const lengths = ({ buffers }: Program) => buffers.map(({ type, length }) => `${type} ${length}`).sort();
        expect(lengths(derived.program)).toEqual(lengths(tuned.program));
      }),
    );
  });
});
