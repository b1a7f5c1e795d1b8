import { expect, it } from "vitest";
import { DEVICES } from "./devices.js";

const kinds = DEVICES.map(({ kind }) => kind);

it("include the reference, and the CPU with several threads and with one", () => {
  expect(kinds.filter((kind) => kind === "reference")).toHaveLength(1);
  expect(kinds.filter((kind) => kind === "cpu").length).toBeGreaterThanOrEqual(2);
});

// Without this test, no WebGPU test would run if the driver is not found, and there would be no message. On other platforms
// there is no software GPU, so a machine may have no adapter.
const software = process.platform === "linux" && process.arch === "x64";
it.skipIf(!software)("include a WebGPU adapter (npm test brings a software one, on Linux x64)", () => {
  expect(kinds).toContain("webgpu");
});
