/**
 * Decides whether a kernel may be used.
 *
 * The default tile is compared with the float64 reference: every element in a sample of rows and columns, spread over
 * the whole result, is computed again, epilogue included. Any other tile must give the same bits as the default in
 * every element. So tuning never changes what is trained, and a run need not record the tiles. Tiles can pass because
 * every tile adds up k in the same order, four at a time.
 */
import type { DeviceBuffer, Executable } from "../device/device.js";
import { openReferenceDevice } from "../device/reference/reference-device.js";
import { gemmShape } from "../device/webgpu/lowering/lower-gemm.js";
import type { Float } from "../program/buffer.js";
import { fromFloats, toFloats } from "../program/narrow-float.js";
import type { GemmOp } from "../program/op.js";
import { Random } from "../world/random.js";
import { cutOperands, gemmProgram, type Operands, submatrix } from "./gemm-program.js";

/** Results of a gemm: `out` and, if it is kept, `preActivation`. */
type Results = ReadonlyMap<string, Float32Array>;

/** Runs a gemm once on these operands. */
export async function resultsOf(executable: Executable, operands: Operands): Promise<Results> {
  for (const [name, values] of operands) {
    const buffer = executable.buffer(name);
    buffer.write(toFloats(buffer.type as Float, values));
  }
  executable.run();
  const names = ["out", "preActivation"].filter((name) => operands.has(name));
  const values = await Promise.all(names.map((name) => readFloats(executable.buffer(name))));
  return new Map(names.map((name, i) => [name, values[i]]));
}

async function readFloats(buffer: DeviceBuffer): Promise<Float32Array> {
  return fromFloats(buffer.type as Float, await buffer.read());
}

export function sameBits(some: Results, others: Results): boolean {
  return [...some].every(([name, values]) => {
    const [words, otherWords] = [values, others.get(name) ?? new Float32Array()].map(
      ({ buffer, byteOffset, length }) => new Uint32Array(buffer, byteOffset, length),
    );
    return words.every((word, i) => word === otherWords[i]);
  });
}

/** Rows and columns in the sample. */
const SAMPLE = 16;

/** Largest difference of `results` from the reference in the sample, relative to its largest element. */
export async function errorOf(op: GemmOp, operands: Operands, results: Results): Promise<number> {
  const { m, n, k } = gemmShape(op);
  const random = new Random(0, operands.size);
  const [rows, columns] = [spread(m, random), spread(n, random)];
  const reference = openReferenceDevice();
  const shape = { m: rows.length, n: columns.length, k };
  const small = await reference.compile(gemmProgram(op, shape));
  const wanted = await resultsOf(small, cutOperands(op, operands, rows, columns));
  reference.destroy();
  const errors = [...results].map(([name, values]) =>
    relativeError(submatrix(values, n, rows, columns), wanted.get(name) ?? values),
  );
  return Math.max(...errors);
}

/** Up to SAMPLE different numbers below `size`, one from each equal part, the last number among them. */
function spread(size: number, random: Random): number[] {
  const parts = Math.min(SAMPLE, size);
  const inside = (part: number): number => Math.floor(((part + random.uniform()) * size) / parts);
  return Array.from({ length: parts }, (_, part) => (part === parts - 1 ? size - 1 : inside(part)));
}

/** NaN is infinitely wrong. */
function relativeError(got: Float32Array, want: Float32Array): number {
  let [scale, error] = [0, 0];
  for (let i = 0; i < want.length; i++) {
    const difference = Math.abs(got[i] - want[i]);
    error = Math.max(error, Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference);
    scale = Math.max(scale, Math.abs(want[i]));
  }
  return error === 0 ? 0 : error / scale;
}
