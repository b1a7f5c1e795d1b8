import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { UsageError } from "../../src/error.js";
import { type DeviceSpec, parseDevices } from "../../src/placement/parse-devices.js";

const workers = fc.integer({ min: 1, max: 1024 });
const spec: fc.Arbitrary<DeviceSpec> = fc.oneof(
  fc.record({ kind: fc.constant("cpu" as const), workers }),
  fc.record({ kind: fc.constant("cpu" as const), workers, threads: fc.integer({ min: 1, max: 1024 }) }),
  fc.record({ kind: fc.constantFrom("gpu" as const, "webgpu" as const), workers }),
  fc.record({
    kind: fc.constant("named" as const),
    workers,
    name: fc.constantFrom("H200", "NVIDIA A100-SXM4", "8f6ab5a0-12", "8f6a#2", "SwiftShader Device (Subzero)", "CPU Q"),
  }),
);

function written(each: DeviceSpec): string {
  const name = each.kind === "named" ? each.name : each.kind;
  const threads = each.kind === "cpu" && each.threads !== undefined ? `:${each.threads}` : "";
  return `${name}${threads}${each.workers === 1 ? "" : `*${each.workers}`}`;
}

describe("parseDevices", () => {
  it("reads back what was written, with spaces or without", () => {
    fc.assert(
      fc.property(fc.array(spec, { minLength: 1 }), fc.constantFrom(",", ", ", " ,"), (specs, comma) => {
        expect(parseDevices(specs.map(written).join(comma))).toEqual(specs);
      }),
    );
  });

  it("takes its words in any case", () => {
    expect(parseDevices("CPU:2,Gpu,WebGPU")).toEqual(parseDevices("cpu:2,gpu,webgpu"));
  });

  it.each([
    ["", 'devices "": a name is missing: write as in cpu:2,gpu,H200*3'],
    ["cpu,,gpu", 'devices "cpu,,gpu": a name is missing: write as in cpu:2,gpu,H200*3'],
    ["*3", 'device "*3": it names no device: write as in cpu:2,gpu,H200*3'],
    ["cpu:0", 'device "cpu:0": the number of threads must be a whole number from 1 to 1024, got "0"'],
    ["cpu:", 'device "cpu:": the number of threads must be a whole number from 1 to 1024, got ""'],
    ["cpu:two", 'device "cpu:two": the number of threads must be a whole number from 1 to 1024, got "two"'],
    ["cpu:1:1", 'device "cpu:1:1": the number of threads must be a whole number from 1 to 1024, got "1:1"'],
    ["gpu:1", 'device "gpu:1": only the CPU takes a number of threads: write gpu'],
    ["cpu*0", 'device "cpu*0": the number of workers must be a whole number from 1 to 1024, got "0"'],
    ["cpu*1e9", 'device "cpu*1e9": the number of workers must be a whole number from 1 to 1024, got "1e9"'],
    ["cpu*2*2", 'device "cpu*2*2": more than one *: write as in cpu:2,gpu,H200*3'],
  ])("refuses %j", (text, message) => {
    expect(() => parseDevices(text)).toThrow(new UsageError(message));
  });

  it("refuses or takes any text, without another error", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(..."cpugw:*,#1 2\n") }), (text) => {
        try {
          expect(parseDevices(text).length).toBe(text.split(",").length);
        } catch (error) {
          if (!(error instanceof UsageError)) throw error;
        }
      }),
    );
  });
});
