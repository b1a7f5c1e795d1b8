/**
 * The safetensors format, which Python's `safetensors` reads and writes too: 8 bytes with the length of the header
 * (little endian), the header (JSON: names, types, shapes and byte ranges, padded with spaces to a multiple of 8), then
 * the numbers of all tensors, row-major and little endian, without gaps. Source: the "Format" section of
 * https://github.com/huggingface/safetensors
 *
 * Typed arrays are read and written as they are in memory, which is little endian on every machine that Dawnpour runs
 * on.
 */
import { brief, DataError, DawnpourError } from "../error.js";
import { ARRAYS, elementCount, elementSize, isTensorType, type NamedTensor, type Tensor } from "./tensor.js";

export type { NamedTensor, Tensor, TensorType } from "./tensor.js";

/** The content of a safetensors file. */
export interface Safetensors {
  /** In the order of their bytes. */
  readonly tensors: ReadonlyMap<string, Tensor>;
  readonly metadata: Metadata;
}

/** The header's key for free text; no tensor can have this name. */
const METADATA = "__metadata__";

/** Bytes; the limit of the Python library, against headers made to exhaust memory. */
const LONGEST_HEADER = 100_000_000;

/** Bytes of the length at the start. */
const PREFIX = 8;

/** What the header says of a tensor; offsets are bytes after the header. */
interface Entry {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}
/** Free text beside the tensors of a file, by key. */
export type Metadata = Readonly<Record<string, string>>;

/**
 * The file as parts: the header, then a view of each tensor's own bytes, not a copy.
 *
 * Tensors are stored by descending element size, and otherwise in the order given.
 * @example
 * ```ts
 * import { interchange } from "dawnpour";
 *
 * const weight = { name: "weight", dtype: "F32", shape: [2], data: Float32Array.of(1, 2) } as const;
 * const file = Buffer.concat(interchange.encodeSafetensors([weight], { author: "me" }));
 * const { tensors, metadata } = interchange.decodeSafetensors(file, "my file");
 * console.log(tensors.get("weight")?.data.join(" "), metadata.author); // 1 2 me
 * ```
 */
export function encodeSafetensors(tensors: readonly NamedTensor[], metadata: Metadata = {}): Uint8Array[] {
  const sorted = tensors.toSorted((a, b) => elementSize(b.dtype) - elementSize(a.dtype));
  const entries = new Map<string, Entry>();
  let offset = 0;
  for (const { name, dtype, shape, data } of sorted) {
    if (name === METADATA || entries.has(name)) {
      const why = name === METADATA ? "the format keeps this name for itself" : "another tensor has this name";
      throw new DawnpourError(`safetensors: no tensor can be named "${name}": ${why}`);
    }
    if (!(data instanceof ARRAYS[dtype]) || data.length !== elementCount(shape)) {
      throw new DawnpourError(
        `safetensors: tensor "${name}" is ${dtype} [${shape.join(", ")}], got ${data.length} numbers of ${data.constructor.name}`,
      );
    }
    entries.set(name, { dtype, shape: [...shape], data_offsets: [offset, offset + data.byteLength] });
    offset += data.byteLength;
  }
  const texts: [string, unknown][] = Object.keys(metadata).length > 0 ? [[METADATA, metadata]] : [];
  return [encodeHeader([...texts, ...entries]), ...sorted.map(({ data }) => bytesOf(data))];
}

/**
 * The tensors of a file. They are views of `bytes` if they are aligned, else copies.
 *
 * @param source names the file in errors
 * @throws DataError unless the file follows the format in every byte
 */
export function decodeSafetensors(bytes: Uint8Array, source: string): Safetensors {
  // Names come from the file: a line break in one must not break the line of the error.
  const broken = (why: string) =>
    new DataError(`"${source}" is not a sound safetensors file: ${why.replace(/\p{Cc}/gu, "?")}`);
  if (bytes.length < PREFIX) {
    throw broken(`it has ${bytes.length} bytes, too few for a header`);
  }
  const length = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
  if (length > LONGEST_HEADER) {
    throw broken(`its header would be ${length} bytes, the limit is ${LONGEST_HEADER}`);
  }
  const body = PREFIX + Number(length);
  if (body > bytes.length) {
    throw broken(`its header should end at byte ${body}, the file ends at ${bytes.length}`);
  }
  const header = parseHeader(bytes.subarray(PREFIX, body), broken);
  const tensors = new Map<string, Tensor>();
  let end = 0;
  for (const [name, entry] of header.entries.toSorted(([, a], [, b]) => byOffsets(a, b))) {
    const [start, stop] = entry.data_offsets;
    if (start !== end) {
      throw broken(`tensor "${name}" starts at ${start}, the one before it ends at ${end}`);
    }
    if (body + stop > bytes.length) {
      throw broken(`tensor "${name}" should end at byte ${body + stop}, the file ends at ${bytes.length}`);
    }
    tensors.set(name, readTensor(name, entry, bytes.subarray(body + start, body + stop), broken));
    end = stop;
  }
  if (body + end !== bytes.length) {
    throw broken(`${bytes.length - body - end} bytes follow the last tensor`);
  }
  return { tensors, metadata: header.metadata };
}

