/**
 * Codes as points of a plane that moves little from one state of the model to the next. Principal axes may turn, swap or flip between
 * two states that are nearly the same; so the new points are turned or mirrored to lie as near to the old ones as they can (orthogonal
 * Procrustes problem, Schönemann 1966; two dimensions have a closed form).
 */
import { principalCoordinates } from "../analysis/principal-axes.js";

/** x and y of each point, one after the other. */
export type Plane = readonly number[];

/** @param codes `[count, size]` @param before the same codes in an earlier state */
export function planeOf(codes: Float32Array, size: number, before?: Plane): Plane {
  const flat = size === 1 ? withZeros(codes) : size === 2 ? codes : leading(codes, size);
  const scaled = intoSquare(flat);
  return before && before.length === scaled.length ? turnedTo(scaled, before) : scaled;
}

const withZeros = (codes: Float32Array): number[] => Array.from(codes).flatMap((value) => [value, 0]);

const leading = (codes: Float32Array, size: number): ArrayLike<number> =>
  principalCoordinates({ rows: codes.length / size, columns: size, values: Float64Array.from(codes) }, 2).values;

/** Centred, and scaled alike in both directions, to between -1 and 1. */
function intoSquare(points: ArrayLike<number>): number[] {
  const mean = [0, 1].map((axis) => {
    let sum = 0;
    for (let at = axis; at < points.length; at += 2) sum += points[at];
    return sum / (points.length / 2);
  });
  const centred = Array.from(points, (value, at) => value - mean[at % 2]);
  const largest = centred.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return centred.map((value) => value / (largest || 1));
}

function turnedTo(points: readonly number[], target: Plane): readonly number[] {
  const sums = { xx: 0, xy: 0, yx: 0, yy: 0 };
  for (let at = 0; at < points.length; at += 2) {
    sums.xx += points[at] * target[at];
    sums.xy += points[at] * target[at + 1];
    sums.yx += points[at + 1] * target[at];
    sums.yy += points[at + 1] * target[at + 1];
  }
  const turn = { cosine: sums.xx + sums.yy, sine: sums.xy - sums.yx };
  const mirror = { cosine: sums.xx - sums.yy, sine: sums.xy + sums.yx };
  const isMirrored = Math.hypot(mirror.cosine, mirror.sine) > Math.hypot(turn.cosine, turn.sine);
  const { cosine, sine } = isMirrored ? mirror : turn;
  const length = Math.hypot(cosine, sine);
  if (length === 0) return points;
  const [c, s, flip] = [cosine / length, sine / length, isMirrored ? -1 : 1];
  return points.map((_, at) => {
    const [x, y] = [points[at - (at % 2)], flip * points[at - (at % 2) + 1]];
    return at % 2 === 0 ? c * x - s * y : s * x + c * y;
  });
}
