/**
 * The failures of a run as inline SVG: time runs to the right, everyone that failed has a lane. A mark is where a fault
 * was injected, a bar goes from when a failure was noticed to the next step, a thin line joins the two.
 */
import { type ScaleLinear, scaleLinear } from "d3-scale";
import { beginning, type Failure, type FailureLog } from "./failure-log.js";
import { causes } from "./failure-words.js";
import { type Html, html } from "./html.js";

const WIDTH = 960;
const LANE = 28;
const MARGIN = { top: 6, right: 24, bottom: 42 };
/** Of a letter of a lane's name, about. */
const LETTER = 7.5;
/** What a person can still see of a bar. */
const LEAST_BAR = 3;

/** Seconds in the units that an axis may count in. */
const UNITS = [
  { name: "hours", seconds: 3600 },
  { name: "minutes", seconds: 60 },
  { name: "seconds", seconds: 1 },
];

export function drawTimeline({ failures, seconds }: FailureLog): Html {
  const lanes = [...new Set(failures.map(({ target }) => target))].sort(byRank);
  const left = LETTER * Math.max(...lanes.map((name) => name.length)) + 16;
  const unit = UNITS.find((candidate) => seconds >= 3 * candidate.seconds) ?? UNITS[UNITS.length - 1];
  const x = scaleLinear([0, Math.max(seconds, 1e-3) / unit.seconds], [left, WIDTH - MARGIN.right]);
  const place = (time: number): number => pixel(x(time / unit.seconds));
  const height = MARGIN.top + LANE * lanes.length + MARGIN.bottom;
  const description = `Timeline of ${failures.length} failures in ${lanes.length} lanes: ${lanes.join(", ")}`;
  return html`<svg class="timeline" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${description}">
${axis(x, unit.name, height)}
${lanes.map((name, i) => drawLane(name, i, left))}
${failures.map((failure) => drawFailure(failure, middle(lanes.indexOf(failure.target)), place))}
</svg>`;
}

const pixel = (position: number): number => Math.round(10 * position) / 10;
const middle = (lane: number): number => MARGIN.top + LANE * (lane + 0.5);

/** The coordinator, then workers by number, each with its device, then the rest. */
function byRank(a: string, b: string): number {
  const [rankA, numberA] = rank(a);
  const [rankB, numberB] = rank(b);
  return rankA - rankB || numberA - numberB || (a < b ? 1 : -1);
}

function rank(name: string): [rank: number, number: number] {
  if (name === "coordinator") return [0, 0];
  const number = /^(?:worker|device)-(\d+)$/.exec(name)?.[1];
  return number === undefined ? [2, 0] : [1, Number(number)];
}

function axis(x: ScaleLinear<number, number>, unit: string, height: number): Html {
  const bottom = height - MARGIN.bottom;
  const ticks = x.ticks(8).map((tick) => ({ at: pixel(x(tick)), label: x.tickFormat(8)(tick) }));
  return html`<g class="axis">
${ticks.map(({ at, label }) => html`<line class="grid" x1="${at}" x2="${at}" y1="${MARGIN.top}" y2="${bottom}"/><text x="${at}" y="${bottom + 18}" text-anchor="middle">${label}</text>`)}
<line class="base" x1="${x.range()[0]}" x2="${x.range()[1]}" y1="${bottom}" y2="${bottom}"/>
<text class="name" x="${x.range()[1]}" y="${height - 6}" text-anchor="end">${unit}</text>
</g>`;
}

function drawLane(name: string, lane: number, left: number): Html {
  const y = middle(lane);
  return html`<text x="${left - 12}" y="${y + 4.5}" text-anchor="end">${name}</text><line class="lane" x1="${left}" x2="${WIDTH - MARGIN.right}" y1="${y}" y2="${y}"/>`;
}

function drawFailure(failure: Failure, y: number, place: (time: number) => number): Html {
  const { injected, recovery } = failure;
  const from = place(beginning(failure));
  const bar = recovery && [place(recovery.noticed), place(recovery.resumed)];
  return html`<g><title>${causes(failure) || failure.target}${recovery && `: ${recovery.failure}`}</title>
${bar && html`<line class="wait" x1="${from}" x2="${bar[0]}" y1="${y}" y2="${y}"/><rect class="recovery" x="${bar[0]}" y="${y - 6}" width="${pixel(Math.max(LEAST_BAR, bar[1] - bar[0]))}" height="12" rx="1.5"/>`}
${injected.length > 0 ? html`<path class="fault" d="M${from} ${y - 3}l-5 -9h10z"/>` : undefined}</g>`;
}
