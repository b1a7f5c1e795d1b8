/** The sections of a report, from top to bottom. Each takes the data and returns HTML, or nothing. */

import { drawScatter } from "./charts/scatter.js";
import { drawTimeline } from "./charts/timeline.js";
import { drawComparison } from "./comparison.js";
import { drawCurves, drawRates } from "./curves.js";
import type { Examples, ReportData, RunData } from "./data.js";
import { drawFailureTable, failureSummary } from "./failure-table.js";
import { type Html, html } from "./html.js";
import { dataUri, type ImageSet, imageCount, imageSize, tileImages } from "./images.js";
import { count, datasetTitle, decimal, duration, figure, plural, rounded, words } from "./number-text.js";
import { placeText } from "./place.js";
import { section } from "./section.js";

export function header(data: ReportData): Html {
  const { dataset, errors, network, codeSize, place, notices = [] } = data;
  const { rows, row, values } = words(dataset.pictures);
  const where = place ? placeText(place) : data.device.name;
  return html`<header>
<p class="brand">Dawnpour</p>
<h1>Autoencoder of ${datasetTitle(dataset.name)}</h1>
<p class="lead">${network}, trained on ${count(dataset.train)} ${rows} to give each back from ${codeSize} ${codeSize === 1 ? "number" : "numbers"}, on ${where}.</p>
${[dataset.notice ?? [], notices].flat().map((one) => html`<p class="notice" role="note"><strong>Note.</strong> ${sentence(one)}</p>`)}
<dl class="headline">
${headline("Test SSE", figure(errors.test.sse), `squared error of ${row === "image" ? "an image" : "a row"}, summed over its ${values}`, "run")}
${errors.pca && headline(`PCA, ${errors.pca.components} components`, figure(errors.pca.test.sse), versus(errors.test.sse, errors.pca.test.sse))}
${headline("Training time", duration(data.seconds), `${plural(data.epochs, "epoch", "epochs", rounded)}, ${plural(data.steps, "step", "steps")}`)}
${headline("Throughput", count(data.imagesPerSecond), `${rows}/s on ${where}`)}
</dl>
</header>`;
}

/** A notice as it stands by itself. */
export const sentence = (notice: string): string =>
  `${notice[0].toUpperCase()}${notice.slice(1)}${notice.endsWith(".") ? "" : "."}`;

export function headline(name: string, value: string, remark: string, kind = ""): Html {
  return html`<div class="${kind}"><dt>${name}</dt><dd><b>${value}</b><span>${remark}</span></dd></div>`;
}

function versus(run: number, pca: number): string {
  const ratio = pca / run;
  return ratio >= 1 ? `${ratio.toFixed(1)} times the error of this run` : `PCA is ${betterBy(run / pca)} than this run`;
}

/** `4.0 times better`, `3 % better` */
const betterBy = (ratio: number): string =>
  ratio >= 1.95 ? `${ratio.toFixed(1)} times better` : `${(100 * (ratio - 1)).toFixed(0)} % better`;

export function comparison(data: ReportData): Html {
  const { rows, values } = words(data.dataset.pictures);
  const { advice, deviations } = data;
  const unit = deviations ? ", in standard deviations of its column" : "";
  const worse = advice.length > 0 ? ` This run is worse than PCA. Try: ${advice.join("; ")}.` : "";
  const remark = `SSE is the mean over ${rows} of the squared error summed over their ${values}${unit}; MSE is the same per ${values.slice(0, -1)}. Shorter is better.${worse}`;
  return section("comparison", data.errors.pca ? "Against PCA" : "Errors", remark, drawComparison(data));
}

export function curves(data: ReportData): Html | undefined {
  const drawn = drawCurves(data);
  return drawn && section("curves", "Learning", drawn.remark, drawn.body);
}

/** Images in one strip: ten still show their pixels on a phone. */
const STRIP = 10;

