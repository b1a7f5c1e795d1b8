/**
 * Ops of users' own on a CPU device, and ops with a function of a user's own: a compiled function where the definition names one, else the
 * reference function, in JavaScript and in the order of the device.
 */
import { isUserName } from "../../definitions.js";
import { messageOf, UsageError } from "../../error.js";
import {
  BYTES_PER_ELEMENT,
  type ElementType,
  elements,
  FLOATS,
  type Float,
  TYPED_ARRAYS,
  type View,
} from "../../program/buffer.js";
import { fromFloats, toFloats } from "../../program/narrow-float.js";
import { type NativeKernel, type Op, ops } from "../../program/op.js";
import { type Held, Matrix } from "../reference/matrix.js";
import type { CpuCore, MemoryHandle, SymbolHandle } from "./addon.js";
import type { Engine } from "./engine.js";

/** An op that calls a compiled function. `itemSize` is the number of elements of an item. */
interface SymbolOp {
  readonly kind: "symbol";
  readonly function: SymbolHandle;
  readonly views: readonly View[];
  readonly numbers: readonly number[];
  readonly items: number;
  readonly itemSize: number;
}

/** An op that calls a function of JavaScript. */
interface HostOp {
  readonly kind: "host";
  readonly number: number;
}

/** The memory of a buffer, kept for as long as the op may run, and its number of elements. */
interface Block {
  readonly memory: MemoryHandle;
  readonly length: number;
}

/** The blocks of a program by the name of their buffer. */
export type Blocks = ReadonlyMap<string, Block>;

/** Whether the core has no kernel for an op, because a user has defined the op or a function that it names. */
export function isOwn(op: Op): boolean {
  const functions = ops.get(op.kind).functions?.(op) ?? [];
  return isUserName(op.kind) || functions.some(({ name }) => isUserName(name));
}

/** An op in a form that the core knows. */
export type OwnOp = SymbolOp | HostOp;

/** @param where the program and the op, for errors */
export function ownOp(where: string, op: Op, engine: Engine, blocks: Blocks): OwnOp {
  const native = ops.get(op.kind).native?.(op);
  if (native) return symbolOp(where, native, engine);
  return { kind: "host", number: engine.host.add(where, () => runReference(op, engine.core, blocks)) };
}

function symbolOp(
  where: string,
  { library, symbol, views, numbers = [], items = 1 }: NativeKernel,
  engine: Engine,
): SymbolOp {
  try {
    const found = engine.core.loadSymbol(library, symbol);
    const most = Math.max(...views.map(elements));
    return { kind: "symbol", function: found, views, numbers, items, itemSize: Math.max(1, Math.ceil(most / items)) };
  } catch (error) {
    throw new UsageError(
      `${where}: the function ${symbol} of ${library} cannot be loaded (${messageOf(error)}): give the path of a shared library for this machine, and a name that it exports`,
      { cause: error },
    );
  }
}

/** Runs the reference function on copies of what its views hold, and writes back those that it has changed. */
function runReference(op: Op, core: CpuCore, blocks: Blocks): void {
  const copies = new Map<string, Copy>();
  ops.get(op.kind).reference(op, (view) => {
    const key = JSON.stringify(view);
    const copy = copies.get(key) ?? new Copy(core, blocks, view);
    copies.set(key, copy);
    return copy;
  });
  for (const copy of copies.values()) copy.writeBack();
}

/** The elements of a view, copied from the memory of the device while its queue waits. */
class Copy extends Matrix {
  readonly #core: CpuCore;
  readonly #memory: MemoryHandle;
  readonly #start: number;
  readonly #type: ElementType;
  readonly #values: Held[ElementType];
  #changed = false;

  constructor(core: CpuCore, blocks: Blocks, { buffer, type, offset, rows, columns, cursor }: View) {
    const { memory, length } = blockOf(blocks, buffer);
    const size = rows * columns;
    const entries = Math.floor((length - offset) / size);
    const entry = cursor === undefined ? 0 : Math.min(numberIn(core, blockOf(blocks, cursor).memory), entries - 1);
    const start = (offset + entry * size) * BYTES_PER_ELEMENT[type];
    const stored = new TYPED_ARRAYS[type](size);
    core.peek(memory, start, stored);
    const values = isFloat(type) ? Float64Array.from(fromFloats(type, stored)) : (stored as Uint32Array | Uint8Array);
    super(type, values, 0, rows, columns);
    this.#core = core;
    this.#memory = memory;
    this.#start = start;
    this.#type = type;
    this.#values = values;
  }

  override set(row: number, column: number, value: number): void {
    super.set(row, column, value);
    this.#changed = true;
  }

  writeBack(): void {
    if (!this.#changed) return;
    const type = this.#type;
    const stored = isFloat(type) ? toFloats(type, this.#values) : (this.#values as Uint32Array | Uint8Array);
    this.#core.poke(this.#memory, this.#start, stored);
  }
}

const isFloat = (type: ElementType): type is Float => (FLOATS as readonly string[]).includes(type);

function blockOf(blocks: Blocks, name: string): Block {
  const block = blocks.get(name);
  if (!block) throw new UsageError(`the op has no operand in a buffer "${name}"`);
  return block;
}

function numberIn(core: CpuCore, memory: MemoryHandle): number {
  const number = new Uint32Array(1);
  core.peek(memory, 0, number);
  return number[0];
}
