/**
 * The manifest of a checkpoint: everything but the tensors, and the size and SHA-256 of the files with tensors. It has
 * a digest of itself too, so that a flipped bit in a seed is found as well as one in a weight.
 */
import { z } from "zod";
import { DataError } from "../error.js";
import { type JsonObject, MANIFEST_FILE, MODEL_FILE, OPTIMIZER_FILE } from "./checkpoint.js";
import { sha256 } from "./digest.js";

/** Version of the layout of a checkpoint folder. Format 1 does not record the training data. */
export const FORMAT = 2;

const Digest = z.string().regex(/^[0-9a-f]{64}$/, "not a SHA-256");

const FileDigest = z.strictObject({
  /** Bytes. */
  size: z.int().nonnegative(),
  sha256: Digest,
});

const Manifest = z.strictObject({
  format: z.literal([1, FORMAT]),
  /** Version of Dawnpour that wrote it. */
  dawnpour: z.string(),
  createdAt: z.iso.datetime(),
  step: z.int().nonnegative(),
  epoch: z.number().nonnegative(),
  seeds: z.record(z.string(), z.int()),
  architecture: z.string(),
  configuration: z.custom<JsonObject>((value) => typeof value === "object" && value !== null, "not an object"),
  /** The training data. */
  data: z
    .strictObject({
      name: z.string(),
      sha256: Digest,
      labelsSha256: Digest.optional(),
      train: z.int().nonnegative(),
      test: z.int().nonnegative(),
      columns: z
        .strictObject({ values: z.array(z.string()).readonly(), label: z.string().optional() })
        .readonly()
        .optional(),
    })
    .optional(),
  /** SHA-256 of the parameters' numbers, without names: see `tensorsSha256`. */
  parametersSha256: Digest,
  files: z.strictObject({ [MODEL_FILE]: FileDigest, [OPTIMIZER_FILE]: FileDigest }),
});

/** The description in a model file: see `model-file.ts`. */
export const ModelDescription = Manifest.pick({
  step: true,
  epoch: true,
  seeds: true,
  architecture: true,
  configuration: true,
  data: true,
});

export type FileDigest = Readonly<z.infer<typeof FileDigest>>;
export type Manifest = Readonly<z.infer<typeof Manifest>>;

/** @throws DataError when it could not be read back, such as a NaN for an epoch */
export function encodeManifest(manifest: Manifest): Uint8Array {
  validate(manifest, MANIFEST_FILE);
  const signed = { ...manifest, sha256: ownDigest(manifest) };
  return new TextEncoder().encode(`${JSON.stringify(signed, null, 2)}\n`);
}

/**
 * @param source names the file in errors
 * @throws DataError when it is no manifest of this format, or has changed since it was written
 */
export function decodeManifest(bytes: Uint8Array, source: string): Manifest {
  const { sha256: expected, ...content } = parseObject(bytes, source);
  if (typeof content.format === "number" && content.format > FORMAT) {
    throw new DataError(`"${source}" is of format ${content.format}, this Dawnpour reads ${FORMAT}: update Dawnpour`);
  }
  if (typeof expected !== "string") {
    throw new DataError(`"${source}" is not a manifest: it has no SHA-256 of itself`);
  }
  const found = ownDigest(content);
  if (expected !== found) {
    throw new DataError(`"${source}" is damaged: its SHA-256 should be ${expected}, found ${found}`);
  }
  return validate(content, source);
}

function validate(content: unknown, source: string): Manifest {
  const result = Manifest.safeParse(content);
  if (!result.success) {
    const issue = result.error.issues[0];
    throw new DataError(`"${source}" is not a manifest: ${[...issue.path, issue.message].join(": ")}`);
  }
  return result.data;
}

function parseObject(bytes: Uint8Array, source: string): Record<string, unknown> {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return z.record(z.string(), z.unknown()).parse(JSON.parse(text));
  } catch (error) {
    throw new DataError(`"${source}" is damaged: it is not a JSON object`, { cause: error });
  }
}

/** SHA-256 of the compact JSON: layout does not count. */
function ownDigest(content: object): string {
  return sha256(new TextEncoder().encode(JSON.stringify(content)));
}
