/** The page of a comparison: a table, and the test error against images, seconds and bytes. One file without scripts. */

import { drawLineChart, type Series, thinned } from "../report/charts/line-chart.js";
import { CLASS_COLOURS } from "../report/charts/scatter.js";
import { type Html, html } from "../report/html.js";
import { count, datasetTitle, duration, figure, plain, plural, rounded } from "../report/number-text.js";
import { pageHeader, renderPage } from "../report/page.js";
import { scroll } from "../report/scroll.js";
import { section } from "../report/section.js";
import { version } from "../version.js";
import type { ComparedPoint, ComparedRun, Comparison } from "./compare.js";

/** @param date for the last line: `2026-01-31 23:59` */
export function renderComparison(comparison: Comparison, date: string): string {
  const { dataset, network, batch, workers, runs, link, target } = comparison;
  const title = `Strategies on ${datasetTitle(dataset)}`;
  const over = link === undefined ? "" : `; times are those of a machine for each part, with links of ${link}`;
  const where = `${workers > 0 ? `, ${plural(workers, "worker", "workers")}` : ""}${over}`;
  return renderPage({
    ...{ title, style: "compared", version, date },
    body: [
      pageHeader(title, `${network}, batches of ${count(batch)}, ${plural(runs[0].parts, "part", "parts")}${where}`),
      section(
        "table",
        "Results",
        "Bytes are those of an exchange between machines, one for each part; work that was done again is left out.",
        table(runs, target),
      ),
      section(
        "curves",
        "Test error",
        "The squared error of an image, summed over its values, mean over the test images.",
        charts(runs),
      ),
    ],
  });
}

const COLUMNS = [
  "Test SSE",
  "Beside the best",
  "Images/s",
  "Time",
  "Bytes an image up",
  "Bytes an image down",
  "Failures",
  "Steps done again",
  "Stood still",
];

/** Best first. */
function table(runs: readonly ComparedRun[], target?: number): Html {
  const columns = target === undefined ? COLUMNS : [...COLUMNS, `Time to ${figure(target)}`];
  const sorted = [...runs].sort((a, b) => a.sse - b.sse);
  const rows = sorted.map((run) => {
    const { sse, seconds, imagesPerSecond, payload, failures, stepsLost, waited } = run;
    const cells = [
      ...[figure(sse), `${(sse / sorted[0].sse).toFixed(3)} x`, count(imagesPerSecond), duration(seconds)],
      ...[bytes(payload.up), bytes(payload.down), count(failures), count(stepsLost), duration(waited)],
      ...(target === undefined ? [] : [run.toTarget === undefined ? "not reached" : duration(run.toTarget)]),
    ];
    return html`<tr><th scope="row">${run.strategy}</th>${cells.map((cell) => html`<td class="number">${cell}</td>`)}</tr>`;
  });
  return scroll(
    "Results as a table",
    html`<table><thead><tr><th scope="col">Strategy</th>${columns.map((name) => html`<th scope="col" class="number">${name}</th>`)}</tr></thead><tbody>${rows}</tbody></table>`,
  );
}

/** `1.2 kB` */
function bytes(value: number): string {
  return value < 1000 ? `${rounded(value)} B` : `${rounded(value / 1000)} kB`;
}

function charts(runs: readonly ComparedRun[]): Html {
  const drawn = [
    chart(runs, "Against training images", "images", ({ images }) => images),
    chart(runs, "Against seconds", "seconds", ({ seconds }) => seconds),
    chart(
      runs,
      "Against megabytes that all parts exchanged",
      "MB",
      ({ images }, { payload }) => (images * (payload.up + payload.down)) / 1e6,
    ),
  ];
  return html`<div class="stack">${drawn}</div>`;
}

function chart(
  runs: readonly ComparedRun[],
  title: string,
  xLabel: string,
  at: (point: ComparedPoint, run: ComparedRun) => number,
): Html | undefined {
  const series = runs.flatMap((run, i): Series[] => {
    const points = thinned(run.points.map((point) => ({ x: at(point, run), y: point.sse })));
    const kind = i % CLASS_COLOURS;
    return points.length === 0 ? [] : [{ label: run.strategy, kind: `c${kind}`, points, dots: true }];
  });
  if (series.length === 0) return undefined;
  const ends = series.map(({ label, points }) => {
    const { x, y } = points[points.length - 1];
    return `${label} ${figure(y)} at ${plain(x)} ${xLabel}`;
  });
  const description = `${title}: ${ends.join("; ")}`;
  return html`<figure><figcaption>${title}</figcaption>${drawLineChart({ description, xLabel, series, references: [] }, "log")}</figure>`;
}
