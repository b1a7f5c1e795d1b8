import type { Dataset } from "../../data/dataset.js";
import { UsageError } from "../../error.js";
import type { TrainingConfig } from "../config/config.js";

/** Cross-entropy needs probabilities: beyond [0, 1] it has no minimum, and training would diverge. */
export function checkTargets({ loss }: TrainingConfig, { name, train: { images, scale } }: Dataset): void {
  if (loss !== "bce" || images instanceof Uint8Array) return;
  let [low, high] = [0, 1];
  for (let i = 0; i < images.length; i++) {
    low = Math.min(low, images[i] * scale);
    high = Math.max(high, images[i] * scale);
  }
  if (low === 0 && high === 1) return;
  const advice = low < 0 ? "use loss mse" : `use scale 1/${Math.ceil(high / scale)}, or loss mse`;
  throw new UsageError(`loss bce needs values in [0, 1], and those of ${name} go from ${low} to ${high}: ${advice}`);
}
