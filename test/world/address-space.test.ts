/** The free room in the address space of a process, from the figures that Linux gives. */
import { describe, expect, it } from "vitest";
import { addressSpaceLeft } from "../../src/world/address-space.js";

const LIMITS = (soft: string) => `Limit                     Soft Limit           Hard Limit           Units
Max resident set          unlimited            unlimited            bytes
Max address space         ${soft.padEnd(20)} unlimited            bytes
`;
const STATUS = "Name:\tnode\nVmPeak:\t 2000000 kB\nVmSize:\t 1048576 kB\n";

const left = (soft: string) => addressSpaceLeft((path) => (path.endsWith("limits") ? LIMITS(soft) : STATUS));

describe("the room in the address space", () => {
  it("is the limit without what is used", () => {
    expect(left(String(1536 * 2 ** 20))).toBe(512);
  });

  it("has no end where there is no limit, and where the system does not tell", () => {
    expect(left("unlimited")).toBe(Number.POSITIVE_INFINITY);
    expect(
      addressSpaceLeft(() => {
        throw new Error("ENOENT");
      }),
    ).toBe(Number.POSITIVE_INFINITY);
  });
});
