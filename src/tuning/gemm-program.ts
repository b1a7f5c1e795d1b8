/** A gemm as the only op of a program, with random operands, to be compiled with several tiles and measured. */

import type { GemmShape } from "../device/webgpu/gemm-tile.js";
import { gemmShape } from "../device/webgpu/lowering/lower-gemm.js";
import type { ElementType, View } from "../program/buffer.js";
import { roundTo } from "../program/narrow-float.js";
import type { GemmOp } from "../program/op.js";
import { type Program, ProgramBuilder } from "../program/program.js";
import { Random } from "../world/random.js";
import { gemmKey } from "./gemm-key.js";

/** The values of a program's buffers by name; narrower floats are widened. */
export type Operands = ReadonlyMap<string, Float32Array>;

/** `op` with its own buffers, named after its operands; in another shape, if one is given. */
export function gemmProgram(op: GemmOp, { m, n, k }: GemmShape = gemmShape(op)): Program {
  const builder = new ProgramBuilder(`gemm ${gemmKey(op)}`);
  const matrix = (name: string, rows: number, columns: number, type: ElementType = "f32"): View =>
    builder.buffer(name, type, [rows, columns]);
  return builder
    .gemm({
      a: op.transposeA ? matrix("a", k, m, op.a.type) : matrix("a", m, k, op.a.type),
      b: op.transposeB ? matrix("b", n, k, op.b.type) : matrix("b", k, n, op.b.type),
      transposeA: op.transposeA,
      transposeB: op.transposeB,
      accumulate: op.accumulate,
      bias: op.bias && matrix("bias", 1, n),
      preActivation: op.preActivation && matrix("preActivation", m, n, op.out.type),
      activation: op.activation,
      derivative: op.derivative && { activation: op.derivative.activation, at: matrix("at", m, n, op.out.type) },
      out: matrix("out", m, n, op.out.type),
    })
    .build();
}

/**
 * Values for every buffer, results included: an element that a kernel does not write must not look like the result of
 * another kernel.
 */
export function randomOperands({ buffers }: Program): Operands {
  return new Map(
    buffers.map(({ name, type, length }, stream) => {
      const random = new Random(0, stream);
      const values = new Float32Array(length);
      // Rounded to the buffer's type, so that every device starts from the same numbers.
      for (let i = 0; i < length; i++) values[i] = roundTo(type, random.between(-1, 1));
      return [name, values];
    }),
  );
}

/** Operands of the gemm that computes only elements [rows, columns] of the result. */
export function cutOperands(
  op: GemmOp,
  operands: Operands,
  rows: readonly number[],
  columns: readonly number[],
): Operands {
  const { n, k, m } = gemmShape(op);
  const all = Array.from({ length: k }, (_, i) => i);
  const cut = (name: string, values: Float32Array): Float32Array => {
    switch (name) {
      case "a":
        return op.transposeA ? submatrix(values, m, all, rows) : submatrix(values, k, rows, all);
      case "b":
        return op.transposeB ? submatrix(values, k, columns, all) : submatrix(values, n, all, columns);
      case "bias":
        return submatrix(values, n, [0], columns);
      default:
        return submatrix(values, n, rows, columns);
    }
  };
  return new Map([...operands].map(([name, values]) => [name, cut(name, values)]));
}

/** Rows and columns of a matrix that is `width` wide. */
export function submatrix(
  values: Float32Array,
  width: number,
  rows: readonly number[],
  columns: readonly number[],
): Float32Array {
  return Float32Array.from(rows.flatMap((row) => columns.map((column) => values[row * width + column])));
}