type Broken = (why: string) => DataError;

function bytesOf(data: ArrayBufferView): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

function encodeHeader(entries: readonly (readonly [string, unknown])[]): Uint8Array {
  // The text is joined here, because an object would move names that look like numbers to the front.
  const members = entries.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`);
  const json = new TextEncoder().encode(`{${members.join(",")}}`);
  const padded = Math.ceil(json.length / 8) * 8;
  const header = new Uint8Array(PREFIX + padded).fill(0x20);
  new DataView(header.buffer).setBigUint64(0, BigInt(padded), true);
  header.set(json, PREFIX);
  return header;
}

function parseHeader(bytes: Uint8Array, broken: Broken): { entries: [string, Entry][]; metadata: Metadata } {
  let text: string;
  let members: unknown;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    members = JSON.parse(text);
  } catch {
    throw broken("its header is not JSON");
  }
  if (!text.startsWith("{")) {
    throw broken("its header is not a JSON object");
  }
  const entries: [string, Entry][] = [];
  let metadata: Metadata = {};
  let keys = 0;
  for (const [name, value] of Object.entries(members as object)) {
    if (name === METADATA) {
      metadata = checkMetadata(value, broken);
    } else {
      entries.push([name, checkEntry(name, value, broken)]);
    }
    keys += 1 + Object.keys(value).length;
  }
  if (colons(text) !== keys) {
    throw broken("its header has the same key twice");
  }
  return { entries, metadata };
}

/** These checks use no library of schemas: a page in a browser that reads one file should not have to load one. */
function checkEntry(name: string, value: unknown, broken: Broken): Entry {
  const wrong = (why: string): DataError => broken(`its header's entry "${name}" is wrong: ${why}`);
  if (!isRecord(value)) throw wrong(`it must be an object, got ${brief(value)}`);
  const { dtype, shape, data_offsets: offsets, ...rest } = value;
  if (typeof dtype !== "string") throw wrong(`dtype: it must be text, got ${brief(dtype)}`);
  const [start, end, ...more] = sizes("data_offsets", offsets, wrong);
  if (end === undefined || more.length > 0) throw wrong(`data_offsets: they must be two, got ${brief(offsets)}`);
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined) throw wrong(`its key ${brief(unknown)} is none of dtype, shape and data_offsets`);
  return { dtype, shape: sizes("shape", shape, wrong), data_offsets: [start, end] };
}

function checkMetadata(value: unknown, broken: Broken): Metadata {
  if (!isTextMap(value)) throw broken(`its header's entry "${METADATA}" is wrong: it must map text to text`);
  return value;
}

/**
 * Number of colons outside of strings: JSON has one for each key, and so shows duplicate keys, which a parser drops.
 */
function colons(json: string): number {
  let found = 0;
  let quoted = false;
  for (let i = 0; i < json.length; i++) {
    if (json[i] === '"') {
      quoted = !quoted;
    } else if (json[i] === "\\") {
      i++;
    } else if (json[i] === ":" && !quoted) {
      found++;
    }
  }
  return found;
}

/** An empty tensor comes before the one that starts at the same byte. */
function byOffsets(a: Entry, b: Entry): number {
  return a.data_offsets[0] - b.data_offsets[0] || a.data_offsets[1] - b.data_offsets[1];
}

function readTensor(name: string, entry: Entry, bytes: Uint8Array, broken: Broken): Tensor {
  const { dtype, shape } = entry;
  if (!isTensorType(dtype)) {
    throw broken(`tensor "${name}" is of type ${dtype} (supported: ${Object.keys(ARRAYS).join(", ")})`);
  }
  const wanted = elementCount(shape) * elementSize(dtype);
  if (bytes.length !== wanted) {
    throw broken(`tensor "${name}", ${dtype} [${shape.join(", ")}], takes ${wanted} bytes, got ${bytes.length}`);
  }
  const aligned = bytes.byteOffset % elementSize(dtype) === 0 ? bytes : new Uint8Array(bytes);
  return {
    dtype,
    shape,
    data: new ARRAYS[dtype](aligned.buffer as ArrayBuffer, aligned.byteOffset, elementCount(shape)),
  };
}

function isTextMap(value: unknown): value is Metadata {
  return isRecord(value) && Object.values(value).every((text) => typeof text === "string");
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function sizes(key: string, value: unknown, wrong: (why: string) => DataError): number[] {
  if (!Array.isArray(value)) throw wrong(`${key}: it must be a list, got ${brief(value)}`);
  const bad = value.findIndex((size) => !Number.isSafeInteger(size) || size < 0);
  if (bad >= 0) throw wrong(`${key}: ${bad}: it must be a whole number from 0, got ${brief(value[bad])}`);
  return value;
}
