/** The page of a search: the candidates as a table, and their errors against images and against what varied. One file without scripts. */

import { drawLineChart, type Point, type Series, thinned } from "../report/charts/line-chart.js";
import { CLASS_COLOURS } from "../report/charts/scatter.js";
import { type Html, html } from "../report/html.js";
import { count, datasetTitle, figure, plain, plural } from "../report/number-text.js";
import { pageHeader, renderPage } from "../report/page.js";
import { scroll } from "../report/scroll.js";
import { section } from "../report/section.js";
import { version } from "../version.js";
import { candidateText, valueText } from "./candidate-text.js";
import { ranked } from "./ranking.js";
import type { SearchRecord, Trial } from "./record.js";
import { isRange, type SearchAxis } from "./space.js";

/** Curves on one chart: more have no colour of their own. */
const DRAWN = CLASS_COLOURS;

/** @param date for the last line: `2026-01-31 23:59` */
export function renderSearch(record: SearchRecord, date: string): string {
  const { dataset, candidates, rungs, request } = record;
  const title = `Search on ${datasetTitle(dataset)}`;
  const sizes = rungs.map(({ images }) => count(images)).join(", ");
  return renderPage({
    ...{ title, style: "compared", version, date },
    body: [
      pageHeader(
        title,
        `${plural(candidates.length, "candidate", "candidates")}; one of ${request.eta} goes on to the next rung; training images of the rungs: ${sizes}`,
      ),
      section(
        "table",
        "Candidates",
        "The squared error of an image, summed over its values, mean over training images that were withheld. The test images chose nothing.",
        table(record),
      ),
      section("curves", "Errors", "Errors over the withheld images.", charts(record)),
    ],
  });
}

/** The trials of each candidate, by rung; the candidate that came farthest, and of these the one with the least error, first. */
function standings(record: SearchRecord): Trial[][] {
  const rungs = [...record.rungs.keys()].reverse();
  const order = [...new Set(rungs.flatMap((rung) => ranked(record, rung)).map(({ candidate }) => candidate))];
  return order.map((candidate) => record.trials.filter((trial) => trial.candidate === candidate));
}

function table(record: SearchRecord): Html {
  const keys = Object.keys(record.request.vary);
  const sizes = record.rungs.map(({ images }) => `${count(images)} images`);
  const rows = standings(record).map((trials) => {
    const [{ candidate }] = trials;
    const values = keys.map((key) =>
      valueText(Object.entries(record.candidates[candidate]).find(([k]) => k === key)?.[1]),
    );
    const errors = record.rungs.map((_, rung) => cell(trials.find((trial) => trial.rung === rung)));
    const test = trials.at(-1)?.test;
    return html`<tr><th scope="row">${candidate + 1}</th>${values.map((value) => html`<td>${value}</td>`)}${[...errors, test === undefined ? "" : figure(test)].map((text) => html`<td class="number">${text}</td>`)}</tr>`;
  });
  return scroll(
    "Candidates as a table",
    html`<table><thead><tr><th scope="col">Number</th>${keys.map((key) => html`<th scope="col">${key}</th>`)}${[...sizes, "Test"].map((name) => html`<th scope="col" class="number">${name}</th>`)}</tr></thead><tbody>${rows}</tbody></table>`,
  );
}

function cell(trial: Trial | undefined): string {
  if (!trial) return "";
  return trial.sse === undefined ? "failed" : figure(trial.sse);
}

function charts(record: SearchRecord): Html {
  const ranges = (Object.entries(record.request.vary) as [string, SearchAxis][]).filter(([, axis]) => isRange(axis));
  return html`<div class="stack">${[byImages(record), ...ranges.map(([key]) => byValue(record, key))]}</div>`;
}

/** The candidates that came farthest. */
function byImages(record: SearchRecord): Html | undefined {
  const series = standings(record)
    .slice(0, DRAWN)
    .map((trials, i) => ({
      label: candidateText(record.candidates[trials[0].candidate]),
      kind: `c${i}` as const,
      points: pointsOf(trials, ({ rung }) => record.rungs[rung].images),
      dots: true,
    }));
  return chart("The best candidates, against training images", "images", series);
}

/** All candidates, a curve for each rung. */
function byValue(record: SearchRecord, key: string): Html | undefined {
  const numberOf = ({ candidate }: Trial): number =>
    Number(Object.entries(record.candidates[candidate]).find(([k]) => k === key)?.[1]);
  const isPositive = record.trials.every((trial) => numberOf(trial) > 0);
  const at = (trial: Trial): number => (isPositive ? Math.log10(numberOf(trial)) : numberOf(trial));
  const series = [...record.rungs.entries()].slice(-DRAWN).map(([rung, { images }], i) => ({
    label: `${count(images)} images`,
    kind: `c${i}` as const,
    points: pointsOf(
      [...ranked(record, rung)].sort((a, b) => at(a) - at(b)),
      at,
    ),
    dots: true,
  }));
  const xLabel = isPositive ? `decimal logarithm of ${key}` : key;
  return chart(`Against ${key}`, xLabel, series);
}

const pointsOf = (trials: readonly Trial[], at: (trial: Trial) => number): Point[] =>
  thinned(trials.map((trial) => ({ x: at(trial), y: trial.sse ?? Number.NaN })));

function chart(title: string, xLabel: string, all: readonly Series[]): Html | undefined {
  const series = all.filter(({ points }) => points.length > 0);
  if (series.length === 0) return undefined;
  const ends = series.map(({ label, points }) => {
    const { x, y } = points[points.length - 1];
    return `${label}: ${figure(y)} at ${plain(x)}`;
  });
  const description = `${title}: ${ends.join("; ")}`;
  return html`<figure><figcaption>${title}</figcaption>${drawLineChart({ description, xLabel, series, references: [] }, "log")}</figure>`;
}
