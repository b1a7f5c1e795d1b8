/** Checks the link of a run (`--link`) against its other options, and computes the time that it needs for the vectors of a round. */
import type { ClusterTimes } from "../cluster/times.js";
import { UsageError } from "../error.js";
import { ServedRounds } from "../parameter-server/served-rounds.js";
import { partsOf, type Rounds } from "../strategies/rounds/replica.js";
import type { Link } from "../transport/link.js";
import { durationText } from "../world/duration.js";

const FLOAT_BYTES = 4;

/** The most milliseconds that the link needs for the vectors of a round: of each part to the coordinator, their sum to each worker. */
export function transitOf(link: Link | undefined, rounds: Rounds, workers: number): number {
  if (!link) return 0;
  const { length, each = false } = rounds;
  const parts = partsOf(rounds, 0).length;
  const vectors = parts + workers * (each ? parts : 1);
  return 1000 * (4 * link.latency + (FLOAT_BYTES * length * vectors) / link.bytesPerSecond);
}

/** @throws UsageError for a link that the run cannot have, or that is so slow that workers would seem to hang */
export function checkLink(
  link: Link | undefined,
  rounds: Rounds,
  { workers, pipeline, times }: { readonly workers: number; readonly pipeline: boolean; readonly times: ClusterTimes },
): void {
  if (!link) return;
  if (pipeline) {
    throw new UsageError(
      "the stages of a pipeline share memory, over no link: leave link (--link) out, or the pipeline",
    );
  }
  const transit = Math.round(transitOf(link, rounds, workers));
  // There vectors are in messages, and a heartbeat waits for them.
  const [what, limit, text] =
    rounds instanceof ServedRounds
      ? (["timeout", times.timeout, "--timeout"] as const)
      : (["step timeout", times.stepTimeout, "--step-timeout"] as const);
  if (2 * transit <= limit) return;
  throw new UsageError(
    `the vectors of a round take ${durationText(transit)} over this link, and the ${what} is ${durationText(limit)}: give it at least twice that, ${text} ${durationText(2 * transit)}, or a faster link`,
  );
}
