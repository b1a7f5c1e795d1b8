/**
 * A line chart as inline SVG: series over a numeric axis, horizontal reference lines, a linear or logarithmic height.
 * Colours and type come from the page's style sheet through class names, so that the chart follows light and dark.
 */
import { extent } from "d3-array";
import { type ScaleContinuousNumeric, scaleLinear, scaleLog } from "d3-scale";
import { area, line } from "d3-shape";
import { count } from "./format.js";
import { type Html, html } from "./html.js";

export interface Point {
  readonly x: number;
  readonly y: number;
  /** The range that `y` is the mean of. */
  readonly low: number;
  readonly high: number;
}

export interface Reference {
  readonly label: string;
  readonly value: number;
}

export interface LineChart {
  /** What the picture says, for those who do not see it. */
  readonly description: string;
  readonly xLabel: string;
  readonly points: Point[];
  readonly references: readonly Reference[];
  /** A dot at each point, for curves of few. */
  readonly dots: boolean;
}

const WIDTH = 460;
const HEIGHT = 300;
const MARGIN = { top: 14, right: 16, bottom: 42, left: 42 };
/** More points than this cannot be told apart at this width. */
const RESOLUTION = 300;

/** Points for a curve of any length: neighbours are merged into their mean and range where there are too many. */
export function thinned(values: readonly { readonly x: number; readonly y: number }[]): Point[] {
  const finite = values.filter(({ x, y }) => Number.isFinite(x) && Number.isFinite(y));
  const size = Math.ceil(finite.length / RESOLUTION);
  return Array.from({ length: Math.ceil(finite.length / size) || 0 }, (_, i) => {
    const group = finite.slice(i * size, (i + 1) * size);
    const mean = (pick: (value: (typeof group)[number]) => number): number =>
      group.reduce((sum, value) => sum + pick(value), 0) / group.length;
    const ys = group.map(({ y }) => y);
    return { x: mean(({ x }) => x), y: mean(({ y }) => y), low: Math.min(...ys), high: Math.max(...ys) };
  });
}

export function drawLineChart(chart: LineChart, height: "linear" | "log"): Html {
  const [x, y] = scales(chart, height);
  const curve = line<Point>(
    (point) => rounded(x(point.x)),
    (point) => rounded(y(point.y)),
  );
  const band = area<Point>(
    (point) => rounded(x(point.x)),
    (point) => rounded(y(point.low)),
    (point) => rounded(y(point.high)),
  );
  const dots = chart.points.map(
    (point) => html`<circle class="dot" cx="${rounded(x(point.x))}" cy="${rounded(y(point.y))}" r="2.6"/>`,
  );
  return html`<svg class="chart ${height}" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${chart.description}">
${axes(chart, x, y)}
${chart.references.map((reference) => drawReference(reference, y))}
<path class="band" d="${band(chart.points) ?? ""}"/><path class="curve" d="${curve(chart.points) ?? ""}"/>
${chart.dots ? dots : undefined}
</svg>`;
}

/** To a tenth of a pixel: what a position is worth in a file. */
const rounded = (position: number): number => Math.round(10 * position) / 10;

type Scale = ScaleContinuousNumeric<number, number>;

function scales({ points, references }: LineChart, height: "linear" | "log"): [Scale, Scale] {
  const [left, right] = extent(points, ({ x }) => x) as [number, number];
  const values = [...points.flatMap(({ low, high }) => [low, high]), ...references.map(({ value }) => value)];
  const [low, high] = extent(values) as [number, number];
  const x = scaleLinear([Math.min(0, left), right], [MARGIN.left, WIDTH - MARGIN.right]);
  const range = [HEIGHT - MARGIN.bottom, MARGIN.top];
  const y = height === "log" ? scaleLog([low / 1.06, high * 1.06], range) : scaleLinear([0, high * 1.06], range);
  return [x, y];
}

function axes({ xLabel }: LineChart, x: Scale, y: Scale): Html {
  const [bottom, right] = [HEIGHT - MARGIN.bottom, WIDTH - MARGIN.right];
  const yTicks = heightTicks(y);
  return html`<g class="axis">
${yTicks.map((tick) => html`<line class="grid" x1="${MARGIN.left}" x2="${right}" y1="${rounded(y(tick.value))}" y2="${rounded(y(tick.value))}"/><text x="${MARGIN.left - 8}" y="${rounded(y(tick.value) + 4)}" text-anchor="end">${tick.label}</text>`)}
${x.ticks(6).map((tick) => html`<text x="${rounded(x(tick))}" y="${bottom + 18}" text-anchor="middle">${compact(tick)}</text>`)}
<line class="base" x1="${MARGIN.left}" x2="${right}" y1="${bottom}" y2="${bottom}"/>
<text class="name" x="${right}" y="${HEIGHT - 6}" text-anchor="end">${xLabel}</text>
</g>`;
}

/** Where a logarithmic scale spans less than a power of ten it has too few round numbers of its own: then as linear. */
function heightTicks(y: Scale): { readonly value: number; readonly label: string }[] {
  const [low, high] = y.domain();
  const round = low > 0 && high / low < 10 ? scaleLinear([low, high], [0, 1]) : y;
  const format = round.tickFormat(6, "~g");
  return round
    .ticks(6)
    .map((value) => ({ value, label: format(value) }))
    .filter(({ label }) => label !== "");
}

/** `20k` for 20,000: axis labels must not run into one another. */
const compact = (tick: number): string => (tick >= 10_000 ? `${tick / 1000}k` : tick % 1 ? String(tick) : count(tick));

function drawReference({ label, value }: Reference, y: Scale): Html {
  const position = y(value);
  return html`<line class="reference" x1="${MARGIN.left}" x2="${WIDTH - MARGIN.right}" y1="${rounded(position)}" y2="${rounded(position)}"/><text class="reference" x="${WIDTH - MARGIN.right}" y="${rounded(position - 5)}" text-anchor="end">${label}</text>`;
}
