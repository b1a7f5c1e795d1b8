/**
 * One flat vector. All parameters of a model are named, aligned matrices in one buffer. Gradients and the optimizer's state have
 * the same layout, so an optimizer step, a reduction and a checkpoint are each one pass over one vector. The gaps that alignment
 * leaves hold zeros, get zero gradients, and stay zero under every update rule.
 */
import { align, type View } from "../program/buffer.js";

/** A named `rows x columns` matrix that starts `offset` elements into the flat vector. */
export interface Tensor {
  readonly name: string;
  readonly rows: number;
  readonly columns: number;
  readonly offset: number;
}

/** Where each tensor of a model lies in its flat vector. */
export class ParameterLayout {
  readonly tensors: readonly Tensor[];
  /** Elements of the flat vector, gaps included. */
  readonly length: number;

  /** The tensors one after another, each at an aligned offset. */
  constructor(shapes: readonly Omit<Tensor, "offset">[]) {
    let offset = 0;
    this.tensors = shapes.map((shape) => {
      const tensor = { ...shape, offset };
      offset = align(offset + shape.rows * shape.columns);
      return tensor;
    });
    this.length = offset;
  }

  /** Number of parameters, without the gaps. */
  get parameters(): number {
    return this.tensors.reduce((sum, { rows, columns }) => sum + rows * columns, 0);
  }

  /** Sets the gaps between the tensors of a flat vector in memory to zero: memory that is used again has other values there. */
  clearGaps(vector: Float32Array): void {
    for (const [i, { offset, rows, columns }] of this.tensors.entries()) {
      vector.fill(0, offset + rows * columns, this.tensors[i + 1]?.offset ?? this.length);
    }
  }

  /** The tensor of that name. */
  tensor(name: string): Tensor {
    const tensor = this.tensors.find((candidate) => candidate.name === name);
    if (!tensor) throw new Error(`Invariant violation: no tensor "${name}" in the layout`);
    return tensor;
  }

  /** The tensor that has an element of the flat vector, and its place there; undefined for an element of a gap. */
  at(element: number): { readonly name: string; readonly row: number; readonly column: number } | undefined {
    const tensor = this.tensors.findLast(({ offset }) => offset <= element);
    if (!tensor) return undefined;
    const place = element - tensor.offset;
    const row = Math.floor(place / tensor.columns);
    return row < tensor.rows ? { name: tensor.name, row, column: place % tensor.columns } : undefined;
  }

  /** The elements of the flat vector from the first of neighbouring tensors up to the tensor after the last, gaps included. */
  stretch(names: readonly string[]): { readonly offset: number; readonly end: number } {
    const indices = names.map((name) => this.tensors.indexOf(this.tensor(name)));
    const [first, last] = [Math.min(...indices), Math.max(...indices)];
    return { offset: this.tensors[first].offset, end: this.tensors[last + 1]?.offset ?? this.length };
  }

  /** The matrix `name` within a view of a whole flat vector (parameters, gradients, ...). */
  view(vector: View, name: string): View {
    const { offset, rows, columns } = this.tensor(name);
    return { ...vector, offset: vector.offset + offset, rows, columns };
  }

  /** The elements of `name` within a flat vector in memory. Shares memory with it. */
  part(vector: Float32Array, name: string): Float32Array {
    const { offset, rows, columns } = this.tensor(name);
    return vector.subarray(offset, offset + rows * columns);
  }
}
