/**
 * Draws the test error of runs over their epochs: `node bench/curve.mjs NAME LABEL=RUN ...`, where RUN is a folder that
 * `dawnpour train` wrote. It draws bench/NAME.svg, and keeps the configurations and the points in bench/results/NAME.json.
 * The horizontal line is the error of a network of this shape in the paper.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { extent, max } from "d3-array";
import { scaleLinear, scaleLog } from "d3-scale";
import { line } from "d3-shape";

const PLOT = { width: 560, height: 260, left: 48, top: 34, right: 20 };
/** The heights of what is below the plot: the numbers of its axis, and one line for each run. */
const BELOW = { axis: 22, run: 16 };
const COLOURS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7"];
const INK = "#1f2328";
const FAINT = "#6e7781";
const GRID = "#eaeef2";
const PUBLISHED = { sse: 3, label: "Hinton &amp; Salakhutdinov 2006: 3.00" };
/** The errors of earlier epochs are so large that the rest of the curve would be flat. */
const FIRST_EPOCH = 5;

const [name, ...named] = process.argv.slice(2);
if (named.length === 0) throw new Error("give a name and at least one LABEL=RUN");
const runs = named.map((text) => {
  const [label, folder] = text.split("=");
  return { label, ...course(folder) };
});
writeFileSync(new URL(`results/${name}.json`, import.meta.url), `${JSON.stringify(runs.map(kept), undefined, 2)}\n`);
writeFileSync(new URL(`${name}.svg`, import.meta.url), chart(runs));

/** The configuration of a run, and all its measured test errors. */
function course(folder) {
  const config = JSON.parse(readFileSync(join(folder, "config.json"), "utf8"));
  const lines = readFileSync(join(folder, "metrics.jsonl"), "utf8").trim().split("\n");
  const events = lines.map((text) => JSON.parse(text)).filter(({ event }) => event === "evaluation");
  return { config, points: events.map(({ epoch, test }) => ({ epoch: Math.round(epoch), sse: test.sse })) };
}

/** A run as the results file keeps it, with its test errors by epoch. */
function kept({ label, config, points }) {
  const sse = Object.fromEntries(points.map(({ epoch, sse }) => [epoch, Number(sse.toFixed(4))]));
  return { label, config: { ...config, layers: config.layers.join("-") }, sse };
}

function chart(runs) {
  const { width, height, left, top, right } = PLOT;
  const bottom = BELOW.axis + BELOW.run * runs.length;
  const all = runs.flatMap(({ points }) => points.filter(drawn));
  const [least, most] = extent(all, ({ sse }) => sse);
  const x = scaleLinear([0, max(all, ({ epoch }) => epoch)], [0, width]);
  const y = scaleLog([least / 1.06, most * 1.03], [height, 0]);
  const [fullWidth, fullHeight] = [left + width + right, top + height + bottom];
  const published = y(PUBLISHED.sse);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${fullWidth} ${fullHeight}" width="${fullWidth}" height="${fullHeight}" ` +
      `font-family="system-ui, sans-serif" font-size="12" fill="${INK}" role="img">`,
    "<title>Test error over epochs</title>",
    // A white ground makes the drawing readable on dark pages as well.
    `<rect width="${fullWidth}" height="${fullHeight}" fill="#fff"/>`,
    `<g transform="translate(${left},${top})">`,
    ...axes(x, y),
    `<path d="M0,${published.toFixed(1)}H${width}" stroke="${FAINT}" stroke-dasharray="4 3"/>`,
    `<text x="${width}" y="${(published - 40).toFixed(1)}" text-anchor="end" fill="${FAINT}">${PUBLISHED.label} (dashed)</text>`,
    ...runs.map((run, i) => curve(x, y, run, i)),
    "</g>",
    "</svg>\n",
  ].join("\n");
}

function drawn({ epoch }) {
  return epoch >= FIRST_EPOCH;
}

/** The curve of one run, with its last value and its line in the legend. */
function curve(x, y, { label, points }, i) {
  const shown = points.filter(drawn);
  const last = shown[shown.length - 1];
  const colour = COLOURS[i % COLOURS.length];
  const path = line(
    ({ epoch }) => x(epoch).toFixed(1),
    ({ sse }) => y(sse).toFixed(1),
  );
  const legend = `translate(0,${PLOT.height + 34 + 16 * i})`;
  return [
    `<path d="${path(shown)}" fill="none" stroke="${colour}" stroke-width="1.6"/>`,
    ...shown.map((point) => mark(x, y, point, colour)),
    `<text x="${x(last.epoch).toFixed(1)}" y="${(y(last.sse) + 16).toFixed(1)}" text-anchor="end" font-weight="600" fill="${colour}">${last.sse.toFixed(3)}</text>`,
    `<text transform="${legend}" fill="${colour}">${label}</text>`,
  ].join("\n");
}

function mark(x, y, { epoch, sse }, colour) {
  const place = `cx="${x(epoch).toFixed(1)}" cy="${y(sse).toFixed(1)}"`;
  return `<circle ${place} r="2" fill="${colour}"><title>epoch ${epoch.toFixed(0)}: ${sse.toFixed(3)}</title></circle>`;
}

function axes(x, y) {
  const { width, height } = PLOT;
  const vertical = x.ticks(8).map((value) => {
    const at = x(value).toFixed(1);
    return `<path d="M${at},0V${height}" stroke="${GRID}"/><text x="${at}" y="${height + 16}" text-anchor="middle">${value}</text>`;
  });
  const horizontal = scaleLinear(y.domain(), y.range())
    .ticks(8)
    .map((value) => {
      const at = y(value).toFixed(1);
      return `<path d="M0,${at}H${width}" stroke="${GRID}"/><text x="-6" y="${at}" dy="4" text-anchor="end">${value.toFixed(1)}</text>`;
    });
  return [
    ...vertical,
    ...horizontal,
    `<path d="M0,0V${height}H${width}" fill="none" stroke="${FAINT}"/>`,
    `<text x="${width}" y="${height + 34}" text-anchor="end" fill="${FAINT}">epoch</text>`,
    `<text x="-6" y="-12" fill="${FAINT}">test error (SSE), logarithmic</text>`,
  ];
}
