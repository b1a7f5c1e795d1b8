// Pictures of curves as Hinton & Salakhutdinov 2006 describe them: "synthetic curves generated from three randomly chosen points in two
// dimensions". Here a curve is a quadratic one through the three points, drawn with a round pen of about a pixel and a half. How theirs
// was drawn is not published.
import { Random } from "dawnpour";

const SIZE = 28;
const MARGIN = 4;
const SAMPLES = 60;
/** Of the pen: its reach, and how fast its ink fades. */
const [REACH, SOFTNESS] = [2, 0.8];

/** @param {number} count @param {number} seed @returns {Float32Array} count pictures of 28 x 28, from 0 to 1 */
export function curves(count, seed) {
  const random = new Random(seed);
  const pictures = new Float32Array(count * SIZE * SIZE);
  for (let i = 0; i < count; i++) {
    const points = Array.from({ length: 3 }, () => [
      random.between(MARGIN, SIZE - MARGIN),
      random.between(MARGIN, SIZE - MARGIN),
    ]);
    draw(points, pictures.subarray(i * SIZE * SIZE, (i + 1) * SIZE * SIZE));
  }
  return pictures;
}

/** The parabola that is at the three points at the times 0, 1/2 and 1. */
function draw([a, b, c], picture) {
  for (let s = 0; s <= SAMPLES; s++) {
    const t = s / SAMPLES;
    const [p, q, r] = [2 * (t - 0.5) * (t - 1), -4 * t * (t - 1), 2 * t * (t - 0.5)];
    dot(p * a[0] + q * b[0] + r * c[0], p * a[1] + q * b[1] + r * c[1], picture);
  }
}

function dot(x, y, picture) {
  for (let row = Math.max(0, Math.floor(y - REACH)); row <= Math.min(SIZE - 1, Math.ceil(y + REACH)); row++) {
    for (
      let column = Math.max(0, Math.floor(x - REACH));
      column <= Math.min(SIZE - 1, Math.ceil(x + REACH));
      column++
    ) {
      const distance = (column + 0.5 - x) ** 2 + (row + 0.5 - y) ** 2;
      const ink = Math.exp(-distance / (2 * SOFTNESS ** 2));
      picture[row * SIZE + column] = Math.max(picture[row * SIZE + column], ink);
    }
  }
}
