/** Random programs, drawn op by op. Each op reads earlier values or parameters. Values that no op reads go into a loss. */
import fc from "fast-check";
import { slice, type View } from "../../../src/program/buffer.js";
import type { Activation } from "../../../src/program/op.js";
import { ProgramBuilder } from "../../../src/program/program.js";
import { Random } from "../../../src/world/random.js";

/** Elements of the vector of parameters. */
const PARAMETERS = 120;

/** Central differences need a derivative everywhere. */
const SMOOTH = ["linear", "sigmoid", "tanh", "gelu"] as const satisfies readonly Activation[];

/** Numbers that decide the choices: each is taken modulo the number of possibilities. */
export interface Draw {
  readonly op: number;
  readonly choices: readonly number[];
}

const natural = fc.nat(1000);
export const draws = fc.array(fc.record({ op: natural, choices: fc.array(natural, { minLength: 8, maxLength: 8 }) }), {
  minLength: 1,
  maxLength: 8,
});

export interface RandomProgram {
  readonly builder: ProgramBuilder;
  readonly parameters: View;
  readonly total: View;
  readonly inputs: Readonly<Record<string, Float64Array>>;
}

export function randomProgram(all: readonly Draw[], seed: number): RandomProgram {
  const maker = new Maker(seed);
  for (const draw of all) maker.add(draw);
  return maker.finish();
}

class Maker {
  readonly #builder = new ProgramBuilder("random");
  readonly #parameters = this.#builder.buffer("parameters", "f32", [PARAMETERS]);
  readonly #inputs: Record<string, Float64Array> = {};
  readonly #values: View[] = [];
  readonly #read = new Set<View>();
  readonly #random: Random;
  #buffers = 0;

  constructor(seed: number) {
    this.#random = new Random(seed);
    this.#values.push(this.#constant(3, 2));
  }

  add({ op, choices }: Draw): void {
    const [c0, c1, c2, c3, c4, c5] = choices;
    const input = this.#value(c0);
    const activation = SMOOTH[c1 % SMOOTH.length];
    const builder = this.#builder;
    const { rows, columns } = input;
    const out = (m: number, n: number): View => this.#output(m, n);
    switch (op % 8) {
      case 0:
      case 1:
        this.#gemm(input, choices);
        break;
      case 2:
        builder.activate({ activation, input: this.#use(input), out: out(rows, columns) });
        break;
      case 3:
        builder.scale({ input: this.#use(input), factor: (c2 % 5) - 2.5, out: out(rows, columns) });
        break;
      case 4: {
        const b = this.#operand(rows, columns, c3);
        builder.add({ a: this.#use(input), b, factor: (c4 % 3) - 0.5, out: out(rows, columns) });
        break;
      }
      case 5:
        builder.sumRows({ input: this.#use(input), out: out(1, columns) });
        break;
      case 6: {
        const at = this.#constant(rows, columns);
        builder.activationGradient({ activation, at, gradient: this.#use(input), out: out(rows, columns) });
        break;
      }
      case 7: {
        // A part of it, in another shape.
        const length = 1 + (c5 % (rows * columns));
        const part = slice(input, rows * columns - length, length, 1);
        this.#use(input);
        builder.copy({ input: part, out: out(length, 1) });
      }
    }
  }

  finish(): RandomProgram {
    const leaves = this.#values.filter((value) => !this.#read.has(value));
    const totals = leaves.map((input, i) => {
      const total = this.#buffer(1, 1, "total");
      const target = this.#constant(input.rows, input.columns);
      this.#builder.loss({ loss: i % 2 === 0 ? "mse" : "bce", input, target, scale: 0.3, total });
      return total;
    });
    const total = this.#builder.buffer("loss", "f32", [1]);
    const sum = totals.reduce((a, b) => {
      const out = this.#buffer(1, 1, "sum");
      this.#builder.add({ a, b, factor: 0.7, out });
      return out;
    });
    this.#builder.copy({ input: sum, out: total });
    return { builder: this.#builder, parameters: this.#parameters, total, inputs: this.#inputs };
  }

  #gemm(a: View, [, c1, c2, c3, c4, c5, c6]: readonly number[]): void {
    const transposeA = c2 % 2 === 1;
    const transposeB = c3 % 2 === 1;
    const [m, k] = transposeA ? [a.columns, a.rows] : [a.rows, a.columns];
    const n = 1 + (c4 % 3);
    const b = this.#operand(transposeB ? n : k, transposeB ? k : n, c5);
    const bias = c6 % 3 === 0 ? undefined : this.#parameter(1, n, c6);
    const activation = SMOOTH[c1 % SMOOTH.length];
    this.#builder.gemm({ a: this.#use(a), b, transposeA, transposeB, bias, activation, out: this.#output(m, n) });
  }

  /** An earlier value of this shape, or parameters. */
  #operand(rows: number, columns: number, choice: number): View {
    const fitting = this.#values.filter((value) => value.rows === rows && value.columns === columns);
    const chosen = choice % (fitting.length + 1);
    return chosen < fitting.length ? this.#use(fitting[chosen]) : this.#parameter(rows, columns, choice);
  }

  /** A view anywhere in the vector. Two views may be the same, or overlap. */
  #parameter(rows: number, columns: number, choice: number): View {
    return slice(this.#parameters, (choice * 7) % (PARAMETERS - rows * columns), rows, columns);
  }

  #value(choice: number): View {
    return this.#values[choice % this.#values.length];
  }

  #use(value: View): View {
    this.#read.add(value);
    return value;
  }

  #output(rows: number, columns: number): View {
    const view = this.#buffer(rows, columns, "value");
    this.#values.push(view);
    return view;
  }

  #constant(rows: number, columns: number): View {
    const view = this.#buffer(rows, columns, "constant");
    this.#inputs[view.buffer] = Float64Array.from({ length: rows * columns }, () => this.#random.between(-1, 1));
    return view;
  }

  #buffer(rows: number, columns: number, what: string): View {
    return this.#builder.buffer(`${what}.${this.#buffers++}`, "f32", [rows, columns]);
  }
}
