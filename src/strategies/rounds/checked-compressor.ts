/**
 * A compressor may be a user's own. What its code throws names it, and what it returns is checked, so that a mistake in it is
 * told from the failures of devices and processes.
 */
import { type Choice, optionsOf } from "../../choice.js";
import type { Compressor, CompressorFactory, CompressorRun } from "../../collective/compress/compressor.js";
import { brief, UsageError } from "../../error.js";
import { blaming, StrategyError } from "./guarded.js";

/** What an f32 has. */
const ELEMENT_BYTES = 4;

/** The methods that a compressor must have, and those that it may have. */
const [REQUIRED, OPTIONAL] = [
  ["bytes", "encode", "decode"],
  ["elements", "prepare", "aggregate", "expand"],
] as const;

/** A compressor all of whose fields are there. Its numbers of elements and bytes are those of its run. */
export type CheckedCompressor = Omit<Required<Compressor>, "prepare" | "aggregate" | "expand" | "bytes" | "elements"> &
  Pick<Compressor, "prepare" | "aggregate" | "expand"> & {
    elements(phase: number): number;
    bytes(phase: number): number;
  };

/** The compressor of a run; undefined where contributions are sent as they are. @throws UsageError for what is wrong in it */
export function makeCompressor(
  factory: CompressorFactory,
  choice: Choice,
  run: CompressorRun,
): CheckedCompressor | undefined {
  const where = typeof choice === "object" && "module" in choice ? `compressor of ${choice.module}` : "compressor";
  const compressor = made(factory, choice, run, where);
  if (compressor === undefined) return undefined;
  check(compressor, where);
  return checkedCompressor(compressor, run.length);
}

function made(factory: CompressorFactory, choice: Choice, run: CompressorRun, where: string): Compressor | undefined {
  try {
    return factory(optionsOf(choice), run);
  } catch (error) {
    throw error instanceof UsageError ? error : blaming(`${where} failed`, error);
  }
}

function check(compressor: Compressor, where: string): void {
  const must = (holds: boolean, what: string): void => {
    if (!holds) throw new UsageError(`${where}: ${what}`);
  };
  must(typeof compressor === "object" && compressor !== null, `it must return an object, got ${brief(compressor)}`);
  const { name, phases = 1, local = [], global = [] } = compressor;
  must(isName(name), `name must begin with a letter and have only letters, digits and "_./-", got ${brief(name)}`);
  for (const method of [...REQUIRED, ...OPTIONAL]) {
    const is = compressor[method];
    const isThere = is !== undefined || REQUIRED.some((one) => one === method);
    must(!isThere || typeof is === "function", `${method} must be a function, got ${brief(is)}`);
  }
  must(isCount(phases, 1), `phases must be a whole number from 1, got ${brief(phases)}`);
  must(
    (phases === 1 && !compressor.elements) || compressor.expand !== undefined,
    "expand must be a function: the numbers of the last exchange are no whole vector",
  );
  must(Array.isArray(local), `local must be a list of names, got ${brief(local)}`);
  must(Array.isArray(global), `global must be a list of vectors, [{name: "basis"}], got ${brief(global)}`);
  const names = [...local, ...global.map((vector) => vector?.name)];
  must(names.every(isName), `names in local and global must begin with a letter, got ${brief(names)}`);
  must(!local.includes("residual"), `local must not have "residual": every part has one`);
  must(new Set(names).size === names.length, `local and global must have different names, got ${names.join(", ")}`);
}

/** The same compressor, whose code fails with `StrategyError` alone. @param length elements of a contribution */
export function checkedCompressor(compressor: Compressor, length: number): CheckedCompressor {
  const { name, differences = false, phases = 1, local = [], global = [] } = compressor;
  const call = <A extends readonly unknown[], R>(what: string, method: (...args: A) => R) => {
    return (...args: A): R => {
      try {
        return method.apply(compressor, args as never);
      } catch (error) {
        throw blaming(`compressor ${name} failed in ${what}`, error);
      }
    };
  };
  const within = (what: string, value: unknown, most: number): number => {
    if (isCount(value, 1) && value <= most) return value;
    throw new StrategyError(
      `compressor ${name}: ${what} must be a whole number from 1 to ${most}, got ${brief(value)}`,
    );
  };
  const each = (of: (phase: number) => number): number[] => Array.from({ length: phases }, (_, phase) => of(phase));
  const { prepare, aggregate, expand } = compressor;
  const elementsOf = call("elements", compressor.elements ?? (() => length));
  const bytesOf = call("bytes", compressor.bytes);
  const encode = call("encode", compressor.encode);
  const elements = each((phase) => within(`elements(${length}, ${phase})`, elementsOf(length, phase), length));
  const bytes = each((phase) =>
    within(`bytes(${length}, ${phase}), 4 an element at most,`, bytesOf(length, phase), ELEMENT_BYTES * length),
  );
  return {
    ...{ name, differences, phases, local, global },
    elements: (phase) => elements[phase],
    bytes: (phase) => bytes[phase],
    ...(prepare && { prepare: call("prepare", prepare) }),
    encode: (vector, out, context) =>
      within("encode, which must return the bytes used,", encode(vector, out, context), out.length),
    decode: call("decode", compressor.decode),
    ...(aggregate && { aggregate: call("aggregate", aggregate) }),
    ...(expand && { expand: call("expand", expand) }),
  };
}

const isCount = (value: unknown, least: number): value is number =>
  Number.isSafeInteger(value) && (value as number) >= least;

const isName = (name: unknown): name is string => typeof name === "string" && /^[A-Za-z][\w./-]*$/.test(name);
