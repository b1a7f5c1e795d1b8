/** Digest of a state. Equal states have equal digests; different states have different digests, with high probability. */
import type { Collective, Inspection } from "./collective.js";

/** Digest of the bits of `vectors` and `scalars`. */
export async function digestOf(
  collective: Collective,
  vectors: readonly Float32Array[],
  scalars: readonly number[],
): Promise<string> {
  const inspections = await Promise.all(vectors.map((vector) => collective.inspect(vector)));
  return [...inspections.map(({ checksum }) => checksum.toString(16)), ...scalars].join(" ");
}

/** The inspection of two vectors together. */
export const joinInspections = (a: Inspection, b: Inspection): Inspection => ({
  checksum: BigInt.asUintN(64, a.checksum * ODD + b.checksum),
  finite: a.finite && b.finite,
});

const ODD = 3n;