export function reconstructions({ examples, errors, codeSize }: ReportData): Html | undefined {
  if (!examples) return undefined;
  const strips = Math.ceil(imageCount(examples.originals) / STRIP);
  const rows: [string, ImageSet][] = [
    ["Original", examples.originals],
    ["Autoencoder", examples.reconstructions],
  ];
  if (examples.pca) rows.push([errors.pca ? `PCA, ${errors.pca.components}` : "PCA", examples.pca]);
  const remark = `Test images that the network has never seen, and their reconstructions from ${codeSize} numbers.`;
  return section(
    "reconstructions",
    "Originals and reconstructions",
    remark,
    html`<div class="strips">${Array.from(
      { length: strips },
      (_, i) => html`<div class="strip">${rows.map(([name, set]) => strip(name, set, i, examples))}</div>`,
    )}</div>`,
  );
}

function strip(name: string, set: ImageSet, index: number, { labels }: Examples): Html {
  const size = imageSize(set);
  const part = { ...set, pixels: set.pixels.subarray(index * STRIP * size, (index + 1) * STRIP * size) };
  const shown = Array.from({ length: imageCount(part) }, (_, i) => labels?.[index * STRIP + i]);
  const alt = `${name}: test images ${index * STRIP + 1} to ${index * STRIP + shown.length}${labels ? `, of classes ${shown.join(", ")}` : ""}`;
  return html`<span>${name}</span>${picture(tileImages([part], { columns: STRIP }), alt)}`;
}

function picture(png: Uint8Array, alt: string): Html {
  return html`<img class="pixels" src="${dataUri(png)}" alt="${alt}">`;
}

export function filters({ filters }: ReportData): Html | undefined {
  if (!filters) return undefined;
  const shown = imageCount(filters);
  const remark = `The ${shown} strongest units of the first layer, each weight at its pixel: orange is positive, blue is negative. Each picture has its own scale.`;
  const size = filters.width * filters.height;
  const half = Math.ceil(shown / 2);
  const halves = [filters.pixels.subarray(0, half * size), filters.pixels.subarray(half * size)];
  const sheets = halves
    .filter((pixels) => pixels.length > 0)
    .map((pixels, i) => {
      const png = tileImages([{ ...filters, pixels }], { columns: Math.min(half, STRIP), palette: "diverging" });
      return picture(png, `First-layer filters ${i * half + 1} to ${Math.min(shown, (i + 1) * half)}`);
    });
  return section("filters", "First-layer filters", remark, html`<div class="pair filters">${sheets}</div>`);
}

export function codes({ codes, codeSize, dataset }: ReportData): Html | undefined {
  if (!codes || codes.size < 2) return undefined;
  const remark = `Each dot is a test ${words(dataset.pictures).row}${codes.labels ? "; its colour and shape are its class, which the network did not get" : ""}. ${
    codeSize > 2
      ? `Its position is the two directions of the ${codeSize}-dimensional code along which codes vary most.`
      : "Its position is the two numbers of the code."
  }`;
  return section("codes", "Codes", remark, drawScatter(codes));
}

export function rates({ rates }: RunData): Html | undefined {
  if (!rates || rates.points.length === 0) return undefined;
  const { points, suggested } = rates;
  const least = points.reduce((best, point) => (point.loss < best.loss ? point : best));
  const remark = `Steps from new parameters, each at a larger rate than the one before; the loss is smoothed. It is least at ${decimal(least.rate)}, and the run took a tenth of that, ${decimal(suggested)}.`;
  return section("rates", "Range test of the learning rate", remark, drawRates(rates));
}

export function failures({ failures }: RunData): Html | undefined {
  if (!failures) return undefined;
  const body = html`${drawTimeline(failures)}${drawFailureTable(failures)}`;
  return section("failures", "Failures", failureSummary(failures), body);
}

export function events({ events }: RunData): Html | undefined {
  if (events.length === 0) return undefined;
  const remark = "Failures of devices and workers during the run.";
  return section(
    "events",
    "Events",
    remark,
    html`<ol class="events">${events.map(({ time, what }) => html`<li><time>${duration(time)}</time>${what}</li>`)}</ol>`,
  );
}
