/**
 * The course of a run as SVG, test error over epochs: `node bench/curve.mjs RUN bench/hinton2006-long.svg`, where RUN is
 * the folder that `dawnpour train` wrote. The line across is what a network of this shape had in the paper.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { scaleLinear, scaleLog } from "d3-scale";
import { line } from "d3-shape";

const PLOT = { width: 560, height: 260, left: 48, top: 34, right: 20, bottom: 44 };
const COLOUR = "#0072b2";
const INK = "#1f2328";
const FAINT = "#6e7781";
const GRID = "#eaeef2";
const PUBLISHED = { sse: 3, label: "Hinton & Salakhutdinov 2006: 3.00" };
const FIRST_EPOCH = 3;

const [run, out] = process.argv.slice(2);
if (!out) throw new Error("give a run's folder and the SVG file to write");
writeFileSync(out, chart(evaluations(run)));

/** The test error whenever it was measured, from when it has come down far enough to be drawn. */
function evaluations(folder) {
  const lines = readFileSync(join(folder, "metrics.jsonl"), "utf8").trim().split("\n");
  const events = lines.map((text) => JSON.parse(text)).filter(({ event }) => event === "evaluation");
  return events.map(({ epoch, test }) => ({ epoch, sse: test.sse })).filter(({ epoch }) => epoch >= FIRST_EPOCH);
}

function chart(points) {
  const { width, height, left, top, right, bottom } = PLOT;
  const last = points[points.length - 1];
  const errors = points.map(({ sse }) => sse);
  const x = scaleLinear([0, Math.ceil(last.epoch)], [0, width]);
  const y = scaleLog([Math.min(...errors) / 1.06, Math.max(...errors) * 1.03], [height, 0]);
  const path = line(
    ({ epoch }) => x(epoch).toFixed(1),
    ({ sse }) => y(sse).toFixed(1),
  );
  const [fullWidth, fullHeight] = [left + width + right, top + height + bottom];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${fullWidth} ${fullHeight}" width="${fullWidth}" height="${fullHeight}" ` +
      `font-family="system-ui, sans-serif" font-size="12" fill="${INK}" role="img">`,
    "<title>Test error over epochs</title>",
    // Readable on dark pages as well.
    `<rect width="${fullWidth}" height="${fullHeight}" fill="#fff"/>`,
    `<g transform="translate(${left},${top})">`,
    ...axes(x, y),
    `<path d="M0,${y(PUBLISHED.sse).toFixed(1)}H${width}" stroke="${FAINT}" stroke-dasharray="4 3"/>`,
    `<text x="${width}" y="${(y(PUBLISHED.sse) - 6).toFixed(1)}" text-anchor="end" fill="${FAINT}">${PUBLISHED.label.replace("&", "&amp;")}</text>`,
    `<path d="${path(points)}" fill="none" stroke="${COLOUR}" stroke-width="1.6"/>`,
    ...points.map((point) => mark(x, y, point)),
    `<text x="${width}" y="${(y(last.sse) - 9).toFixed(1)}" text-anchor="end" font-weight="600" fill="${COLOUR}">${last.sse.toFixed(3)}</text>`,
    "</g>",
    "</svg>\n",
  ].join("\n");
}

function mark(x, y, { epoch, sse }) {
  const place = `cx="${x(epoch).toFixed(1)}" cy="${y(sse).toFixed(1)}"`;
  return `<circle ${place} r="2" fill="${COLOUR}"><title>epoch ${epoch.toFixed(0)}: ${sse.toFixed(3)}</title></circle>`;
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
