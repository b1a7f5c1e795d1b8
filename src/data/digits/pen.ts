/**
 * A pen on a raster: a stroke becomes a chain of short segments along a smooth curve. The distance to the nearest
 * segment gives the brightness of a pixel, with an edge as soft as that of a scaled-down photograph.
 */
import type { Stroke } from "./glyphs.js";

/** The points of a pen line: x, y, x, y, ... */
export type Line = number[];

/** Pixels over which the edge of a line fades from white to black. */
const EDGE = 1.1;

/** Follows `stroke` along a Catmull-Rom spline, `steps` segments between two anchors. */
export function trace(stroke: Stroke, steps: number): Line {
  const line: Line = [stroke[0].x, stroke[0].y];
  for (let i = 0; i + 1 < stroke.length; i++) {
    const from = stroke[i];
    const to = stroke[i + 1];
    // A spline's tangent at an anchor follows the chord between its neighbours; a corner or an end has only one
    // neighbour.
    const before = i === 0 || from.corner ? from : stroke[i - 1];
    const after = i + 2 === stroke.length || to.corner ? to : stroke[i + 2];
    const startScale = before === from ? 1 : 0.5;
    const endScale = after === to ? 1 : 0.5;
    for (let step = 1; step <= steps; step++) {
      const t = step / steps;
      line.push(
        hermite(t, from.x, to.x, startScale * (to.x - before.x), endScale * (after.x - from.x)),
        hermite(t, from.y, to.y, startScale * (to.y - before.y), endScale * (after.y - from.y)),
      );
    }
  }
  return line;
}

/** The cubic with values `from`, `to` and slopes `start`, `end` at t = 0, 1. */
function hermite(t: number, from: number, to: number, start: number, end: number): number {
  const u = 1 - t;
  return u * u * (1 + 2 * t) * from + t * t * (3 - 2 * t) * to + t * u * (u * start - t * end);
}

/**
 * Draws `line`, in pixels, into a `size x size` raster of brightnesses in [0, 1], keeping the brighter value.
 * The pen's radius goes from `startRadius` to `endRadius` along it.
 */
export function draw(raster: Float32Array, size: number, line: Line, startRadius: number, endRadius: number): void {
  const segments = line.length / 2 - 1;
  for (let i = 0; i < segments; i++) {
    const radius = startRadius + ((endRadius - startRadius) * (i + 0.5)) / segments;
    drawSegment(raster, size, line[2 * i], line[2 * i + 1], line[2 * i + 2], line[2 * i + 3], radius);
  }
}

function drawSegment(
  raster: Float32Array,
  size: number,
  x0: number,
  y0: number,
  x1: number,
  y1: number,
  radius: number,
): void {
  const dx = x1 - x0;
  const dy = y1 - y0;
  const inverseLength2 = 1 / Math.max(dx * dx + dy * dy, 1e-12);
  // A pixel's centre lies half a pixel from its corner.
  const reach = radius + EDGE / 2 + 0.5;
  const left = Math.max(0, Math.floor(Math.min(x0, x1) - reach));
  const right = Math.min(size - 1, Math.floor(Math.max(x0, x1) + reach));
  const top = Math.max(0, Math.floor(Math.min(y0, y1) - reach));
  const bottom = Math.min(size - 1, Math.floor(Math.max(y0, y1) + reach));
  for (let row = top; row <= bottom; row++) {
    const py = row + 0.5 - y0;
    for (let column = left; column <= right; column++) {
      const px = column + 0.5 - x0;
      const along = Math.min(1, Math.max(0, (px * dx + py * dy) * inverseLength2));
      const ex = px - along * dx;
      const ey = py - along * dy;
      const brightness = (radius - Math.sqrt(ex * ex + ey * ey)) / EDGE + 0.5;
      const pixel = row * size + column;
      if (brightness > raster[pixel]) {
        raster[pixel] = Math.min(1, brightness);
      }
    }
  }
}
