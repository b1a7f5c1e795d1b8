/**
 * Formulas beside hand-written kernels of the same: `node bench/formulas.mjs [cpu | part of an adapter's name]`. GELU has a kernel of the
 * library. Huber's loss with its gradient and the update of Lion are written by hand here, in C and in WGSL, as ops of a user's own.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { benchmarks, checkOp, definitions, openDevice, ProgramBuilder } from "dawnpour/kernels";

const LENGTHS = [128 * 512, 1 << 20];
const ROUNDS = 3;
const RATE = 1e-4;
const [BETA_1, BETA_2, DECAY] = [0.9, 0.99, 0.01];

const folder = mkdtempSync(join(tmpdir(), "dawnpour-formulas-"));
const library = join(folder, "kernels.so");

/** Loops that a compiler turns into vectors. Threads share blocks of BLOCK elements. */
const BLOCK = 4096;
const C = `
#include <math.h>
#include "dawnpour_op.h"

#define BLOCK ${BLOCK}

static uint64_t least(uint64_t a, uint64_t b) { return a < b ? a : b; }

void huber(const struct dawnpour_view *views, const double *numbers, uint64_t first, uint64_t end) {
  const float *restrict y = views[0].data, *restrict t = views[1].data;
  float *restrict out = views[2].data;
  const uint64_t last = least(end * BLOCK, views[2].columns);
  for (uint64_t i = first * BLOCK; i < last; ++i) {
    const float e = y[i] - t[i], size = fabsf(e);
    out[i] = size < 1.0f ? 0.5f * e * e : size - 0.5f;
  }
}

void lion(const struct dawnpour_view *views, const double *numbers, uint64_t first, uint64_t end) {
  const float *restrict g = views[0].data;
  float *restrict m = views[1].data, *restrict p = views[2].data;
  const uint64_t last = least(end * BLOCK, views[2].columns);
  for (uint64_t i = first * BLOCK; i < last; ++i) {
    const float average = ${BETA_1}f * m[i] + ${1 - BETA_1}f * g[i];
    const float sign = (average > 0.0f ? 1.0f : 0.0f) - (average < 0.0f ? 1.0f : 0.0f);
    p[i] -= ${RATE}f * (sign + ${DECAY}f * p[i]);
    m[i] = ${BETA_2}f * m[i] + ${1 - BETA_2}f * g[i];
  }
}`;

const HUBER_WGSL = `
fn compute(n: u32) {
  let i = 4 * n;
  let e = read4_y(i) - read4_t(i);
  let size = abs(e);
  write4_out(i, select(size - 0.5, 0.5 * e * e, size < vec4f(1.0)), 4);
}`;
const LION_WGSL = `
fn compute(n: u32) {
  let i = 4 * n;
  let g = read4_g(i);
  let m = read4_m(i);
  let p = read4_p(i);
  let average = ${BETA_1} * m + ${1 - BETA_1} * g;
  write4_p(i, p - ${RATE} * (sign(average) + ${DECAY} * p), 4);
  write4_m(i, ${BETA_2} * m + ${1 - BETA_2} * g, 4);
}`;

const views = ({ kind, ...rest }) => rest;
const wgsl = (code) => (op) => ({ code, invocations: (op.out ?? op.p).columns / 4 });
const native = (symbol) => (op) => {
  const given = Object.values(views(op));
  return { library, symbol, views: given, items: Math.ceil(given[0].columns / BLOCK) };
};

const huberOf = (y, t) => (Math.abs(y - t) < 1 ? 0.5 * (y - t) ** 2 : Math.abs(y - t) - 0.5);
definitions.ops.add({
  name: "bench/huber",
  keys: { y: "required", t: "required", out: "required" },
  operands: ({ y, t, out }) => ({ reads: [y, t], writes: [out] }),
  check: (op, rules) => rules.like(op.out, views(op)),
  flops: () => 0,
  wgsl: wgsl(HUBER_WGSL),
  native: native("huber"),
  reference(op, memory) {
    const [y, t, out] = [memory(op.y), memory(op.t), memory(op.out)];
    out.each((i, j) => out.set(i, j, huberOf(y.get(i, j), t.get(i, j))));
  },
});
definitions.ops.add({
  name: "bench/lion",
  keys: { g: "required", m: "required", p: "required" },
  operands: ({ g, m, p }) => ({ reads: [g, m, p], writes: [m, p] }),
  inPlace: ({ m, p }) => [m, p],
  check: (op, rules) => rules.like(op.p, views(op)),
  flops: () => 0,
  wgsl: wgsl(LION_WGSL),
  native: native("lion"),
  reference(op, memory) {
    const [g, m, p] = [memory(op.g), memory(op.m), memory(op.p)];
    p.each((i, j) => {
      const [gradient, average] = [g.get(i, j), BETA_1 * m.get(i, j) + (1 - BETA_1) * g.get(i, j)];
      p.set(i, j, p.get(i, j) - RATE * (Math.sign(average) + DECAY * p.get(i, j)));
      m.set(i, j, BETA_2 * m.get(i, j) + (1 - BETA_2) * gradient);
    });
  },
});

