/** A compressor that uses all that there is, and leaves half of the vector in the residual. */
import type { Compressor } from "../../src/collective/compress/compressor.js";

/** Two exchanges: the first sends every second element, the second the other ones. It keeps state of both kinds. */
const checkOf = (bytes: Uint8Array): number => bytes.reduce((all, byte) => all ^ byte, 0);

export const halves = {
  name: "test/halves",
  phases: 2,
  local: ["count"],
  global: [{ name: "seen", initial: (vector) => void vector.fill(1, 0, 2) }],
  elements: (length) => length / 2,
  bytes: (length) => 2 * length + 1,
  prepare(contribution, { local }) {
    local.count[0]++;
    for (let i = 0; i < contribution.length; i++) contribution[i] *= 2;
  },
  encode(vector, out, { phase }) {
    const numbers = Float32Array.from({ length: vector.length / 2 }, (_, i) => vector[2 * i + phase]);
    const bytes = new Uint8Array(numbers.buffer);
    out.set(bytes);
    out[bytes.length] = checkOf(bytes);
    return out.length;
  },
  decode(encoded, out) {
    const bytes = encoded.slice(0, -1);
    if (checkOf(bytes) !== encoded[bytes.length]) throw new Error("these bytes are damaged");
    out.set(new Float32Array(bytes.buffer));
  },
  aggregate(numbers, { phase, global }) {
    if (phase === 0) for (const [i, value] of numbers.entries()) global.seen[2 * i] = value;
  },
  expand(numbers, out) {
    for (const [i, value] of numbers.entries()) out[2 * i + 1] = value;
  },
} satisfies Compressor;
