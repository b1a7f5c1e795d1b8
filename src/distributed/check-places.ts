import { brief, UsageError } from "../error.js";
import { checkPipeline } from "../pipeline/options.js";
import type { WorkerPlace } from "../placement/placement.js";
import type { TrainingConfig } from "../training/config/config.js";

/** @throws UsageError when there are more places than a run of this configuration can use */
export function checkPlaces(
  config: TrainingConfig,
  {
    places,
    least,
    pipeline,
    resume,
    isServed,
  }: {
    readonly places: readonly WorkerPlace[];
    /** The fewest workers, where they join and leave. */
    readonly least?: number;
    readonly pipeline?: boolean;
    readonly resume?: boolean;
    /** Whether the run has parameter servers. */
    readonly isServed?: boolean;
  },
): void {
  if (pipeline) {
    checkPipeline(config);
    return;
  }
  const workers = places.length;
  if (least !== undefined) checkLeast(least, workers, isServed);
  const { parts } = config;
  if (workers <= parts) return;
  const asked = `${workers} workers for ${parts} ${parts === 1 ? "part" : "parts"}`;
  throw new UsageError(
    resume
      ? `${asked}: a resumed run keeps its number of parts: ask for ${parts} ${parts === 1 ? "worker" : "workers"} at most`
      : `${asked}: give each at least one: --parts ${workers}, or fewer workers`,
  );
}

function checkLeast(least: number, workers: number, isServed = false): void {
  if (!Number.isInteger(least) || least < 1 || least > workers) {
    throw new UsageError(
      `the least number of workers must be a whole number from 1 to ${workers}, got ${brief(least)}`,
    );
  }
  if (!isServed) return;
  throw new UsageError(
    `workers ${least}..${workers}: with parameter servers the number of workers is fixed: give one, --workers ${workers}, or leave servers and strategies that need them out`,
  );
}
