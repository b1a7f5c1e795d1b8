import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeEnvelope, encodeEnvelope } from "../../../src/transport/nats/wire.js";

const to = { node: "coordinator", path: "/coordinator", incarnation: "3.1" };
const message = {
  kind: "computed",
  loss: Number.NaN,
  checksum: 5n,
  large: 2n ** 63n + 1n,
  fault: undefined,
  parts: [1, 2],
};
const frame = { connection: [7, 0], sequence: 3, content: { kind: "message", to, message } };

test("a frame arrives as it was sent: small and large 64-bit numbers, what is not finite, what is absent", () => {
  expect(decodeEnvelope(encodeEnvelope(["worker-0", "coordinator", frame]))).toEqual([
    "worker-0",
    "coordinator",
    frame,
  ]);
});

test("bytes that are no frame are refused, and never throw", () => {
  const whole = encodeEnvelope(["worker-0", "coordinator", frame]);
  expect(decodeEnvelope(encodeEnvelope(["", "coordinator", frame]))).toBeUndefined();
  expect(decodeEnvelope(encodeEnvelope(["worker-0", "coordinator", { ...frame, sequence: "3" }]))).toBeUndefined();
  expect(decodeEnvelope(whole.subarray(0, whole.length - 1))).toBeUndefined();
  fc.assert(
    fc.property(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
      const damaged = Uint8Array.from(whole);
      damaged[at] ^= change;
      expect(() => decodeEnvelope(damaged)).not.toThrow();
    }),
  );
});
