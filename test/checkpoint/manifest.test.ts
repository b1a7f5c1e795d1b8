import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { JsonObject } from "../../src/checkpoint/checkpoint.js";
import { decodeManifest, encodeManifest, type Manifest } from "../../src/checkpoint/manifest.js";
import { DataError } from "../../src/error.js";

const file = { size: 10, sha256: "a".repeat(64) };

function manifest(configuration: JsonObject = {}): Manifest {
  return {
    format: 2,
    dawnpour: "1.2.3",
    createdAt: "2030-01-01T00:00:00.000Z",
    step: 7,
    epoch: 0.5,
    seeds: { run: 3 },
    architecture: "3-2-3",
    configuration,
    data: { name: "small", sha256: "c".repeat(64), train: 20, test: 5 },
    parametersSha256: "b".repeat(64),
    files: { "model.safetensors": file, "optimizer.safetensors": file },
  };
}

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (encoded: Uint8Array) => new TextDecoder().decode(encoded);

describe("manifest", () => {
  it("gives back what was put in, whatever the configuration", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue(), { noNullPrototype: true }), (values) => {
        // JSON has no -0.
        const configuration: JsonObject = JSON.parse(JSON.stringify(values));
        const original = manifest(configuration);
        expect(decodeManifest(encodeManifest(original), "manifest.json")).toEqual(original);
      }),
    );
  });

  it("may be laid out anew, but not changed", () => {
    const encoded = text(encodeManifest(manifest({ lr: 0.1 })));
    expect(decodeManifest(bytes(JSON.stringify(JSON.parse(encoded))), "m")).toEqual(manifest({ lr: 0.1 }));
    expect(() => decodeManifest(bytes(encoded.replace("0.1", "0.2")), "m")).toThrow(
      /^"m" is damaged: its SHA-256 should be [0-9a-f]{64}, found [0-9a-f]{64}$/,
    );
  });

  it.each([
    ["nothing", "", "it is not a JSON object"],
    ["cut short", text(encodeManifest(manifest())).slice(0, -5), "it is not a JSON object"],
    ["an array", "[]", "it is not a JSON object"],
    ["null", "null", "it is not a JSON object"],
    ["other JSON", "{}", "is not a manifest: it has no SHA-256 of itself"],
    ["a later format", '{"format": 3}', "is of format 3, this Dawnpour reads 2: update Dawnpour"],
  ])("refuses %s", (_, content, message) => {
    const decode = () => decodeManifest(bytes(content), "manifest.json");
    expect(decode).toThrow(DataError);
    expect(decode).toThrow(/^"manifest.json" [^\n]+$/);
    expect(decode).toThrow(message);
  });

  it("of the first format is read, too: it does not say what the data was", () => {
    const { data: _, ...first } = { ...manifest(), format: 1 as const };
    expect(decodeManifest(encodeManifest(first), "m")).toEqual(first);
  });

  it("is not written when it could not be read", () => {
    expect(() => encodeManifest({ ...manifest(), epoch: Number.NaN })).toThrow(
      '"manifest.json" is not a manifest: epoch: ',
    );
    expect(() => encodeManifest({ ...manifest(), step: 1.5 })).toThrow('"manifest.json" is not a manifest: step: ');
  });
});