const average = ["add", ["mul", BETA_1, "m"], ["mul", 1 - BETA_1, "g"]];
const sign = ["sub", ["less", 0, average], ["less", average, 0]];
/** Twice the argument of GELU's tanh: the kernel computes 0.5 x (1 + tanh(u)) as x sigmoid(2 u), and so does the formula. */
const TWICE = ["mul", 2 * 0.7978845608028654, ["mul", "x", ["add", 1, ["mul", 0.044715, ["mul", "x", "x"]]]]];
const e = ["sub", "y", "t"];

/** For each: the formula, and the hand-written kernel. Both are built on a builder with the same buffers. */
const WORK = {
  GELU: {
    buffers: ["x", "out"],
    formula: (b, { x, out }) => b.map({ expression: ["mul", "x", ["sigmoid", TWICE]], inputs: { x }, out }),
    kernel: (b, { x, out }) => b.activate({ activation: "gelu", input: x, out }),
  },
  Huber: {
    buffers: ["y", "t", "out"],
    formula: (b, { y, t, out }) =>
      b.map({
        expression: ["where", ["less", ["abs", e], 1], ["mul", 0.5, ["mul", e, e]], ["sub", ["abs", e], 0.5]],
        inputs: { y, t },
        out,
      }),
    kernel: (b, { y, t, out }) => b.op({ kind: "bench/huber", y, t, out }),
  },
  Lion: {
    buffers: ["g", "m", "p"],
    formula: (b, { g, m, p }) =>
      b
        .map({
          expression: ["sub", "p", ["mul", RATE, ["add", sign, ["mul", DECAY, "p"]]]],
          inputs: { g, m, p },
          out: p,
        })
        .map({ expression: ["add", ["mul", BETA_2, "m"], ["mul", 1 - BETA_2, "g"]], inputs: { g, m }, out: m }),
    kernel: (b, { g, m, p }) => b.op({ kind: "bench/lion", g, m, p }),
  },
};

function programOf(name, which, length) {
  const builder = new ProgramBuilder(`${name}, ${which}`);
  const { buffers, [which]: add } = WORK[name];
  add(builder, Object.fromEntries(buffers.map((buffer) => [buffer, builder.buffer(buffer, "f32", [length])])));
  return builder.build();
}

async function open(device, name, which, length) {
  const program = programOf(name, which, length);
  const inputs = Object.fromEntries(
    WORK[name].buffers.map((buffer, k) => [buffer, Float32Array.from({ length }, (_, i) => 2 * Math.sin(i * (k + 1)))]),
  );
  const [worst] = await checkOp(device, programOf(name, which, 4096), shortened(inputs));
  if (worst.error > 1e-5) throw new Error(`${program.name}: ${worst.buffer} is off by ${worst.error}`);
  const executable = await device.compile(program);
  for (const [buffer, values] of Object.entries(inputs)) executable.buffer(buffer).write(values);
  return executable;
}

const shortened = (inputs) =>
  Object.fromEntries(Object.entries(inputs).map(([name, values]) => [name, values.slice(0, 4096)]));

const medianOf = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

try {
  const [wanted = "cpu"] = process.argv.slice(2);
  if (wanted === "cpu") {
    writeFileSync(join(folder, "kernels.c"), C);
    const header = fileURLToPath(new URL("../native", import.meta.url));
    const flags = ["-O3", "-march=native", "-ffast-math", "-shared", "-fPIC", "-I", header];
    execFileSync("cc", [...flags, "-o", library, join(folder, "kernels.c"), "-lm"]);
  }
  const device = await openDevice(wanted === "cpu" ? { device: "cpu" } : { device: "webgpu", adapter: wanted });
  console.log(`${device.info.name}, ${new Date().toISOString().slice(0, 10)}`);
  for (const length of LENGTHS) {
    for (const name of Object.keys(WORK)) {
      const [formula, kernel] = [
        await open(device, name, "formula", length),
        await open(device, name, "kernel", length),
      ];
      const rounds = [];
      for (let round = 0; round < ROUNDS; round++) {
        const times = {};
        // In turns, as the machine may change its speed.
        for (const [which, executable] of round % 2 === 0
          ? Object.entries({ formula, kernel })
          : Object.entries({ kernel, formula })) {
          times[which] = (await benchmarks.measure(device, executable, performance)).medianMs;
        }
        rounds.push(times);
      }
      const ratio = medianOf(rounds.map((times) => times.formula / times.kernel));
      const [ours, theirs] = ["formula", "kernel"].map((which) => medianOf(rounds.map((times) => times[which])));
      console.log(
        `${name} of ${length}: formula ${ours.toPrecision(3)} ms, kernel ${theirs.toPrecision(3)} ms, ${ratio.toFixed(2)} x`,
      );
      formula.destroy();
      kernel.destroy();
    }
  }
  device.destroy();
} finally {
  rmSync(folder, { recursive: true });
}
