/** An op from outside the library runs on every device: its WGSL, its compiled function, or its reference function in JavaScript. */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { checkGradient } from "../../src/device/check/check-gradient.js";
import { checkOp } from "../../src/device/check/check-op.js";
import { openCpuDevice } from "../../src/device/cpu/cpu-device.js";
import type { Device } from "../../src/device/device.js";
import { elements, type View } from "../../src/program/buffer.js";
import { toFloats } from "../../src/program/narrow-float.js";
import { type AnyOp, type NativeKernel, type OpDefinition, ops, type UserOp } from "../../src/program/op.js";
import { ProgramBuilder } from "../../src/program/program.js";
import { describeEveryDevice } from "../support/devices.js";

interface MirrorOp extends UserOp {
  readonly input: View;
  readonly factor: number;
  readonly out: View;
}

const folder = mkdtempSync(join(tmpdir(), "own-op-"));
const library = join(folder, "mirror.so");
afterAll(() => rmSync(folder, { recursive: true }));

const SOURCE = `
#include <math.h>
#include "dawnpour_op.h"

void mirror(const struct dawnpour_view *views, const double *numbers, uint64_t first, uint64_t end) {
  const float *input = views[0].data;
  float *out = views[1].data;
  const uint64_t columns = views[0].columns;
  for (uint64_t row = first; row < end; ++row)
    for (uint64_t j = 0; j < columns; ++j)
      out[row * columns + j] = (float)numbers[0] * tanhf(input[row * columns + columns - 1 - j]);
}`;

/** Whether the machine's compiler has made the library. */
const isCompiled = (() => {
  if (process.platform === "win32") return false;
  const source = join(folder, "mirror.c");
  writeFileSync(source, SOURCE);
  const flags = ["-O2", "-shared", "-fPIC", "-I", resolve("native"), "-o", library, source, "-lm"];
  return spawnSync("cc", flags, { stdio: "ignore" }).status === 0;
})();

const WGSL = `
fn compute(i: u32) {
  let row = i / COLUMNS;
  let mirrored = row * COLUMNS + COLUMNS - 1u - i % COLUMNS;
  write_out(i, FACTOR * tanh(read_input(mirrored)));
}`;

/** `out[i, j] = factor tanh(input[i, columns - 1 - j])` */
function mirror(name: MirrorOp["kind"], more: Partial<OpDefinition<MirrorOp>>): OpDefinition<MirrorOp> {
  return {
    name,
    keys: { input: "required", factor: "required", out: "required" },
    operands: ({ input, out }) => ({ reads: [input], writes: [out] }),
    check: ({ input, out }, rules) => rules.floatsLike(input, { input, out }),
    flops: ({ out }) => 2 * elements(out),
    gradient({ input, factor, out }, gradients) {
      const [g, y] = [gradients.of(out), gradients.kept(out, "output")];
      gradients.give(input, {}, (to) => {
        const slope = gradients.temporary(out, "f32");
        // With y = factor tanh(x), the derivative is factor (1 - tanh(x)^2) = factor - y^2 / factor.
        const expression = ["mul", "g", ["sub", factor, ["div", ["mul", "y", "y"], factor]]] as const;
        gradients.builder.map({ expression, inputs: { g, y }, out: slope });
        gradients.builder.op({ kind: "outside/reverse", input: slope, out: to.out } as UserOp);
      });
    },
    reference({ input, factor, out }, memory) {
      const [from, to] = [memory(input), memory(out)];
      to.each((i, j) => to.set(i, j, factor * Math.tanh(from.get(i, from.columns - 1 - j))));
    },
    ...more,
  };
}

interface ReverseOp extends UserOp {
  readonly input: View;
  readonly out: View;
}

const reverse: OpDefinition<ReverseOp> = {
  name: "outside/reverse",
  keys: { input: "required", out: "required" },
  operands: ({ input, out }) => ({ reads: [input], writes: [out] }),
  check: ({ input, out }, rules) => rules.like(input, { input, out }),
  flops: () => 0,
  reference({ input, out }, memory) {
    const [from, to] = [memory(input), memory(out)];
    to.each((i, j) => to.set(i, j, from.get(i, from.columns - 1 - j)));
  },
};

