/** The page of a prediction: scaling curves and a table. One file without scripts. */

import { drawLineChart, thinned } from "../report/charts/line-chart.js";
import { type Html, html } from "../report/html.js";
import { count, figure, plain } from "../report/number-text.js";
import { pageHeader, renderPage } from "../report/page.js";
import { scroll } from "../report/scroll.js";
import { section } from "../report/section.js";
import { version } from "../version.js";
import type { Prediction } from "./predict.js";

/** What was predicted, in words. */
interface PredictedRun {
  /** `diloco:H=100` */
  readonly strategy: string;
  /** The network, the device, the link and the failures. */
  readonly place: string;
}

/** @param date for the last line: `2026-01-31 23:59` */
export function renderPrediction(run: PredictedRun, predictions: readonly Prediction[], date: string): string {
  const title = `${run.strategy} on ${count(predictions[predictions.length - 1].workers)} workers`;
  return renderPage({
    ...{ title, style: "compared", version, date },
    body: [
      pageHeader(title, `Predicted, not measured: ${run.place}`),
      section(
        "curves",
        "Scaling",
        "Every worker has as many images a step, whatever the number of workers.",
        charts(predictions),
      ),
      section(
        "table",
        "In numbers",
        "Efficiency is the share of the speed of workers that exchange nothing and never fail; goodput is the share of the speed of the same run without failures.",
        table(predictions),
      ),
    ],
  });
}

const CURVES: readonly (readonly [string, (prediction: Prediction) => number | undefined])[] = [
  ["Images a second", ({ imagesPerSecond }) => imagesPerSecond],
  ["Efficiency", ({ efficiency }) => efficiency],
  ["Goodput", ({ goodput }) => goodput],
  ["Core-seconds for a million images", ({ coreSeconds }) => coreSeconds],
  ["Cost of a million images", ({ cost }) => cost],
];

const charts = (predictions: readonly Prediction[]): Html =>
  html`<div class="stack">${CURVES.map(([title, of]) => chart(title, predictions, of))}</div>`;

/** Against the logarithm of the number of workers. */
function chart(
  title: string,
  predictions: readonly Prediction[],
  of: (prediction: Prediction) => number | undefined,
): Html | undefined {
  const values = predictions.flatMap((prediction) => {
    const y = of(prediction);
    return y !== undefined && y > 0 && Number.isFinite(y) ? [{ x: Math.log10(prediction.workers), y }] : [];
  });
  if (values.length === 0) return undefined;
  const points = thinned(values);
  const series = [{ label: "", kind: "test" as const, points, dots: true }];
  const last = points[points.length - 1];
  const description = `${title}: ${figure(last.y)} at ${plain(10 ** last.x)} workers`;
  const xLabel = "workers, as a power of 10";
  return html`<figure><figcaption>${title}</figcaption>${drawLineChart({ description, xLabel, series, references: [] }, "log")}</figure>`;
}

/** The columns of a table of predictions, on the page and on the command line. */
export const COLUMNS: readonly (readonly [string, (prediction: Prediction) => string])[] = [
  ["workers", ({ workers }) => count(workers)],
  ["images/s", ({ imagesPerSecond }) => count(Math.round(imagesPerSecond))],
  ["efficiency", ({ efficiency }) => share(efficiency)],
  ["goodput", ({ goodput }) => share(goodput)],
  ["compute", ({ computing }) => seconds(computing)],
  ["exchange", ({ exchanging }) => seconds(exchanging)],
  ["failures", ({ failures }) => count(failures)],
  ["core-s/M img", ({ coreSeconds }) => figure(coreSeconds)],
  ["cost/M img", ({ cost }) => (cost === undefined ? "" : figure(cost))],
];

const share = (value: number): string => `${(100 * value).toFixed(value < 0.1 ? 3 : 1)} %`;

/** Of a round. */
const seconds = (value: number): string => (value < 1 ? `${(1000 * value).toFixed(1)} ms` : `${value.toFixed(2)} s`);

const table = (predictions: readonly Prediction[]): Html =>
  scroll(
    "Predictions as a table",
    html`<table><thead><tr>${COLUMNS.map(([name]) => html`<th scope="col" class="number">${name}</th>`)}</tr></thead><tbody>${predictions.map(
      (one) => html`<tr>${COLUMNS.map(([, text]) => html`<td class="number">${text(one)}</td>`)}</tr>`,
    )}</tbody></table>`,
  );
