/**
 * All-reduce of a shared lease on a device's stream: the barrier follows the part, and the sum follows the barrier,
 * without a return to the event loop. Only the device's own threads work.
 */
import type { DeviceBuffer } from "../device/device.js";
import type { BarrierRound, Contribution } from "./barrier.js";
import type { Collective } from "./collective.js";

export interface StreamCollective {
  readonly collective: Collective;
  /**
   * As `Barrier.meet`. `own` and `loss` need only be enqueued. While the device waits for the other workers it does
   * nothing else, and neither the device nor its process ends by itself.
   */
  meet(
    point: BarrierRound,
    own: Float32Array,
    word: { readonly loss: DeviceBuffer<"f32">; readonly isLast: boolean },
    milliseconds: number,
  ): Promise<readonly Contribution[] | undefined>;
}