const wgsl = ({ input: { rows, columns }, factor }: MirrorOp) => ({
  ...{ code: WGSL, constants: { COLUMNS: columns, FACTOR: factor }, invocations: rows * columns },
});
const native = ({ input, out, factor }: MirrorOp): NativeKernel => ({
  ...{ library, symbol: "mirror", views: [input, out], numbers: [factor], items: input.rows },
});
/** The same with an entry point of its own, and workgroup memory. */
const wholeWgsl = ({ input: { rows, columns }, factor }: MirrorOp) => ({
  constants: { COLUMNS: columns, FACTOR: factor },
  workgroups: rows,
  code: `
var<workgroup> row: array<f32, COLUMNS>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let start = workgroup_index(group) * COLUMNS;
  for (var j = thread; j < COLUMNS; j += WORKGROUP) { row[j] = tanh(read_input(start + j)); }
  workgroupBarrier();
  for (var j = thread; j < COLUMNS; j += WORKGROUP) { write_out(start + j, FACTOR * row[COLUMNS - 1u - j]); }
}`,
});

const throwing = {
  reference() {
    throw new TypeError("cannot read\nthat");
  },
};
for (const definition of [
  mirror("outside/mirror", { wgsl }),
  mirror("outside/whole", { wgsl: wholeWgsl }),
  mirror("outside/native", { wgsl, native }),
  mirror("outside/plain", {}),
  mirror("outside/throws", throwing),
  mirror("outside/missing", { native: (op) => ({ ...native(op), library: join(folder, "none.so") }) }),
  mirror("outside/nameless", { native: (op) => ({ ...native(op), symbol: "mirrored" }) }),
  reverse,
] as OpDefinition<AnyOp>[]) {
  ops.add(definition);
}

const values = (count: number) => Float32Array.from({ length: count }, (_, i) => Math.sin(i * i));

function program(kind: MirrorOp["kind"], rows = 7, columns = 70) {
  const builder = new ProgramBuilder("outside");
  const view = (name: string) => builder.buffer(name, "f32", [rows, columns]);
  const [x, twice, y, out] = [view("x"), view("twice"), view("y"), view("out")];
  builder
    .scale({ input: x, factor: 2, out: twice })
    .op<MirrorOp>({ kind, input: twice, factor: 1.5, out: y })
    .add({ a: x, b: y, out });
  return builder.build();
}

describeEveryDevice((device) => {
  it.each<MirrorOp["kind"]>(["outside/mirror", "outside/whole"])("%s agrees with its reference", async (kind) => {
    const [worst] = await checkOp(device(), program(kind), { x: values(490) });
    expect(worst.error).toBeLessThan(1e-5);
  });

  it.skipIf(!isCompiled)("agrees with its reference where it is compiled (skipped without cc)", async () => {
    const [worst] = await checkOp(device(), program("outside/native"), { x: values(490) });
    expect(worst.error).toBeLessThan(1e-5);
  });
});

it("has a gradient, checked against central differences", async () => {
  const builder = new ProgramBuilder("outside");
  const [x, y] = [builder.buffer("x", "f32", [2, 3]), builder.buffer("y", "f32", [2, 3])];
  const of = builder.buffer("of", "f32", [1]);
  const weighted = builder.buffer("weighted", "f32", [2, 3]);
  builder
    .op<MirrorOp>({ kind: "outside/mirror", input: x, factor: 1.5, out: y })
    .map({ expression: ["mul", "y", ["exp", "y"]], inputs: { y }, out: weighted })
    .reduce({ by: "sum", over: "all", input: weighted, out: of });
  const inputs = { x: [0.5, -1, 0.2, 0, 0.7, -0.3] };
  const [error] = await checkGradient(builder.build(), { of, by: [x], inputs });
  expect(error).toBeLessThan(1e-7);
});

