/** Results as Markdown tables, aligned so that they read well in a terminal too. */
import { max, median, min } from "d3-array";
import { OURS } from "./contestants.mjs";
import { goalsOf } from "./goals.mjs";

/** Each case is a row. The column of a peer tells how many times as fast as the peer Dawnpour is. */
export function resultTable({ results, contestants }, wanted = () => true) {
  const chosen = results.filter(wanted);
  const peers = [...new Set(chosen.flatMap(({ peers }) => Object.keys(peers)))];
  const header = ["work", "ms", "fastest - slowest", "GFLOP/s", "of peak", ...peers.map((peer) => `x ${peer}`)];
  const rows = chosen.map((result) => [
    result.name,
    number(result.medianMs),
    `${number(result.fastestMs)} - ${number(result.slowestMs)}`,
    number(result.gflops),
    percent(result.share),
    ...peers.map((peer) => against(result.peers[peer])),
  ]);
  const others = Object.entries(contestants).filter(([id]) => !id.startsWith(OURS));
  const versions = others.map(([, version]) => version);
  return [markdown(header, rows), "", `Peers: ${[...new Set(versions)].join(", ") || "none"}.`].join("\n");
}

const against = (entry) => (entry === undefined ? "" : entry.error ? "failed" : number(entry.ratio));

export function goalTable(devices) {
  const rows = devices.flatMap((device) =>
    goalsOf(device, device.results).map(({ name, peer, times, share, reached, met }) => [
      device.name,
      name,
      peer ?? "measured peak",
      peer ? `${times} x` : percent(share),
      peer ? `${number(reached)} x` : percent(reached),
      met ? "yes" : "no",
    ]),
  );
  return markdown(["device", "work", "beside", "goal", "reached", "met"], rows);
}

/** A sentence that compares the products that are not in a table with each peer. */
export function ratioRange(results) {
  if (results.length === 0) return "";
  const ratiosOf = (peer) => results.flatMap((result) => result.peers[peer]?.ratio ?? []);
  const peers = [...new Set(results.flatMap((result) => Object.keys(result.peers)))].filter(
    (p) => ratiosOf(p).length > 0,
  );
  const ranges = peers.map((peer) => {
    const ratios = ratiosOf(peer);
    const [low, middle, high] = [min(ratios), median(ratios), max(ratios)].map(number);
    return `${low} to ${high} x ${peer} (median ${middle})`;
  });
  return `The other ${results.length} products of the layers' training steps: ${ranges.join(", ")}.`;
}

const number = (value) => (value >= 100 ? value.toFixed(0) : value.toPrecision(3));
const percent = (share) => (share === undefined ? "" : `${(100 * share).toFixed(0)} %`);

function markdown(header, rows) {
  const widths = header.map((title, column) =>
    Math.max(3, ...[title, ...rows.map((row) => row[column])].map((cell) => cell.length)),
  );
  const left = (column) => rows.every((row) => !/^[\d.]+( [x%])?$/.test(row[column]));
  const line = (cells) =>
    `| ${cells.map((cell, i) => (left(i) ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join(" | ")} |`;
  const rule = `| ${widths.map((width, i) => (left(i) ? "-".repeat(width) : `${"-".repeat(width - 1)}:`)).join(" | ")} |`;
  return [line(header), rule, ...rows.map(line)].join("\n");
}
