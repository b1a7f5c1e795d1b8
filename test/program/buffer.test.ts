import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ALIGNMENT, align, describe as describeView, elements, slice, type View } from "../../src/program/buffer.js";

const view: View = { buffer: "parameters", type: "f32", offset: 64, rows: 3, columns: 5 };

describe("views", () => {
  it("align to the next whole multiple, and no further", () => {
    fc.assert(
      fc.property(fc.nat(1e9), (length) => {
        const aligned = align(length);
        expect(aligned % ALIGNMENT).toBe(0);
        expect(aligned).toBeGreaterThanOrEqual(length);
        expect(aligned - length).toBeLessThan(ALIGNMENT);
      }),
    );
  });

  it("count their elements", () => {
    expect(elements(view)).toBe(15);
  });

  it("are named by buffer and shape", () => {
    expect(describeView(view)).toBe("parameters[3, 5]");
  });

  it("slice relative to their own start", () => {
    expect(slice(view, 5, 1, 10)).toEqual({ buffer: "parameters", type: "f32", offset: 69, rows: 1, columns: 10 });
  });
});
