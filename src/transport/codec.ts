/**
 * Messages as plain data: a ref becomes an address when a message is sent, and a ref again when it arrives. Refs are looked for
 * in plain objects, arrays, maps and sets; the transport's structured clone copies the rest.
 */
import { type Address, Ref } from "../actor/ref.js";

/** The only key of an object that stands for a ref. */
const REF = "dawnpour:ref";

export function encode(value: unknown): unknown {
  return walk(value, (part) => (part instanceof Ref ? { [REF]: part.address } : undefined));
}

/** @param toRef the ref of an address on this node */
export function decode(value: unknown, toRef: (address: Address) => Ref<never>): unknown {
  return walk(value, (part) => (isEncodedRef(part) ? toRef(part[REF]) : undefined));
}

function isEncodedRef(part: object): part is { [REF]: Address } {
  return REF in part;
}

/** A copy of `value` with some of its parts, at any depth, replaced. */
function walk(value: unknown, replace: (part: object) => unknown): unknown {
  if (typeof value !== "object" || value === null) {
    return value;
  }
  const replaced = replace(value);
  if (replaced !== undefined) {
    return replaced;
  }
  const inner = (part: unknown): unknown => walk(part, replace);
  if (Array.isArray(value)) {
    return value.map(inner);
  }
  if (value instanceof Map) {
    return new Map([...value].map(([key, part]) => [inner(key), inner(part)]));
  }
  if (value instanceof Set) {
    return new Set([...value].map(inner));
  }
  const prototype = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) {
    return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, inner(part)]));
  }
  return value;
}
