import { describe, expect, it } from "vitest";
import { unroll } from "../../../src/device/webgpu/unroll.js";

const squeezed = (text: string): string => text.replace(/\s+/g, " ");

describe("unroll", () => {
  it("repeats the body of a marked loop, with the literal for the variable", () => {
    const source = "@unroll for (var i = 0u; i < N; i++) { sum[i] += hi[2 * i]; } done();";
    expect(squeezed(unroll(source, { N: 2 }))).toBe("{ sum[0u] += hi[2 * 0u]; } { sum[1u] += hi[2 * 1u]; } done();");
  });

  it("takes a number as the limit", () => {
    expect(squeezed(unroll("@unroll for (var q = 0u; q < 3; q++) { f(q); }", {}))).toBe(
      "{ f(0u); } { f(1u); } { f(2u); }",
    );
  });

  it("unrolls loops within loops", () => {
    const source = "@unroll for (var i = 0u; i < 2; i++) { @unroll for (var j = 0u; j < N; j++) { f(i, j); } }";
    expect(unroll(source, { N: 2 }).match(/f\(\du, \du\)/g)).toEqual([
      "f(0u, 0u)",
      "f(0u, 1u)",
      "f(1u, 0u)",
      "f(1u, 1u)",
    ]);
  });

  it("leaves other loops alone", () => {
    const source = "for (var i = 0u; i < 4; i++) { f(i); }";
    expect(unroll(source, {})).toBe(source);
  });

  it("refuses a marked loop of another form", () => {
    expect(() => unroll("@unroll for (var i = 1u; i < 4; i++) { f(i); }", {})).toThrow("Invariant violation");
  });
});
