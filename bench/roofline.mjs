/**
 * The roofline plot (Williams, Waterman & Patterson 2009) of benchmark results, as SVG. Each device has a panel with speed over
 * arithmetic intensity, and with the ceilings of its arithmetic and its memory. Intensity counts the fewest bytes that the work
 * can move, so the operands of a point above the slope were in a cache.
 */
import { extent, max } from "d3-array";
import { scaleLog } from "d3-scale";

const PANEL = { width: 400, height: 300, left: 52, top: 44, gap: 24 };
const LEGEND_HEIGHT = 46;
const OURS_COLOUR = "#0072b2";
/** Colours of Okabe & Ito, which are distinct for colour-blind readers too. */
const PEER_COLOURS = ["#e69f00", "#d55e00", "#009e73", "#cc79a7", "#56b4e9"];
const INK = "#1f2328";
const FAINT = "#8c959f";
const GRID = "#eaeef2";

/** @param devices as a report lists them; those without measured ceilings are left out */
export function roofline(devices) {
  const measured = devices.filter(({ peak }) => peak);
  const peers = [...new Set(measured.flatMap(({ results }) => results.flatMap((result) => Object.keys(result.peers))))];
  const colours = new Map(peers.map((peer, i) => [peer, PEER_COLOURS[i % PEER_COLOURS.length]]));
  const width = PANEL.gap + measured.length * (PANEL.left + PANEL.width + PANEL.gap);
  const height = PANEL.top + PANEL.height + 44 + LEGEND_HEIGHT;
  const panels = measured.map((device, i) => {
    const x = PANEL.gap / 2 + i * (PANEL.left + PANEL.width + PANEL.gap) + PANEL.left;
    return `<g transform="translate(${x},${PANEL.top})">${panel(device, colours)}</g>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" ` +
      `font-family="system-ui, sans-serif" font-size="12" fill="${INK}" role="img">`,
    "<title>Roofline: speed over arithmetic intensity, Dawnpour beside its peers</title>",
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    ...panels,
    `<g transform="translate(${PANEL.gap / 2 + PANEL.left},${height - 22})">${legend(colours)}</g>`,
    "</svg>\n",
  ].join("\n");
}

function panel({ name, peak, results }, colours) {
  const points = results.flatMap((result) => pointsOf(result, colours));
  const [least, most] = extent(points, ({ intensity }) => intensity);
  const ridge = peak.gflops / peak.gbps;
  const x = scaleLog([Math.min(least, ridge) / 1.6, Math.max(most, ridge) * 1.6], [0, PANEL.width]);
  const slowest = extent(points, ({ gflops }) => gflops)[0];
  const fastest = Math.max(
    peak.gflops,
    max(points, ({ gflops }) => gflops),
  );
  const y = scaleLog([slowest / 1.6, fastest * 1.8], [PANEL.height, 0]);
  // Dawnpour's marks are drawn last, so they are on top.
  const marks = points.sort((a, b) => a.ours - b.ours).map((point) => mark(x(point.intensity), y(point.gflops), point));
  return [
    `<text y="-22" font-weight="600">${escaped(name)}</text>`,
    `<text y="-7" fill="${FAINT}">${peak.gflops.toFixed(0)} GFLOP/s, ${peak.gbps.toFixed(1)} GB/s measured</text>`,
    axes(x, y),
    ceilings(peak, x, y),
    ...marks,
  ].join("\n");
}

function pointsOf({ kind, name, flops, bytes, gflops, peers }, colours) {
  const intensity = flops / bytes;
  const ours = { ours: true, kind, intensity, gflops, colour: OURS_COLOUR, title: title("Dawnpour", name, gflops) };
  const theirs = Object.entries(peers).filter(([, entry]) => entry.gflops !== undefined);
  return [
    ours,
    ...theirs.map(([peer, entry]) => ({
      ours: false,
      kind,
      intensity,
      gflops: entry.gflops,
      colour: colours.get(peer),
      title: title(peer, name, entry.gflops),
    })),
  ];
}

const title = (contestant, work, gflops) => `${contestant}, ${work}: ${gflops.toPrecision(3)} GFLOP/s`;

/** Products are circles, and whole steps are squares. Dawnpour's are filled. */
function mark(x, y, { ours, kind, colour, title }) {
  const paint = ours
    ? `fill="${colour}" stroke="#fff" stroke-width="0.8"`
    : `fill="none" stroke="${colour}" stroke-width="1.2"`;
  const r = ours ? 4 : 3;
  const place = (value) => value.toFixed(1);
  const shape =
    kind === "gemm"
      ? `<circle cx="${place(x)}" cy="${place(y)}" r="${r}" ${paint}>`
      : `<rect x="${place(x - r)}" y="${place(y - r)}" width="${2 * r}" height="${2 * r}" ${paint}>`;
  const end = kind === "gemm" ? "</circle>" : "</rect>";
  return `${shape}<title>${escaped(title)}</title>${end}`;
}

function axes(x, y) {
  const vertical = decades(x).map((value) => {
    const at = x(value).toFixed(1);
    return `<path d="M${at},0V${PANEL.height}" stroke="${GRID}"/><text x="${at}" y="${PANEL.height + 16}" text-anchor="middle">${value}</text>`;
  });
  const horizontal = decades(y).map((value) => {
    const at = y(value).toFixed(1);
    return `<path d="M0,${at}H${PANEL.width}" stroke="${GRID}"/><text x="-6" y="${at}" dy="4" text-anchor="end">${value}</text>`;
  });
  return [
    ...vertical,
    ...horizontal,
    `<path d="M0,0V${PANEL.height}H${PANEL.width}" fill="none" stroke="${FAINT}"/>`,
    `<text x="${PANEL.width}" y="${PANEL.height + 34}" text-anchor="end" fill="${FAINT}">flop / byte</text>`,
    `<text x="-6" y="-7" text-anchor="end" fill="${FAINT}">GFLOP/s</text>`,
  ].join("\n");
}

/** Powers of ten. A short axis has twice and five times each of them as well. */
function decades(scale) {
  const [least, most] = scale.domain();
  const leading = most / least > 100 ? /^1/ : /^[125]/;
  return scale.ticks().filter((value) => leading.test(value.toExponential()));
}

function ceilings({ gflops, gbps }, x, y) {
  const [least, most] = x.domain();
  const foot = Math.max(least, y.domain()[0] / gbps);
  const corner = gflops / gbps;
  const points = [
    [foot, foot * gbps],
    [corner, gflops],
    [most, gflops],
  ];
  const path = points.map(([intensity, speed]) => `${x(intensity).toFixed(1)},${y(speed).toFixed(1)}`).join("L");
  return `<path d="M${path}" fill="none" stroke="${INK}" stroke-width="1.5"/>`;
}

function legend(colours) {
  const entries = [["Dawnpour", OURS_COLOUR, true], ...[...colours].map(([peer, colour]) => [peer, colour, false])];
  const marks = entries.map(([label, colour, ours], i) => {
    const point = { ours, kind: "gemm", colour, title: label };
    return `<g transform="translate(${i * 112},0)">${mark(0, -4, point)}<text x="9">${escaped(label)}</text></g>`;
  });
  return `${marks.join("")}<text x="${entries.length * 112}" fill="${FAINT}">circles: products, squares: training steps</text>`;
}

const escaped = (text) => text.replace(/[&<>]/g, (character) => `&#${character.charCodeAt(0)};`);
