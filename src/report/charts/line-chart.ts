/**
 * A line chart: series over a numeric axis, horizontal reference lines, a linear or logarithmic y axis. Lines are SVG
 * that stretches with the page; text is HTML beside it, of one size at every width. The label of a line is at its end,
 * in the margin, where no curve crosses it. Colours come from the page's style sheet by class names.
 */
import { extent } from "d3-array";
import { type ScaleContinuousNumeric, scaleLinear, scaleLog } from "d3-scale";
import { area, line } from "d3-shape";
import { type Html, html } from "../html.js";
import { figure, plain } from "../number-text.js";
import { spread } from "./spread.js";

export interface Point {
  readonly x: number;
  readonly y: number;
  /** The range that `y` is the mean of. */
  readonly low: number;
  readonly high: number;
}

export interface Series {
  /** Shown before the value at its end. */
  readonly label: string;
  /** Its colour: that of the test or training error, or of a class. */
  readonly kind: "test" | "train" | `c${number}`;
  /** At least one. */
  readonly points: readonly Point[];
  /** A dot at each point, for curves with few. */
  readonly dots: boolean;
}

export interface Reference {
  readonly label: string;
  readonly value: number;
}

export interface LineChart {
  /** Text for screen readers. */
  readonly description: string;
  readonly xLabel: string;
  /** At least one. */
  readonly series: readonly Series[];
  readonly references: readonly Reference[];
  /** Half as high, for less important charts. */
  readonly low?: boolean;
  /** Text of the value at the end of a line; default: as errors. */
  format?(value: number): string;
}

/** Units of the drawing along each side; the page decides their size. */
const SIDE = 1000;
/** More points than this cannot be told apart. */
const RESOLUTION = 300;
/** Fraction of the height that a label takes. */
const [LABEL, LABEL_LOW] = [0.085, 0.17];

/** Points of a curve of any length: where there are too many, neighbours are merged into their mean and range. */
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

/** Whether one of its points stands for several. */
export const hasBand = ({ points }: Series): boolean => points.some(({ low, high }) => low < high);

export function drawLineChart(chart: LineChart, height: "linear" | "log"): Html {
  const [x, y] = scales(chart, height);
  return html`<div class="chart ${height}${chart.low ? " low" : ""}" role="img" aria-label="${chart.description}">
<div class="plot"><svg viewBox="0 0 ${SIDE} ${SIDE}" preserveAspectRatio="none" aria-hidden="true">
${heightTicks(y, chart).map((value) => horizontal("grid", y(value)))}${horizontal("base", SIDE)}
${chart.references.map(({ value }) => horizontal("reference", y(value)))}
${chart.series.map((series) => drawSeries(series, x, y))}
</svg>
${axes(chart, x, y)}
${endLabels(chart, y)}
</div></div>`;
}

/** To a tenth of a unit, which keeps the file small. */
const rounded = (position: number): number => Math.round(10 * position) / 10;
const percent = (position: number): string => `${rounded((100 * position) / SIDE)}%`;

type Scale = ScaleContinuousNumeric<number, number>;

function scales({ series, references }: LineChart, height: "linear" | "log"): [Scale, Scale] {
  const points = series.flatMap((one) => one.points);
  const [left, right] = extent(points, ({ x }) => x) as [number, number];
  const values = [...points.flatMap(({ low, high }) => [low, high]), ...references.map(({ value }) => value)];
  const [low, high] = extent(values) as [number, number];
  const x = scaleLinear([Math.min(0, left), right], [0, SIDE]);
  const range = [SIDE, 0];
  const y = height === "log" ? scaleLog([low / 1.06, high * 1.06], range) : scaleLinear([0, high * 1.06 || 1], range);
  return [x, y];
}

function horizontal(kind: string, y: number): Html {
  return html`<line class="${kind}" x1="0" x2="${SIDE}" y1="${rounded(y)}" y2="${rounded(y)}"/>`;
}

function drawSeries(series: Series, x: Scale, y: Scale): Html {
  const { points, kind, dots } = series;
  const curve = line<Point>(
    (point) => rounded(x(point.x)),
    (point) => rounded(y(point.y)),
  );
  const band = area<Point>(
    (point) => rounded(x(point.x)),
    (point) => rounded(y(point.low)),
    (point) => rounded(y(point.high)),
  );
  // A dot is a line of length 0 with round ends: it stays round however the drawing is stretched.
  const marks = points.map((point) => `M${rounded(x(point.x))} ${rounded(y(point.y))}h0`).join("");
  return html`${hasBand(series) ? html`<path class="band ${kind}" d="${band(points) ?? ""}"/>` : undefined}<path class="curve ${kind}" d="${curve(points) ?? ""}"/>${dots || points.length === 1 ? html`<path class="dots ${kind}" d="${marks}"/>` : undefined}`;
}

function axes(chart: LineChart, x: Scale, y: Scale): Html {
  const heights = heightTicks(y, chart);
  return html`${heights.map((value) => html`<span class="y" style="top:${percent(y(value))}">${compact(value)}</span>`)}
${x.ticks(5).map((tick) => html`<span class="x" style="left:${percent(x(tick))}">${compact(tick)}</span>`)}<span class="name">${chart.xLabel}</span>`;
}

/** Name and last value of each line, at its end, as near as the other labels permit. */
function endLabels({ series, references, low, format = figure }: LineChart, y: Scale): Html {
  const ends = [
    ...series.map(({ label, kind, points }) => ({ kind: kind as string, label, value: points[points.length - 1].y })),
    ...references.map(({ label, value }) => ({ kind: "reference", label, value })),
  ];
  const places = spread(
    ends.map(({ value }) => y(value)),
    SIDE * (low ? LABEL_LOW : LABEL),
    [0, SIDE],
  );
  return html`${ends.map(
    ({ kind, label, value }, i) =>
      html`<span class="end ${kind}" style="top:${percent(places[i])}">${label} <b>${format(value)}</b></span>`,
  )}`;
}

/**
 * A logarithmic scale with too few round numbers of its own takes those of a linear scale; one with too many keeps
 * those that begin with 1, 2 or 5.
 */
function heightTicks(y: Scale, { low: isLow }: LineChart): number[] {
  const [low, high] = y.domain();
  const isLog = low > 0;
  const own = isLog && high / low >= 10 ? logTicks(low, high) : scaleLinear([low, high], [0, 1]).ticks(isLow ? 2 : 5);
  return own.filter((value) => value >= low && value <= high);
}

function logTicks(low: number, high: number): number[] {
  const powers = Array.from(
    { length: Math.ceil(Math.log10(high)) - Math.floor(Math.log10(low)) + 1 },
    (_, i) => Math.floor(Math.log10(low)) + i,
  );
  const firsts = high / low > 1000 ? [1] : [1, 2, 5];
  return powers.flatMap((power) => firsts.map((first) => Number(`${first}e${power}`)));
}

/** `20k` for 20,000, `2M`: axis labels must not run into one another. */
function compact(tick: number): string {
  if (Math.abs(tick) >= 1e6) return `${plain(tick / 1e6)}M`;
  return Math.abs(tick) >= 10_000 ? `${plain(tick / 1000)}k` : plain(tick);
}
