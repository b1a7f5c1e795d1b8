import { brief, UsageError } from "../error.js";

/** The test SSE of which a comparison tells when each strategy reaches it. @throws UsageError */
export function checkTarget(target: number | undefined): void {
  if (target === undefined || (Number.isFinite(target) && target > 0)) return;
  throw new UsageError(`target (--target) must be an SSE above 0, got ${brief(target)}`);
}
