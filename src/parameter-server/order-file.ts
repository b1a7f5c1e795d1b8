/**
 * order.jsonl, the order of a run's contributions on disk: one JSON object a line. With the configuration and the data it
 * gives every bit of the run (`replay.ts`).
 *
 *     {"servers":2,"parts":4,"length":1000,"step":0}     the run begins, or is resumed after this step
 *     {"piece":0,"part":1,"life":1048577,"clock":3,"reads":[7,9]}
 *     {"piece":0,"part":1,"skip":5}                      see `Change`
 *     {"piece":0,"restore":12}                           a new server begins with the saved state of version 12
 *     {"piece":0,"save":12,"round":3}                    the state of version 12 was saved, for the snapshot of round 3
 *
 * Each line of a piece makes its next version, except for lines with `save`. Version 0 is the initial state.
 */
import { brief, DataError } from "../error.js";
import type { Disk } from "../world/world.js";
import type { Change } from "./protocol.js";

export const ORDER_FILE = "order.jsonl";

interface OrderHead {
  readonly servers: number;
  readonly parts: number;
  /** Elements of a flat vector. */
  readonly length: number;
  /** Steps before the run began or was resumed. */
  readonly step: number;
}

/** A line that makes the next version of a piece. */
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

/** What comes before a new head: without it a last line that was cut off would swallow the head. */
export async function lineBreak(disk: Pick<Disk, "status" | "readRange">, path: string): Promise<string> {
  const { size = 0 } = (await disk.status(path)) ?? {};
  if (size === 0) return "";
  const [last] = await disk.readRange(path, size - 1, size);
  return last === "\n".charCodeAt(0) ? "" : "\n";
}

/** The order of one piece. */
export interface PieceOrder {
  /** `entries[i]` makes version i + 1. */
  readonly entries: readonly Entry[];
  readonly saves: readonly Saved[];
}

export interface Order extends OrderHead {
  readonly pieces: readonly PieceOrder[];
}

/**
 * The order since the run began or was resumed last. A last line that was cut off, as by the end of the process, is left
 * out, and so is one before a head.
 *
 * @throws DataError for a file that is no order
 */
export function parseOrder(text: string, path: string): Order {
  const lines = text.split("\n").slice(0, -1);
  const first = Math.max(
    0,
    lines.findLastIndex((line) => line.startsWith(HEAD)),
  );
  const head = parseHead(parseLine(lines[first] ?? "", path, first + 1), path, first + 1);
  const pieces = Array.from({ length: head.servers }, () => ({ entries: [] as Entry[], saves: [] as Saved[] }));
  for (const [i, line] of lines.slice(first + 1).entries()) {
    const number = first + i + 2;
    const { piece, ...content } = parseLine(line, path, number) as { piece: number } & (Entry | Saved);
    const of = pieces[piece];
    if (!of) throw new DataError(`${path}, line ${number}: there is no piece ${brief(piece)}: the file is damaged`);
    if ("save" in content) of.saves.push(content);
    else of.entries.push(content);
  }
  return { ...head, pieces };
}

/** A line that begins a run, as `orderLine` writes it. */
const HEAD = '{"servers":';

function parseHead(head: unknown, path: string, number: number): OrderHead {
  const { servers, parts, length, step } = head as Partial<OrderHead>;
  const counts = [servers, parts, length, (step ?? -1) + 1];
  if (counts.every((count) => Number.isSafeInteger(count) && (count as number) >= 1)) return head as OrderHead;
  throw new DataError(
    `${path}, line ${number}: it must have servers, parts and length, each a whole number from 1, and step`,
  );
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
