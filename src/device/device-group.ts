/** What one worker computes on: a device, or several that are lost together, such as the stages of a pipeline. */
import type { DeviceInfo, DeviceLoss } from "./device.js";

export interface DeviceGroup {
  readonly info: Pick<DeviceInfo, "bits">;
  /** Settles once, when one of its devices is lost, or the group is destroyed. */
  readonly lost: Promise<DeviceLoss>;
  /** Frees everything. Safe to call twice. */
  destroy(): void;
}
