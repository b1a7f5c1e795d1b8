/**
 * Cuts the program of a step into the programs of a pipeline's stages. Each stage has its own range of the flat vector, and gets
 * the ops that work on that range, unchanged and in their order. So the stages together compute what the whole program computes,
 * bit for bit. Buffers that one stage writes and its neighbour reads must travel between the two.
 */
import type { BufferDeclaration, View } from "../program/buffer.js";
import { type Op, operands } from "../program/op.js";
import type { Program } from "../program/program.js";
import type { Autoencoder } from "./autoencoder.js";

/** A component of a model, and its range of the flat vector. */
export interface Stage {
  readonly name: string;
  readonly start: number;
  readonly length: number;
}

/** One stage's share of a program. Between the forward and the backward pass of a batch the stage may work on other batches. */
export interface StageCut {
  /** The ops up to the loss. */
  readonly forward: Program;
  /** The ops after the loss; undefined where the program has none. */
  readonly backward?: Program;
  /** Buffers that the previous stage fills before the forward pass. The first stage has none. */
  readonly input: readonly BufferDeclaration[];
  /** Buffers that the forward pass fills for the next stage. */
  readonly output: readonly BufferDeclaration[];
  /** Buffers that the next stage fills before the backward pass. */
  readonly outputGradient: readonly BufferDeclaration[];
  /** Buffers that the backward pass fills for the previous stage. */
  readonly inputGradient: readonly BufferDeclaration[];
  /** Buffers that must keep, until the backward pass, what the forward pass wrote. */
  readonly kept: readonly string[];
}

/** Buffers that mirror the flat vector. A stage has only its own range of them. */
const VECTORS = ["parameters", "gradients"];

/** The components that have layers, in this order: encoder, bottleneck, decoder. Their ranges make up the whole vector. */
export function pipelineStages({ encoder, bottleneck, decoder, layout }: Autoencoder): Stage[] {
  const components = Object.entries({ encoder, bottleneck, decoder }).filter(([, layers]) => layers.length > 0);
  const starts = components.map(([, [first]]) => layout.tensor(`${first.name}.weight`).offset);
  return components.map(([name], i) => ({
    name,
    start: starts[i],
    length: (starts[i + 1] ?? layout.length) - starts[i],
  }));
}

/** @param program the program of a whole model: from the batch through the layers to the loss, with or without a backward pass */
export function cutProgram(program: Program, stages: readonly Stage[]): StageCut[] {
  const sections = split(program, stages);
  return sections.map(({ forward, backward, reads, own }, i) => {
    const [before, after] = [sections[i - 1], sections[i + 1]];
    const declared = (names: readonly string[]): BufferDeclaration[] =>
      program.buffers.filter(({ name }) => names.includes(name));
    const input = travelling(before?.forward.writes, reads, own);
    const left = new Set([...forward.writes, ...input]);
    return {
      forward: forward.program(`${program.name}, forward`),
      ...(backward.ops.length > 0 && { backward: backward.program(`${program.name}, backward`) }),
      input: declared(input),
      output: declared(travelling(forward.writes, after?.reads, after?.own)),
      outputGradient: declared(travelling(after?.backward.writes, backward.reads, own)),
      inputGradient: declared(travelling(backward.writes, before?.backward.reads, before?.own)),
      kept: [...backward.reads].filter((name) => left.has(name)),
    };
  });
}

/** The names in `written` that another stage reads and does not write itself. */
function travelling(
  written: ReadonlySet<string> = new Set(),
  read: ReadonlySet<string> = new Set(),
  own: ReadonlySet<string> = new Set(),
): string[] {
  return [...written].filter((name) => read.has(name) && !own.has(name));
}

/** The ops of one stage in one direction. */
class Pass {
  readonly ops: readonly Op[];
  readonly reads: ReadonlySet<string>;
  readonly writes: ReadonlySet<string>;
  readonly #buffers: readonly BufferDeclaration[];
  readonly #stage: Stage;

  constructor(ops: readonly Op[], buffers: readonly BufferDeclaration[], stage: Stage) {
    this.ops = ops;
    this.#buffers = buffers;
    this.#stage = stage;
    this.reads = new Set(ops.flatMap((op) => operands(op).reads.map(({ buffer }) => buffer)));
    this.writes = new Set(ops.flatMap((op) => operands(op).writes.map(({ buffer }) => buffer)));
  }

  program(name: string): Program {
    const { start, length } = this.#stage;
    return {
      name: `${this.#stage.name} of ${name}`,
      buffers: this.#buffers
        .filter((buffer) => this.reads.has(buffer.name) || this.writes.has(buffer.name))
        .map((buffer) => (VECTORS.includes(buffer.name) ? { ...buffer, length } : buffer)),
      ops: this.ops.map((op) => moveViews(op, (view) => ({ ...view, offset: view.offset - start }))),
    };
  }
}

interface Section {
  readonly forward: Pass;
  readonly backward: Pass;
  /** Names of the buffers that the stage reads, in either direction. */
  readonly reads: ReadonlySet<string>;
  /** Names of the buffers that the stage writes, in either direction, and of those that mirror the flat vector. */
  readonly own: ReadonlySet<string>;
}

function split({ ops, buffers }: Program, stages: readonly Stage[]): Section[] {
  const turn = ops.findIndex(({ kind }) => kind === "loss") + 1;
  const owners = ownersOf(ops, stages);
  return stages.map((stage, i) => {
    const pass = (from: number, to: number): Op[] => ops.slice(from, to).filter((_, at) => owners[from + at] === i);
    const backward = new Pass(pass(turn, ops.length), buffers, stage);
    const forward = new Pass(withGathers(pass(0, turn), ops), buffers, stage);
    const reads = new Set([...forward.reads, ...backward.reads]);
    return { forward, backward, reads, own: new Set([...forward.writes, ...backward.writes, ...VECTORS]) };
  });
}

/** The stage of each op: the stage whose range the op works on. An op without a range belongs to the stage of the op before it. */
function ownersOf(ops: readonly Op[], stages: readonly Stage[]): number[] {
  let owner = 0;
  return ops.map((op) => {
    const { reads, writes } = operands(op);
    const view = [...reads, ...writes].find(({ buffer }) => VECTORS.includes(buffer));
    if (view) owner = stages.findLastIndex(({ start }) => start <= view.offset);
    return owner;
  });
}

/** Adds the gathers of the batches that these ops read. A batch does not travel: every stage that reads it gathers it. */
function withGathers(ops: readonly Op[], all: readonly Op[]): Op[] {
  const reads = ops.flatMap((op) => operands(op).reads.map(({ buffer }) => buffer));
  const missing = all.filter((op) => op.kind === "gather" && !ops.includes(op) && reads.includes(op.out.buffer));
  return [...missing, ...ops];
}

/** A copy of an op, or of a part of it, in which `move` has changed the views of vectors. */
function moveViews<T>(part: T, move: (view: View) => View): T {
  if (typeof part !== "object" || part === null) return part;
  if (Array.isArray(part)) return part.map((inner) => moveViews(inner, move)) as T;
  if (isView(part)) return (VECTORS.includes(part.buffer) ? move(part) : part) as T;
  return Object.fromEntries(Object.entries(part).map(([key, inner]) => [key, moveViews(inner, move)])) as T;
}

const isView = (part: object): part is View => "buffer" in part && "offset" in part;
