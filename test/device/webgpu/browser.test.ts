import { expect, it } from "vitest";
import { NoDeviceError } from "../../../src/device/device.js";
import { openBrowserDevice } from "../../../src/device/webgpu/browser.js";
import { GPU_OBJECT } from "./support.js";

it("opens the GPU object that it is given", async () => {
  const device = await openBrowserDevice({ gpu: GPU_OBJECT });
  expect(device.info.kind).toBe("webgpu");
  device.destroy();
});

it("says what to do where there is no WebGPU", async () => {
  await expect(openBrowserDevice()).rejects.toThrow(NoDeviceError);
  await expect(openBrowserDevice()).rejects.toThrow(/over https or from localhost/);
});
