/**
 * order.jsonl, the order of a run's contributions on disk: one JSON object a line. With the configuration and the data it
 * gives every bit of the run (`replay.ts`).
 *
 *     {"servers":2,"parts":4,"length":1000}              the run begins
 *     {"piece":0,"part":1,"life":1048577,"clock":3,"reads":[7,9]}
 *     {"piece":0,"part":1,"skip":5}                      see `Change`
 *     {"piece":0,"restore":12}                           a server begins anew with the saved state of version 12
 *     {"piece":0,"save":12,"round":3}                    the state of version 12 was saved, for the snapshot of round 3
 *
 * The versions of a piece count its lines but for those of `save`. Version 0 is the initial state.
 */
import { DataError } from "../error.js";
import type { Change } from "./protocol.js";

export const ORDER_FILE = "order.jsonl";

interface OrderHead {
  readonly servers: number;
  readonly parts: number;
  /** Elements of a flat vector. */
  readonly length: number;
}

/** What makes the next version of a piece. */
export type Entry = Change | { readonly restore: number };

/** A contribution in the order. */
export type Commit = Extract<Entry, { readonly clock: number }>;

export const isCommit = (entry: Entry): entry is Commit => "clock" in entry;

interface Saved {
  readonly save: number;
  readonly round: number;
}

export const orderLine = (content: OrderHead | ({ readonly piece: number } & (Entry | Saved))): string =>
  `${JSON.stringify(content)}\n`;

/** The order of one piece. */
export interface PieceOrder {
  /** `entries[i]` makes version i + 1. */
  readonly entries: readonly Entry[];
  readonly saves: readonly Saved[];
}

export interface Order extends OrderHead {
  readonly pieces: readonly PieceOrder[];
}

/** A last line that was cut off, as by the end of the process, is left out. @throws DataError for a file that is no order */
export function parseOrder(text: string, path: string): Order {
  const lines = text.split("\n").slice(0, -1);
  const head = parseLine(lines[0] ?? "", path, 1) as Partial<OrderHead>;
  const { servers, parts, length } = head;
  if (![servers, parts, length].every((count) => Number.isSafeInteger(count) && (count as number) >= 1)) {
    throw new DataError(`${path}, line 1: it must have servers, parts and length, each a whole number from 1`);
  }
  const pieces = Array.from({ length: servers as number }, () => ({ entries: [] as Entry[], saves: [] as Saved[] }));
  for (const [i, line] of lines.entries()) {
    if (i === 0) continue;
    const { piece, ...content } = parseLine(line, path, i + 1) as { piece: number } & (Entry | Saved);
    const of = pieces[piece];
    if (!of) throw new DataError(`${path}, line ${i + 1}: piece ${piece} of ${servers}: the file is damaged`);
    if ("save" in content) of.saves.push(content);
    else of.entries.push(content);
  }
  return { servers: servers as number, parts: parts as number, length: length as number, pieces };
}

function parseLine(line: string, path: string, number: number): unknown {
  try {
    const parsed: unknown = JSON.parse(line);
    if (typeof parsed === "object" && parsed !== null) return parsed;
  } catch {
    // The error below says where.
  }
  throw new DataError(`${path}, line ${number}: it is no JSON object: the file is damaged, or was cut off`);
}
