/**
 * The metadata of Arrow data, walked before the library reads it. Metadata is a tree of tables and lists (FlatBuffers, the
 * schemas Message.fbs, Schema.fbs and File.fbs of Arrow). The library allocates lists as long as they claim to be, and
 * follows the tree wherever it leads. So here all lists and texts together are held against the size of the file.
 */
import { DataError } from "../../error.js";
import { MAGIC } from "./arrow.js";

/** Bytes of the length of a footer, which stands before the last `MAGIC` of a file. */
const FOOTER_LENGTH = 4;
const CONTINUATION = -1;
/** Numbers of the types of messages, and of columns. */
const [SCHEMA, DICTIONARY_BATCH, RECORD_BATCH] = [1, 2, 3];
const [TIMESTAMP, UNION] = [10, 14];
/** Before this version of the format a buffer began with the id of a page, of 8 bytes. */
const VERSION_4 = 3;
/** The metadata of a file stands in it once, but a list may be shared by tables. */
const SHARED = 4;

/** Visits what is at a position. */
type Visit = (view: DataView, at: number) => void;

/** @throws DataError or RangeError when the metadata claims more than the file has */
export function checkMetadata(bytes: Uint8Array): void {
  const walk = new Walk(SHARED * bytes.length);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (MAGIC.every((byte, i) => bytes[i] === byte)) walk.file(view);
  else walk.stream(view);
}

class Walk {
  /** Bytes of lists and texts that may still come. */
  #left: number;

  constructor(most: number) {
    this.#left = most;
  }

  file(view: DataView): void {
    const end = view.byteLength - MAGIC.length - FOOTER_LENGTH;
    const footer = table(view, end - view.getInt32(end, true));
    this.#schema(view, footer(6));
    this.#texts(view, footer(12));
    for (const blocks of [footer(8), footer(10)]) {
      this.#list(view, blocks, 24, (_, at) => void this.#message(view, Number(view.getBigInt64(at, true))));
    }
  }

  stream(view: DataView): void {
    for (let at: number | undefined = 0; at !== undefined && at < view.byteLength; ) at = this.#message(view, at);
  }

  /** @returns where the next message begins; undefined after the last */
  #message(view: DataView, at: number): number | undefined {
    const first = view.getInt32(at, true);
    const start = at + (first === CONTINUATION ? 8 : 4);
    const length = first === CONTINUATION ? view.getInt32(at + 4, true) : first;
    if (length === 0) return undefined;
    const head = new DataView(view.buffer, view.byteOffset + start, length);
    const message = table(head, 0);
    const version = numberAt(message(4), (position) => head.getInt16(position, true));
    const type = numberAt(message(6), (position) => head.getUint8(position));
    const header = message(8);
    if (header === undefined) return start + length;
    if (type === SCHEMA) this.#schema(head, header);
    if (type === RECORD_BATCH) this.#batch(head, header, version);
    if (type === DICTIONARY_BATCH) this.#batch(head, table(head, header)(6), version);
    const body = numberAt(message(10), (position) => Number(head.getBigInt64(position, true)));
    return start + length + Math.max(body, 0);
  }

  #schema(view: DataView, at: number | undefined): void {
    if (at === undefined) return;
    const schema = table(view, at);
    this.#list(view, schema(6), 4, this.#field);
    this.#texts(view, schema(8));
  }

  readonly #field: Visit = (view, at) => {
    const field = table(view, at);
    this.#text(view, field(4));
    this.#type(
      view,
      field(10),
      numberAt(field(8), (position) => view.getUint8(position)),
    );
    this.#list(view, field(14), 4, this.#field);
    this.#texts(view, field(16));
  };

  /** Of the types, a timestamp has a text, and a union a list. */
  #type(view: DataView, at: number | undefined, type: number): void {
    if (at === undefined) return;
    if (type === TIMESTAMP) this.#text(view, table(view, at)(6));
    if (type === UNION) this.#list(view, table(view, at)(6), 4);
  }

  #batch(view: DataView, at: number | undefined, version: number): void {
    if (at === undefined) return;
    const batch = table(view, at);
    this.#list(view, batch(6), 16);
    const buffers = this.#list(view, batch(8), version < VERSION_4 ? 24 : 16);
    let taken = 0;
    this.#list(view, batch(12), 8, (_, position) => {
      taken += Number(view.getBigUint64(position, true));
    });
    if (taken > buffers) throw damaged(`${taken} buffers of texts among ${buffers} of all`);
  }

  /** Pairs of a name and a value. */
  #texts(view: DataView, at: number | undefined): void {
    this.#list(view, at, 4, (_, position) => {
      const pair = table(view, position);
      for (const entry of [4, 6]) this.#text(view, pair(entry));
    });
  }

  #text(view: DataView, at: number | undefined): void {
    this.#list(view, at, 1);
  }

  /** @returns its length */
  #list(view: DataView, at: number | undefined, stride: number, visit?: Visit): number {
    if (at === undefined) return 0;
    const base = at + view.getInt32(at, true);
    const length = view.getInt32(base, true);
    if (length < 0) throw damaged(`a list of ${length} entries`);
    this.#spend(length * stride);
    if (visit) for (let i = 0; i < length; i++) visit(view, base + 4 + i * stride);
    return length;
  }

  #spend(bytes: number): void {
    this.#left -= bytes;
    if (this.#left < 0) throw damaged("lists longer than the file");
  }
}

/** A table: from the number of an entry to the position of its value, undefined where the table lacks it. */
function table(view: DataView, at: number): (entry: number) => number | undefined {
  const position = at + view.getInt32(at, true);
  const entries = position - view.getInt32(position, true);
  const size = view.getInt16(entries, true);
  return (entry) => {
    const offset = entry < size ? view.getInt16(entries + entry, true) : 0;
    return offset === 0 ? undefined : position + offset;
  };
}

const numberAt = (at: number | undefined, read: (at: number) => number): number => (at === undefined ? 0 : read(at));

const damaged = (what: string): DataError => new DataError(`claims ${what}`);
