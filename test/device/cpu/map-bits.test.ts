/** A formula has the bits of its functions one after the other, each stored: no product and sum are rounded as one. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { View } from "../../../src/program/buffer.js";
import type { Expression, FunctionName } from "../../../src/program/op.js";
import { ProgramBuilder } from "../../../src/program/program.js";
import { DEVICES } from "../../support/devices.js";

/** Over one block and some more, so there are whole turns of vectors, whole vectors and a part of one. */
const LENGTH = 1024 + 77;

const FUNCTIONS: readonly (readonly [FunctionName, number])[] = [
  ...(["add", "sub", "mul", "max", "less"] as const).map((name) => [name, 2] as const),
  ...(["neg", "abs", "tanh", "sigmoid"] as const).map((name) => [name, 1] as const),
  ["where", 3],
];

const { formula } = fc.letrec<{ formula: Expression }>((tie) => ({
  formula: fc.oneof(
    { maxDepth: 5, depthSize: "large" },
    fc.constantFrom("x", "y", 0.3, -1.7),
    ...FUNCTIONS.map(([name, arity]) =>
      fc.tuple(...Array.from({ length: arity }, () => tie("formula"))).map((args) => [name, ...args] as Expression),
    ),
  ),
}));

/** The formula as one op, and as an op for each of its functions. */
function programs(expression: Expression) {
  const builder = new ProgramBuilder("formula");
  const buffer = (name: string): View => builder.buffer(name, "f32", [LENGTH]);
  const inputs = { x: buffer("x"), y: buffer("y") };
  builder.map({ expression, inputs, out: buffer("one") });
  const stored = (part: Expression): Expression | View => {
    if (typeof part === "number") return part;
    if (typeof part === "string") return inputs[part as "x" | "y"];
    const [name, ...args] = part;
    const given = args.map(stored);
    const named = given.map((arg, i) => (typeof arg === "object" && "buffer" in arg ? `a${i}` : (arg as Expression)));
    const views = given.flatMap((arg, i) => (typeof arg === "object" && "buffer" in arg ? [[`a${i}`, arg]] : []));
    const out = buffer(builder.unusedName("part"));
    builder.map({ expression: [name, ...named] as Expression, inputs: Object.fromEntries(views), out });
    return out;
  };
  const last = stored(expression);
  return { program: builder.build(), several: typeof last === "object" && "buffer" in last ? last.buffer : "one" };
}

describe.each(DEVICES.filter(({ kind }) => kind === "cpu"))("$name", ({ open }) => {
  it("computes a formula with the bits of its parts", async () => {
    await using device = await open();
    const x = Float32Array.from({ length: LENGTH }, (_, i) => 3 * Math.sin(i * i));
    const y = Float32Array.from({ length: LENGTH }, (_, i) => 3 * Math.cos(i * 1.7));
    await fc.assert(
      fc.asyncProperty(formula, async (expression) => {
        const { program, several } = programs(expression);
        using executable = await device.compile(program);
        executable.buffer("x").write(x);
        executable.buffer("y").write(y);
        executable.run();
        const [one, other] = [await executable.buffer("one").read(), await executable.buffer(several).read()];
        expect(new Uint32Array(one.buffer)).toEqual(new Uint32Array(other.buffer));
      }),
      { numRuns: 40, seed: 3 },
    );
  });
});
