/** Opens the GPU of a browser, or another that a program has. */
import { type Device, NoDeviceError } from "../device.js";
import { openWebGpuDevice } from "./device.js";
import { SHADERS } from "./shaders.js";

/** Which GPU to open. */
export interface BrowserDeviceOptions {
  /** Default: that of the browser, `navigator.gpu`. */
  readonly gpu?: GPU;
}

declare const navigator: { readonly gpu?: GPU } | undefined;

/**
 * Opens the fastest adapter of WebGPU, in a page or in a worker.
 * @throws NoDeviceError where there is no WebGPU or no adapter, or its driver gives no device
 * @example
 * ```ts no-run
 * import { openDevice } from "dawnpour/webgpu";
 *
 * const device = await openDevice();
 * console.log(device.info.name);
 * ```
 */
export async function openBrowserDevice({ gpu = browserGpu() }: BrowserDeviceOptions = {}): Promise<Device> {
  return openWebGpuDevice(gpu, SHADERS);
}

function browserGpu(): GPU {
  const gpu = typeof navigator === "undefined" ? undefined : navigator.gpu;
  if (gpu) return gpu;
  throw new NoDeviceError(
    "there is no WebGPU here (navigator.gpu): open the page over https or from localhost, in a browser that has WebGPU",
  );
}
