/**
 * The failures of a run over time. The top lane shows throughput and where training waited. Below, each node that
 * failed has a lane: a shape where a fault struck, a thin line until it was noticed, and a bar until the node was back.
 * Text is HTML of one size; everything else is placed in hundredths of the width.
 */
import { max } from "d3-array";
import { type ScaleLinear, scaleLinear } from "d3-scale";
import { area, curveStepBefore } from "d3-shape";
import { beginning, type Failure, type FailureLog, type Pace, type Recovery } from "../failure-log.js";
import { causes, clock } from "../failure-words.js";
import { type Html, html } from "../html.js";
import { count } from "../number-text.js";
import { drawShape, shapeKey, shapesOf } from "./fault-shape.js";

/** Intervals of axis ticks, in seconds. */
const UNITS = [
  { name: "hours", seconds: 3600 },
  { name: "minutes", seconds: 60 },
  { name: "seconds", seconds: 1 },
];
/** If the failures take less than this fraction of the run, only that part is shown, */
const PART = 0.6;
/** with this fraction of it added on each side. */
const MARGIN = 0.08;

export function drawTimeline(log: FailureLog): Html {
  const { failures, pace } = log;
  const lanes = [...new Set(failures.map(({ target }) => target))].sort(byRank);
  const [from, to] = window(log);
  const x = scaleLinear([from, to], [0, 100]).clamp(true);
  const shown = from > 0 || to < log.seconds ? `Shown: ${clock(from)} to ${clock(to)} of ${clock(log.seconds)}.` : "";
  const description = `Timeline of ${failures.length} ${failures.length === 1 ? "failure" : "failures"} of ${lanes.join(", ")}. ${shown}`;
  return html`<div class="timeline" role="img" aria-label="${description}">
${pace.length > 1 ? drawPace(pace, x) : undefined}
${drawLane(
  "training",
  failures.map((failure) => drawWait(failure, x)),
)}
${lanes.map((lane) =>
  drawLane(
    lane,
    failures.filter(({ target }) => target === lane).map((failure) => drawFailure(failure, x, to)),
  ),
)}
${drawAxis(x)}
</div>
<ul class="key">${shapeKey(failures)}${barKey(failures)}${shown && html`<li>${shown}</li>`}</ul>`;
}

/** Key of the bars that occur. */
function barKey(failures: readonly Failure[]): Html {
  const any = (has: (failure: Failure, recovery: Recovery) => boolean): boolean =>
    failures.some((failure) => failure.recovery && has(failure, failure.recovery));
  const keys: [boolean, string, string][] = [
    [any((failure, { noticed }) => beginning(failure) < noticed), "unnoticed", "not noticed yet"],
    [any((_, { away }) => away), "away", "node away"],
    [any((_, { waited }) => waited > 0), "wait", "training waited"],
  ];
  return html`${keys.map(([isThere, kind, name]) => (isThere ? html`<li><i class="${kind}"></i>${name}</li>` : undefined))}`;
}

/** The seconds that are shown: all, or those with failures and a margin. */
function window({ failures, seconds }: FailureLog): [number, number] {
  const first = Math.min(...failures.map(beginning));
  const last = Math.max(...failures.map((failure) => end(failure, seconds)));
  const margin = Math.max(MARGIN * (last - first), 0.5);
  const [from, to] = [Math.max(0, first - margin), Math.min(seconds, last + margin)];
  return to - from < PART * seconds ? [from, to] : [0, Math.max(seconds, 1e-3)];
}

function end(failure: Failure, seconds: number): number {
  const { recovery, back } = failure;
  if (recovery?.away && back === undefined) return seconds;
  return Math.max(beginning(failure), recovery?.resumed ?? 0, back ?? 0);
}

type Scale = ScaleLinear<number, number>;
const round = (position: number): number => Math.round(100 * position) / 100;

function drawLane(name: string, marks: readonly Html[]): Html {
  return html`<span class="lane">${name}</span><div class="track">${marks}</div>`;
}

function bar(kind: string, from: number, to: number, x: Scale): Html {
  const left = x(from);
  return html`<i class="${kind}" style="left:${round(left)}%;width:${round(x(to) - left)}%"></i>`;
}

function drawWait({ recovery }: Failure, x: Scale): Html {
  if (!recovery || recovery.waited <= 0) return html``;
  return bar("wait", recovery.waitedFrom, recovery.waitedFrom + recovery.waited, x);
}

function drawFailure(failure: Failure, x: Scale, last: number): Html {
  const { injected, recovery, target } = failure;
  const from = beginning(failure);
  const title = `${causes(failure) || target}${recovery ? `: ${recovery.failure}` : ""}`;
  const struck = injected.length > 0 ? injected.map(({ at }) => at) : [from];
  return html`${recovery && from < recovery.noticed ? bar("unnoticed", from, recovery.noticed, x) : undefined}${
    recovery?.away ? bar("away", recovery.noticed, failure.back ?? last, x) : undefined
  }${shapesOf(failure).map((kind, i) => html`<b style="left:${round(x(struck[i]))}%" title="${title}">${drawShape(kind)}</b>`)}`;
}

/** Throughput: a step for each stretch of training steps. */
function drawPace(pace: readonly Pace[], x: Scale): Html {
  const [from, to] = x.domain();
  // A stretch begins where the one before ended.
  const inside = pace.filter(({ at }, i) => (pace[i + 1]?.at ?? at) >= from && (pace[i - 1]?.at ?? at) <= to);
  const highest = max(inside, ({ imagesPerSecond }) => imagesPerSecond) ?? 0;
  const draw = area<Pace>(
    ({ at }) => round(10 * x(at)),
    100,
    ({ imagesPerSecond }) => round(100 - (95 * imagesPerSecond) / (highest || 1)),
  ).curve(curveStepBefore);
  return html`<span class="lane">images/s<small>up to ${count(highest)}</small></span><div class="track pace"><svg viewBox="0 0 1000 100" preserveAspectRatio="none" aria-hidden="true"><path d="${draw(inside) ?? ""}"/></svg></div>`;
}

function drawAxis(x: Scale): Html {
  const [from, to] = x.domain();
  const unit = UNITS.find((candidate) => to - from >= 3 * candidate.seconds) ?? UNITS[UNITS.length - 1];
  const inUnits = scaleLinear([from / unit.seconds, to / unit.seconds], [0, 100]);
  const ticks = inUnits.ticks(6);
  const label = inUnits.tickFormat(6);
  return html`<span class="lane">${unit.name}</span><div class="track ticks">${ticks.map((tick) => html`<span style="left:${round(inUnits(tick))}%">${label(tick)}</span>`)}</div>`;
}

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
