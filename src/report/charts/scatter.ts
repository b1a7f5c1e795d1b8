/**
 * Codes as points of a plane, with a colour and shape for each class. Codes of two numbers are shown as they are,
 * longer codes along their two leading principal axes. Each class is one SVG path, so that thousands of points stay
 * small.
 */
import { extent, median } from "d3-array";
import { scaleLinear } from "d3-scale";
import { principalCoordinates } from "../../analysis/principal-axes.js";
import type { Codes } from "../data.js";
import { type Html, html } from "../html.js";

const WIDTH = 640;
const HEIGHT = 500;
const PADDING = 22;
/** More dots than this hide one another. */
const MOST_DOTS = 4000;
/**
 * Colours in the style sheet. Every kind of colour vision can tell five apart; the next five classes use them again
 * with another shape, and classes beyond ten repeat both.
 */
export const CLASS_COLOURS = 5;
const SHAPES = ["disc", "cross"] as const;
/** Half the width of a cross. */
const ARM = 3;

interface Dot {
  readonly x: number;
  readonly y: number;
  readonly label: number;
}

interface Group {
  readonly label: number;
  /** Names of the style classes of its colour and shape. */
  readonly style: string;
  readonly shape: (typeof SHAPES)[number];
  readonly dots: readonly Dot[];
}

/** @param codes of at least two numbers each */
export function drawScatter(codes: Codes): Html {
  const dots = place(codes);
  const classes = [...new Set(dots.map(({ label }) => label))].sort((a, b) => a - b);
  const groups: Group[] = classes.map((label, i) => {
    const shape = SHAPES[Math.floor(i / CLASS_COLOURS) % SHAPES.length];
    return { label, shape, style: `c${i % CLASS_COLOURS} ${shape}`, dots: dots.filter((dot) => dot.label === label) };
  });
  const description = `Scatter of ${dots.length} codes${codes.labels ? `, coloured by ${classes.length} classes` : ""}`;
  return html`<div class="scatter">
<div class="plane" role="img" aria-label="${description}"><svg viewBox="0 0 ${WIDTH} ${HEIGHT}" aria-hidden="true">
${groups.map(({ style, shape, dots }) => html`<path class="${style}" d="${dots.map((dot) => mark(shape, dot)).join("")}"/>`)}
</svg>${codes.labels ? groups.map(drawName) : undefined}</div>
${codes.labels ? html`<ul class="legend" aria-label="Classes">${groups.map(legendEntry)}</ul>` : undefined}
</div>`;
}

/** A disc is a line of length 0 with round ends. */
function mark(shape: Group["shape"], { x, y }: Pick<Dot, "x" | "y">): string {
  if (shape === "disc") return `M${x} ${y}h0`;
  return `M${x} ${y}m${-ARM} ${-ARM}l${2 * ARM} ${2 * ARM}m0 ${-2 * ARM}l${-2 * ARM} ${2 * ARM}`;
}

/** Drawn as SVG, because backgrounds are not printed. */
function legendEntry({ label, style, shape }: Group): Html {
  const swatch = html`<svg viewBox="0 0 12 12" aria-hidden="true"><path class="${style}" d="${mark(shape, { x: 6, y: 6 })}"/></svg>`;
  return html`<li>${swatch}${label}</li>`;
}

/** The class name in the middle of its dots, so that colour is not the only mark. */
function drawName({ label, dots }: Group): Html {
  const [x = 0, y = 0] = [median(dots, (dot) => dot.x), median(dots, (dot) => dot.y)];
  const [left, top] = [(100 * x) / WIDTH, (100 * y) / HEIGHT].map((position) => position.toFixed(1));
  return html`<span style="left:${left}%;top:${top}%">${label}</span>`;
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
