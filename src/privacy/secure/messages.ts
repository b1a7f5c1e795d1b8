/** What all messages of the protocol are made of: sets of clients, and records of equal length in the order of clients. */
import { DawnpourError, UsageError } from "../../error.js";
import { MOST_CLIENTS } from "./ring.js";

/** What server and clients of a round agree on. */
export interface SecureRound {
  /** Clients that may take part, from 3 to 1024; their numbers begin at 0. */
  readonly clients: number;
  /** The length of a contribution. */
  readonly values: number;
}

/** Clients that must stay until the end: more than half, so that a server cannot get two kinds of shares from two halves. */
export const thresholdOf = ({ clients }: SecureRound): number => Math.floor(clients / 2) + 1;

/** @throws UsageError for a round that cannot be */
export function checkRound({ clients, values }: SecureRound): void {
  if (!Number.isInteger(clients) || clients < 3 || clients > MOST_CLIENTS) {
    throw new UsageError(`secure aggregation takes 3 to ${MOST_CLIENTS} clients, got ${clients}`);
  }
  if (!Number.isInteger(values) || values < 1) {
    throw new UsageError(`a contribution to secure aggregation has a positive number of values, got ${values}`);
  }
}

/** @throws DawnpourError where fewer clients are left than the threshold */
export function checkEnough(round: SecureRound, left: number, stage: string): void {
  const threshold = thresholdOf(round);
  if (left >= threshold) return;
  throw new DawnpourError(
    `${left} of ${round.clients} clients are left at the stage "${stage}", fewer than ${threshold}: start a new round`,
  );
}

/** @throws DawnpourError for a message of another length */
export function checkLength(message: Uint8Array, length: number, what: string): void {
  if (message.length === length) return;
  throw new DawnpourError(`${what} has ${message.length} bytes instead of ${length}: its sender leaves the round`);
}

/** The bytes of a set. */
export const setBytes = ({ clients }: SecureRound): number => Math.ceil(clients / 8);

/** A set of clients, a bit each. */
export function encodeSet(round: SecureRound, members: Iterable<number>): Uint8Array {
  const bits = new Uint8Array(setBytes(round));
  for (const member of members) bits[member >> 3] |= 1 << (member & 7);
  return bits;
}

/** The members of a set, in ascending order. */
export function decodeSet({ clients }: SecureRound, bits: Uint8Array): number[] {
  return Array.from({ length: clients }, (_, i) => i).filter((i) => (bits[i >> 3] >> (i & 7)) & 1);
}

/** Parts one after the other. */
export function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** The i-th record. */
export const record = (records: Uint8Array, i: number, length: number): Uint8Array =>
  records.slice(i * length, (i + 1) * length);
