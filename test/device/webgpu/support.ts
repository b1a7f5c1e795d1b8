/** What the tests of the WebGPU device share: the machine's adapter, and GPU objects that differ from it in some way. */
import { create } from "webgpu";
import type { Device } from "../../../src/device/device.js";
import { openWebGpuDevice, type WebGpuOptions } from "../../../src/device/webgpu/device.js";
import { SHADERS } from "../../../src/device/webgpu/shaders.js";

/** Dawn must not lose its instances while a device of theirs is open. */
export const GPU_OBJECT = create([]);

export function openAdapter(options: WebGpuOptions = {}, gpu: GPU = GPU_OBJECT): Promise<Device> {
  return openWebGpuDevice(gpu, SHADERS, options);
}

/** `target` with some members replaced. Its own methods run on `target`, as native ones insist on. */
export function overlay<T extends object>(target: T, members: Partial<T>): T {
  return new Proxy(target, {
    get(_, key) {
      if (key in members) return Reflect.get(members, key);
      const value = Reflect.get(target, key, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

/** The adapter of `GPU_OBJECT`. Its devices are replaced by what `change` makes of them. */
export function gpuWith(change: (device: GPUDevice) => GPUDevice): GPU {
  return overlay(GPU_OBJECT, {
    async requestAdapter(options?: GPURequestAdapterOptions) {
      const adapter = await GPU_OBJECT.requestAdapter(options);
      if (!adapter) return null;
      return overlay(adapter, {
        requestDevice: async (descriptor?: GPUDeviceDescriptor) => change(await adapter.requestDevice(descriptor)),
      });
    },
  });
}

/** The adapter of `GPU_OBJECT`, its devices with lower limits than they have. */
export function gpuWithLimits(limits: Partial<GPUSupportedLimits>): GPU {
  return gpuWith((device) => overlay(device, { limits: overlay(device.limits, limits) }));
}