describe("on the CPU", () => {
  const withDevice = async <T>(use: (device: Device) => Promise<T>, threads = 2): Promise<T> => {
    await using device = openCpuDevice({ threads });
    return await use(device);
  };

  it("runs its reference function in the order of the device", () =>
    withDevice(async (device) => {
      const builder = new ProgramBuilder("ordered");
      const x = builder.buffer("x", "f32", [2, 300]);
      const y = builder.buffer("y", "f32", [2, 300]);
      builder
        .map({ expression: ["add", "x", 1], inputs: { x }, out: y })
        .op({ kind: "outside/reverse", input: y, out: x } as UserOp);
      using executable = await device.compile(builder.build());
      const buffer = executable.buffer("x", "f32");
      buffer.write(Float32Array.from({ length: 600 }, (_, i) => i));
      executable.run(2);
      const after = buffer.read();
      buffer.write(new Float32Array(600));
      executable.run();
      expect([...(await after)]).toEqual(Array.from({ length: 600 }, (_, i) => i + 2));
      expect(new Set(await buffer.read())).toEqual(new Set([1]));
    }));

  it("runs in narrow types, and on entries of tables", () =>
    withDevice(async (device) => {
      const builder = new ProgramBuilder("narrow");
      const [x, y] = [builder.buffer("x", "f16", [1, 2]), builder.buffer("y", "bf16", [1, 2])];
      builder.op<MirrorOp>({ kind: "outside/plain", input: x, factor: 1, out: y });
      using executable = await device.compile(builder.build());
      executable.buffer("x", "f16").write(toFloats("f16", [0.5, -2]) as Uint16Array<ArrayBuffer>);
      executable.run();
      expect(await executable.buffer("y").read()).toEqual(toFloats("bf16", [Math.tanh(-2), Math.tanh(0.5)]));
    }));

  it("has the results of runs that were enqueued before the program was destroyed", () =>
    withDevice(async (device) => {
      const out = device.createBuffer("f32", 490, "out");
      const executable = await device.compile(program("outside/plain"), { out });
      executable.buffer("x").write(values(490));
      executable.run();
      executable.destroy();
      expect((await out.read()).every((value) => value !== 0)).toBe(true);
    }));

  it("tells which op's reference function failed", () =>
    withDevice(async (device) => {
      using executable = await device.compile(program("outside/throws"));
      executable.run();
      await expect(executable.buffer("out").read()).rejects.toThrow(
        /^outside, op 1, outside\/throws: its reference function failed: cannot read that$/,
      );
    }));

  it.skipIf(!isCompiled)("has the same bits for any number of threads (skipped without cc)", async () => {
    const results = [1, 2, 5].map((threads) =>
      withDevice(async (device) => {
        using executable = await device.compile(program("outside/native", 300, 300));
        executable.buffer("x").write(values(90_000));
        executable.run();
        return await executable.buffer("out").read();
      }, threads),
    );
    const [one, ...others] = await Promise.all(results);
    for (const other of others) expect(other).toEqual(one);
  });

  it.each<[MirrorOp["kind"], RegExp]>([
    [
      "outside/missing",
      /^outside, op 1, outside\/missing: the function mirror of .*none.so cannot be loaded \(.+\): give/,
    ],
    [
      "outside/nameless",
      /^outside, op 1, outside\/nameless: the function mirrored of .* cannot be loaded \(.+\): give/,
    ],
  ])("refuses %s", (kind, message) =>
    withDevice(async (device) => {
      await expect(device.compile(program(kind))).rejects.toThrow(message);
    }),
  );

  it("lets the process end while the queue waits for JavaScript", () => {
    const script = `
      import { definitions, openDevice, ProgramBuilder } from ${JSON.stringify(resolve("dist/kernels.js"))};
      definitions.ops.add({
        name: "outside/slow", keys: { out: "required" }, operands: ({ out }) => ({ reads: [], writes: [out] }),
        check() {}, flops: () => 0, reference() {},
      });
      const builder = new ProgramBuilder("slow");
      builder.op({ kind: "outside/slow", out: builder.buffer("out", "f32", [1]) });
      const device = await openDevice({ device: "cpu" });
      const executable = await device.compile(builder.build());
      executable.run(1000);
      console.log("begun");
      if (process.argv[1] === "exit") process.exit(0);
      if (process.argv[1] === "destroy") device.destroy();`;
    for (const how of ["exit", "destroy", "finish"]) {
      const run = () => execFileSync(process.execPath, ["--input-type=module", "-e", script, how], { timeout: 20_000 });
      expect(run().toString()).toBe("begun\n");
    }
  });
});
