/** Opens a device together with the tuner of its kernels. */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { Callbacks } from "../callbacks.js";
import type { Device } from "../device/device.js";
import { type OpenOptions, openDevice } from "../device/open.js";
import { SHADERS } from "../device/webgpu/shaders.js";
import { version } from "../version.js";
import { cacheFolder } from "../world/cache-folder.js";
import type { World } from "../world/world.js";
import type { TuningObserver } from "./event.js";
import { GemmPlans } from "./gemm-plans.js";
import { PlanCache } from "./plan-cache.js";
import { Tuner } from "./tuner.js";

/** An open device, and what tunes its kernels. */
export interface TunedDevice {
  readonly device: Device;
  /** Only for WebGPU devices: the instruction set decides the CPU's kernels. */
  readonly tuner?: Tuner;
}

/**
 * As `openDevice`, with the kernels that earlier tuning found best; `tuner.tune` tunes more.
 * @example
 * ```ts
 * import { nodeWorld } from "dawnpour/actors";
 * import { openTunedDevice } from "dawnpour/kernels";
 *
 * const { device, tuner } = await openTunedDevice(nodeWorld(), { device: "cpu" });
 * console.log(device.info.kind, tuner); // cpu undefined
 * device.destroy();
 * ```
 */
export async function openTunedDevice(
  world: World,
  options: Omit<OpenOptions, "planGemm">,
  observer?: TuningObserver,
): Promise<TunedDevice> {
  const plans = new GemmPlans();
  const device = await openDevice({ ...options, planGemm: plans.plan });
  if (device.info.kind !== "webgpu") return { device };
  const callbacks = new Callbacks();
  const tell = callbacks.guarded(observer);
  try {
    const cache = await PlanCache.open({
      disk: world.disk,
      folder: join(cacheFolder(), "tuning"),
      device: device.info,
      kernels: kernelSet(),
      warn: (message) => tell({ event: "warning", message }),
    });
    await callbacks.settled();
    return { device, tuner: new Tuner({ device, plans, cache, clock: world.clock, callbacks, tell }) };
  } catch (error) {
    device.destroy();
    throw error;
  }
}

/** Identifies the present set of kernels: the version, which covers the lowering of ops, and a digest of the shaders. */
function kernelSet(): string {
  const texts = JSON.stringify(Object.entries(SHADERS));
  return `${version} ${createHash("sha256").update(texts).digest("hex").slice(0, 12)}`;
}
