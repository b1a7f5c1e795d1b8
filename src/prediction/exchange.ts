/**
 * How long an exchange takes: what each part sends, and what comes back to it. One part on each worker; links carry in both
 * directions at once, and those of a machine share its bandwidth.
 *
 *     star        all parts send to the coordinator, which adds them and answers all; the contribution of a worker comes in while the
 *                 next worker is answered: up + down + (W - 1) max(up, down), two latencies
 *     servers:K   the same with a K-th on each of K servers, but no faster than the worker's own link
 *     ring        all-reduce in 2 (W - 1) hops of a W-th each: only for numbers that can be added on the way
 */
import { brief, UsageError } from "../error.js";
import type { Link } from "../transport/link.js";

/** Bytes of one part. */
interface ExchangeBytes {
  readonly up: number;
  readonly down: number;
  /** Whether what is sent can be added to what others send, without decoding it. */
  readonly additive: boolean;
}

/** Seconds of an exchange of `workers`. */
export type Topology = (bytes: ExchangeBytes, workers: number, link: Link) => number;

/** Bytes that the link at the centre of a star carries one after the other. */
const throughCentre = (up: number, down: number, workers: number): number =>
  up + down + (workers - 1) * Math.max(up, down);

const star: Topology = ({ up, down }, workers, { bytesPerSecond, latency }) =>
  2 * latency + throughCentre(up, down, workers) / bytesPerSecond;

const servers =
  (count: number): Topology =>
  ({ up, down }, workers, { bytesPerSecond, latency }) =>
    2 * latency + Math.max(up + down, throughCentre(up, down, workers) / count) / bytesPerSecond;

const ring: Topology = ({ up, additive }, workers, { bytesPerSecond, latency }) => {
  if (!additive) {
    throw new UsageError(
      "a ring adds contributions on the way, which this compressor's bytes cannot be: use star or servers:4",
    );
  }
  return 2 * (workers - 1) * (latency + up / workers / bytesPerSecond);
};

/** `star`, `ring` or `servers:4`. @throws UsageError */
export function parseTopology(text: string): Topology {
  if (text === "star") return star;
  if (text === "ring") return ring;
  const [, count] = /^servers:([1-9]\d*)$/.exec(text) ?? [];
  if (count === undefined) throw new UsageError(`reduce ${brief(text)}: give star, ring or servers:4`);
  return servers(Number(count));
}
