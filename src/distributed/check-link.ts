/** Checks the link of a run (`--link`) against its other options, and computes the time that it needs for the vectors of a round. */
import type { ClusterTimes } from "../cluster/times.js";
import { UsageError } from "../error.js";
import { ServedRounds } from "../parameter-server/served-rounds.js";
import { partsOf, type Rounds } from "../strategies/rounds/replica.js";
import type { Link } from "../transport/link.js";
import { durationText, LONGEST } from "../world/duration.js";

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
  const transit = transitOf(link, rounds, workers);
  // There vectors are in messages, and a heartbeat waits for them.
  if (rounds instanceof ServedRounds) checkTime("the vectors of a round take", transit, ["--timeout", times.timeout]);
  else checkTime("the vectors of a round take", transit, ["--step-timeout", times.stepTimeout]);
  // A node that hears no answer within the timeout counts as lost.
  checkTime("a message and its answer take", 2000 * link.latency, ["--timeout", times.timeout]);
}

/** Names of the limits, by the options that set them. */
const LIMITS = { "--timeout": "timeout", "--step-timeout": "step timeout" } as const;

/** @throws UsageError for more milliseconds than half the limit */
function checkTime(what: string, milliseconds: number, [option, limit]: readonly [keyof typeof LIMITS, number]): void {
  if (2 * milliseconds <= limit) return;
  const needed = inWhole(2 * milliseconds);
  const way = needed <= LONGEST ? `give it at least twice that, ${option} ${durationText(needed)}, or` : "give";
  throw new UsageError(
    `${what} ${durationText(inWhole(milliseconds))} over this link, and the ${LIMITS[option]} is ${durationText(limit)}: ${way} a faster link`,
  );
}

/** Rounded up to milliseconds, and above a second to seconds. */
function inWhole(milliseconds: number): number {
  const unit = milliseconds > 1000 ? 1000 : 1;
  return unit * Math.ceil(milliseconds / unit);
}
