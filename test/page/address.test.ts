import { describe, expect, it } from "vitest";
import { checkOpen, parseAddress } from "../../src/page/address.js";

describe("the address of the page", () => {
  it.each([
    ["0", "127.0.0.1", 0],
    ["65535", "127.0.0.1", 65535],
    ["0.0.0.0:8080", "0.0.0.0", 8080],
    ["[::1]:80", "::1", 80],
    ["machine.example:1", "machine.example", 1],
  ])("%s", (text, host, port) => expect(parseAddress(text)).toEqual({ host, port }));

  it.each(["", "-1", "1e9", "NaN", "65536", "808O", ":80", "a b:80", "host:", "80 "])("%j is refused", (text) => {
    expect(() => parseAddress(text)).toThrow(/^page \(--page\) .* is no port: give one from 0/);
  });

  it("is for this machine, unless that is allowed", () => {
    for (const host of ["127.0.0.1", "127.1.2.3", "localhost", "::1"]) {
      expect(() => checkOpen({ host, port: 0 }, false)).not.toThrow();
      expect(() => checkOpen({ host, port: 0 }, true)).toThrow("--page-open) is for a host other than");
    }
    for (const host of ["0.0.0.0", "::", "10.0.0.1", "127.0.0.1.example"]) {
      expect(() => checkOpen({ host, port: 0 }, false)).toThrow("add --page-open to allow it");
      expect(() => checkOpen({ host, port: 0 }, true)).not.toThrow();
    }
  });
});
