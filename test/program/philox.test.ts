import { describe, expect, it } from "vitest";
import { keyOf, philox, type Words } from "../../src/program/philox.js";

const words = (text: string) => text.split(" ").map((word) => Number.parseInt(word, 16)) as unknown as Words;

describe("philox", () => {
  // The known answers of Random123, kat_vectors: philox4x32 10.
  it.each([
    ["00000000 00000000 00000000 00000000", "00000000 00000000", "6627e8d5 e169c58d bc57ac4c 9b00dbd8"],
    ["ffffffff ffffffff ffffffff ffffffff", "ffffffff ffffffff", "408f276d 41c83b0e a20bc7c6 6d5451fd"],
    ["243f6a88 85a308d3 13198a2e 03707344", "a4093822 299f31d0", "d16cfe09 94fdcceb 5001e420 24126ea1"],
  ])("of %s under %s", (counter, key, result) => {
    expect(philox(words(counter), words(key) as unknown as [number, number])).toEqual(words(result));
  });

  it("takes a seed above 32 bits in both words of the key", () => {
    expect(keyOf(2 ** 53 - 1)).toEqual([0xffffffff, 0x1fffff]);
    expect(keyOf(7)).toEqual([7, 0]);
  });
});
