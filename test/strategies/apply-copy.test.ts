/** The vector that a compressor makes of the numbers of an exchange lies anywhere in memory. */
import { expect, it } from "vitest";
import type { Compressor } from "../../src/collective/compress/compressor.js";
import { openCpuDevice } from "../../src/device/cpu/cpu-device.js";
import { checkedCompressor } from "../../src/strategies/rounds/checked-compressor.js";
import { CompressedRounds } from "../../src/strategies/rounds/compressed-rounds.js";
import { dataset, synchronous } from "../simulation/small-training.js";

it("is applied on the CPU device, which computes in place only where memory is aligned", async () => {
  const plain = synchronous(1);
  /** What arrives is the vector itself, so the steps are those without a compressor. */
  const expanding = {
    name: "expanding",
    phases: 1,
    bytes: (length) => 4 * length,
    encode(vector, out) {
      out.set(new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength));
      return out.length;
    },
    decode: (encoded, out) => new Uint8Array(out.buffer, out.byteOffset, out.byteLength).set(encoded),
    expand: (numbers, out) => out.set(numbers),
  } satisfies Compressor;
  const rounds = new CompressedRounds(plain, checkedCompressor(expanding, plain.length), () => undefined);
  const device = await openCpuDevice({ threads: 1 });
  const [one, other] = [await rounds.open(device, dataset), await plain.open(device, dataset)];
  const { vectors } = rounds.initialState();
  one.restore(0, { vectors: vectors.slice(0, -1), scalars: [] });
  other.restore(0, plain.initialState());
  // Of several neighbours in memory at most one starts at a multiple of 64 bytes.
  const sums = Array.from(
    { length: 4 },
    (_, i) => new Float32Array(new ArrayBuffer(4 * plain.length + 16), 4 * i, plain.length),
  );
  for (const [i, sum] of sums.entries()) {
    sum.fill(0.01 * (i + 1));
    await one.apply(sum);
    await other.applyCopy?.(sum);
  }
  const state = () => Array.from({ length: plain.vectors }, () => new Float32Array(plain.length));
  const [told, expected] = [state(), state()];
  await one.save(told);
  await other.save(expected);
  expect(told).toEqual(expected);
  expect(told[0]).not.toEqual(vectors[0]);
  device.destroy();
});
