/**
 * What workers that share a lease do beside computing, in the order of a device: the point comes right after the part, and
 * the sum right after the point. Nobody has to be woken in between, and nothing but the device's own threads works.
 */
import type { DeviceBuffer } from "../device/device.js";
import type { BarrierRound, Contribution } from "./barrier.js";
import type { Collective } from "./collective.js";

export interface StreamCollective {
  readonly collective: Collective;
  /**
   * As `Barrier.meet`. Of `own` and `loss` it is enough that what computes them is enqueued. While it waits for the
   * others the device does nothing else, and neither it nor its process ends by itself.
   */
  meet(
    point: BarrierRound,
    own: Float32Array,
    word: { readonly loss: DeviceBuffer<"f32">; readonly isLast: boolean },
    milliseconds: number,
  ): Promise<readonly Contribution[] | undefined>;
}
