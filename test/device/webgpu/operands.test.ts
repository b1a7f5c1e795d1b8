import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DeviceLimitError } from "../../../src/device/device.js";
import { type Operand, reads, type TargetLimits, writes } from "../../../src/device/webgpu/kernel.js";
import { bindOperands, type Memory } from "../../../src/device/webgpu/operands.js";
import type { View } from "../../../src/program/buffer.js";

const LIMITS: TargetLimits = {
  maxStorageBufferBindingSize: 2 ** 20,
  maxStorageBuffersPerShaderStage: 8,
  minStorageBufferOffsetAlignment: 256,
  maxComputeWorkgroupStorageSize: 16384,
  maxComputeInvocationsPerWorkgroup: 256,
  maxComputeWorkgroupsPerDimension: 65535,
};
const MEMORY: Memory = { identity: (name) => name, length: () => 4096 };

const view = (buffer: string, offset: number, columns: number): View => ({
  ...{ buffer, type: "f32", rows: 1 },
  ...{ offset, columns },
});
const bind = (operands: Operand[], memory = MEMORY) => bindOperands("test, op 0", operands, memory, LIMITS);

describe("bindOperands", () => {
  it("binds from the aligned address below, and bakes in the rest", () => {
    const { bindings, wgsl } = bind([reads("a", view("x", 70, 10), false)]);
    expect(bindings).toEqual([{ buffer: "x", offset: 256, size: 64, writable: false }]);
    expect(wgsl).toContain("array<f32>");
    expect(wgsl).toContain("i + 6u");
  });

  it("reads vectors of four where the view starts at one", () => {
    expect(bind([reads("a", view("x", 68, 8), true)]).wgsl).toContain("array<vec4f>");
    expect(bind([reads("a", view("x", 69, 8), true)]).wgsl).toContain("array<f32>");
  });

  it("binds two inputs from one buffer for reading", () => {
    const { bindings } = bind([reads("a", view("x", 0, 10), false), reads("b", view("x", 5, 10), false)]);
    expect(bindings.map(({ writable }) => writable)).toEqual([false, false]);
  });

  it("binds all of a buffer for writing when one view of it is written", () => {
    const { bindings } = bind([reads("a", view("x", 0, 10), false), writes("out", view("x", 128, 10), false)]);
    expect(bindings).toHaveLength(2);
    expect(bindings.every(({ writable }) => writable)).toBe(true);
  });

  it("binds a view that is updated in place once", () => {
    const { bindings, wgsl } = bind([reads("a", view("x", 3, 10), false), writes("out", view("x", 3, 10), false)]);
    expect(bindings).toHaveLength(1);
    expect(wgsl).toContain("fn read_a(");
    expect(wgsl).toContain("fn write_out(");
  });

  it("knows two names of one memory", () => {
    const shared: Memory = { ...MEMORY, identity: () => "the same" };
    const { bindings } = bind([reads("a", view("x", 0, 10), false), writes("out", view("y", 2, 4), false)], shared);
    expect(bindings).toHaveLength(1);
  });

  it("binds a view moved by a cursor with the rest of its buffer, and the cursor", () => {
    const moved = { ...view("table", 64, 4), cursor: "step" };
    const { bindings, wgsl } = bind([reads("scalars", moved, false)]);
    expect(bindings.map(({ buffer, offset, size }) => [buffer, offset, size])).toEqual([
      ["table", 256, 4096 * 4 - 256],
      ["step", 0, 16],
    ]);
    // Entry 1008 is past the end of the table, so the last entry is read.
    expect(wgsl).toContain("min(read_cursor_of_scalars(0), 1007u) * 4u");
  });

  it("never lets bindings for writing overlap, and keeps every view within its binding", () => {
    const anyView = fc.record({
      offset: fc.nat(1000),
      columns: fc.integer({ min: 1, max: 1000 }),
      writable: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(anyView, { minLength: 1, maxLength: 8 }), (views) => {
        const operands = views.map(({ offset, columns, writable }, i) =>
          (writable ? writes : reads)(`v${i}`, view("x", offset, columns), false),
        );
        const { bindings } = bind(operands);
        const ranges = bindings.map(({ offset, size }) => ({ start: offset, end: offset + size }));
        for (const { start } of ranges) expect(start % 256).toBe(0);
        for (const { offset, columns } of views) {
          const holds = ranges.some(({ start, end }) => start <= 4 * offset && 4 * (offset + columns) <= end);
          expect(holds).toBe(true);
        }
        if (views.every(({ writable }) => !writable)) return;
        expect(bindings.every(({ writable }) => writable)).toBe(true);
        const sorted = [...ranges].sort((a, b) => a.start - b.start);
        sorted.slice(1).forEach((range, i) => {
          expect(range.start).toBeGreaterThanOrEqual(sorted[i].end);
        });
      }),
    );
  });

  it("says which limit a view exceeds, what it needs and what there is", () => {
    expect(() => bind([reads("a", view("x", 0, 2 ** 19), false)])).toThrow(DeviceLimitError);
    expect(() => bind([reads("a", view("x", 0, 2 ** 19), false)])).toThrow(
      /^test, op 0: binding x\[1, 524288\] needs 2097152 bytes, but maxStorageBufferBindingSize .* is 1048576/,
    );
  });

  it("says when there are more buffers than the device binds", () => {
    const operands = Array.from({ length: 9 }, (_, i) => reads(`v${i}`, view(`x${i}`, 0, 4), false));
    expect(() => bind(operands)).toThrow("needs 9 storage buffers, but maxStorageBuffersPerShaderStage");
  });
});
