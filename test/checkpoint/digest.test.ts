import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { Digest, sha256, tensorsSha256 } from "../../src/checkpoint/digest.js";
import { encodeSafetensors } from "../../src/checkpoint/safetensors.js";
import { sample } from "./sample.js";

describe("digest", () => {
  const parts = [2_500_000, 0, 3].map((length, k) => Uint8Array.from({ length }, (_, i) => (i * 31 + k) % 256));
  const expected = createHash("sha256").update(Buffer.concat(parts)).digest("hex");

  it("passes on the same bytes, in chunks, and knows their SHA-256", async () => {
    const digest = new Digest();
    const chunks: Uint8Array[] = [];
    for await (const chunk of digest.passing(parts)) {
      chunks.push(chunk);
    }
    expect(chunks.map((chunk) => chunk.length)).toEqual([2 ** 20, 2 ** 20, 2_500_000 - 2 ** 21, 3]);
    expect(Buffer.concat(chunks).equals(Buffer.concat(parts))).toBe(true);
    expect(digest.size).toBe(2_500_003);
    expect(digest.hex()).toBe(expected);
    expect(sha256(...parts)).toBe(expected);
  });

  it("of tensors is that of a safetensors file without its header", () => {
    const { parameters } = sample(3);
    expect(tensorsSha256(parameters)).toBe(sha256(Buffer.concat(encodeSafetensors(parameters).slice(1))));
    expect(sha256()).toBe("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  });
});
