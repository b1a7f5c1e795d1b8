import { UsageError } from "../error.js";
import { checkPipeline } from "../pipeline/options.js";
import type { WorkerPlace } from "../placement/placement.js";
import type { TrainingConfig } from "../training/config/config.js";

/** @throws UsageError when there are more places than a run of this configuration can use */
export function checkPlaces(
  config: TrainingConfig,
  {
    places,
    pipeline,
    resume,
  }: { readonly places: readonly WorkerPlace[]; readonly pipeline?: boolean; readonly resume?: boolean },
): void {
  if (pipeline) {
    checkPipeline(config);
    return;
  }
  const workers = places.length;
  const { parts } = config;
  if (workers <= parts) return;
  const asked = `${workers} workers for ${parts} ${parts === 1 ? "part" : "parts"}`;
  throw new UsageError(
    resume
      ? `${asked}: a resumed run keeps its number of parts: ask for ${parts} ${parts === 1 ? "worker" : "workers"} at most`
      : `${asked}: give each at least one: --parts ${workers}, or fewer workers`,
  );
}
