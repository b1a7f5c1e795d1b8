/**
 * Codes as points of the plane, one colour a class: as they are where a code has two numbers, along their two leading
 * principal axes where it has more. Each class is one SVG path of dots, which keeps thousands of points small.
 */
import { extent, median } from "d3-array";
import { scaleLinear } from "d3-scale";
import { principalCoordinates } from "../analysis/principal-axes.js";
import type { Codes } from "./data.js";
import { type Html, html } from "./html.js";

const WIDTH = 640;
const HEIGHT = 500;
const PADDING = 22;
/** More dots than this hide one another. */
const MOST_DOTS = 4000;
/** Colours in the style sheet; classes beyond take them again. */
export const CLASS_COLOURS = 10;

interface Dot {
  readonly x: number;
  readonly y: number;
  readonly label: number;
}

interface Group {
  readonly label: number;
  /** Class name of its colour. */
  readonly colour: string;
  readonly dots: readonly Dot[];
}

/** @param codes of at least two numbers each */
export function drawScatter(codes: Codes): Html {
  const dots = place(codes);
  const classes = [...new Set(dots.map(({ label }) => label))].sort((a, b) => a - b);
  const groups: Group[] = classes.map((label, i) => ({
    label,
    colour: `c${i % CLASS_COLOURS}`,
    dots: dots.filter((dot) => dot.label === label),
  }));
  const description = `Scatter of ${dots.length} codes${codes.labels ? `, coloured by ${classes.length} classes` : ""}`;
  return html`<div class="scatter">
<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${description}">
${groups.map(({ colour, dots }) => html`<path class="${colour}" d="${dots.map(({ x, y }) => `M${x} ${y}h0`).join("")}"/>`)}
${codes.labels ? groups.map(drawName) : undefined}
</svg>
${codes.labels ? html`<ul class="legend" aria-label="Classes">${groups.map(({ label, colour }) => html`<li class="${colour}" tabindex="0">${label}</li>`)}</ul>` : undefined}
</div>`;
}

/** The class in the middle of its dots: colour is not the only way to tell. */
function drawName({ label, colour, dots }: Group): Html {
  const [x, y] = [median(dots, (dot) => dot.x), median(dots, (dot) => dot.y)];
  return html`<text class="${colour}" x="${x}" y="${y}" dy="0.35em" text-anchor="middle">${label}</text>`;
}

function place({ count, size, values, labels }: Codes): Dot[] {
  const rows = Math.min(count, MOST_DOTS);
  const shown = { rows, columns: size, values: values.subarray(0, rows * size) };
  const plane = size === 2 ? shown.values : principalCoordinates(shown, 2).values;
  const even = Array.from({ length: rows }, (_, i) => i);
  const [left, right] = extent(even, (i) => plane[2 * i]) as [number, number];
  const [bottom, top] = extent(even, (i) => plane[2 * i + 1]) as [number, number];
  // One scale for both axes: distances mean the same in every direction.
  const unit = Math.min((WIDTH - 2 * PADDING) / (right - left || 1), (HEIGHT - 2 * PADDING) / (top - bottom || 1));
  const centred = (low: number, high: number, middle: number, sign: number) =>
    scaleLinear([low, high], [middle - (sign * unit * (high - low)) / 2, middle + (sign * unit * (high - low)) / 2]);
  const [x, y] = [centred(left, right, WIDTH / 2, 1), centred(bottom, top, HEIGHT / 2, -1)];
  const round = (position: number): number => Math.round(10 * position) / 10;
  return even.map((i) => ({ x: round(x(plane[2 * i])), y: round(y(plane[2 * i + 1])), label: labels?.[i] ?? 0 }));
}
