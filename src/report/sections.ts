/** The parts of a report, from top to bottom. Each takes the data and returns its piece of the page, or nothing. */
import { drawComparison } from "./comparison.js";
import type { Examples, Json, ReportData } from "./data.js";
import { drawFailureTable, failureSummary } from "./failure-table.js";
import { count, datasetTitle, duration, figure, rounded } from "./format.js";
import { type Content, type Html, html } from "./html.js";
import { dataUri, type ImageSet, imageCount, tileImages } from "./images.js";
import { drawLineChart, type LineChart, type Reference, thinned } from "./line-chart.js";
import { drawScatter } from "./scatter.js";
import { drawTimeline } from "./timeline.js";

export function header(data: ReportData): Html {
  const { dataset, errors, network, codeSize } = data;
  return html`<header>
<p class="brand">Dawnpour</p>
<h1>Autoencoder of ${datasetTitle(dataset.name)}</h1>
<p class="lead">${network}, trained on ${count(dataset.train)} images to give each back from ${codeSize} ${codeSize === 1 ? "number" : "numbers"}.</p>
${dataset.notice === undefined ? undefined : html`<p class="notice" role="note"><strong>Note.</strong> ${dataset.notice}</p>`}
<dl class="headline">
${headline("Test SSE", figure(errors.test.sse), "squared error of an image, summed over its pixels", "run")}
${errors.pca && headline(`PCA, ${errors.pca.components} components`, figure(errors.pca.test.sse), versus(errors.test.sse, errors.pca.test.sse))}
${headline("Training time", duration(data.seconds), `${rounded(data.epochs)} epochs, ${count(data.steps)} steps`)}
${headline("Throughput", count(data.imagesPerSecond), `images/s on ${data.device.name}`)}
</dl>
</header>`;
}

function headline(name: string, value: string, remark: string, kind = ""): Html {
  return html`<div class="${kind}"><dt>${name}</dt><dd><b>${value}</b><span>${remark}</span></dd></div>`;
}

function versus(run: number, pca: number): string {
  const ratio = pca / run;
  return ratio >= 1
    ? `${ratio.toFixed(1)} times the error of this run`
    : `${(100 * ratio).toFixed(0)} % of the error of this run`;
}

function section(id: string, title: string, remark: Content, body: Content): Html {
  return html`<section aria-labelledby="${id}"><h2 id="${id}">${title}</h2><p class="remark">${remark}</p>${body}</section>`;
}

export function comparison(data: ReportData): Html {
  const remark =
    "SSE is the mean over images of the squared error summed over pixels in [0, 1]; MSE is the same per pixel. Shorter is better.";
  return section("comparison", data.errors.pca ? "Against PCA" : "Errors", remark, drawComparison(data));
}

export function curves({ curve, errors, loss }: ReportData): Html | undefined {
  const losses = thinned(curve.map((point) => ({ x: point.step, y: point.loss })));
  const tested = curve.flatMap(({ epoch, testSse }) => (testSse === undefined ? [] : [{ x: epoch, y: testSse }]));
  if (losses.length === 0) return undefined;
  const pca = errors.pca && [{ label: `PCA, ${errors.pca.components} components`, value: errors.pca.test.sse }];
  const charts = [
    lineChart(`Training loss (${loss})`, "step", losses, []),
    tested.length > 0 ? lineChart("Test SSE", "epoch", thinned(tested), pca ?? [], tested.length <= 60) : undefined,
  ];
  // Two radio buttons and a style rule: the page needs no script.
  return section(
    "curves",
    "Learning",
    "Where a point of the line stands for many, the faint band is their range.",
    html`<div class="curves">
<div class="toggle" role="radiogroup" aria-label="Scale of the curves">
<label><input type="radio" name="scale" value="log" checked>logarithmic</label>
<label><input type="radio" name="scale" value="linear">linear</label>
</div>
<div class="pair">${charts}</div></div>`,
  );
}

function lineChart(
  title: string,
  xLabel: string,
  points: LineChart["points"],
  references: readonly Reference[],
  dots = false,
): Html {
  const [first, last] = [points[0], points[points.length - 1]];
  const description = `${title}: from ${figure(first.y)} at ${xLabel} ${figure(first.x)} to ${figure(last.y)} at ${xLabel} ${figure(last.x)}`;
  const chart = { description, xLabel, points, references, dots };
  const positive = points.every(({ low }) => low > 0) && references.every(({ value }) => value > 0);
  return html`<figure><figcaption>${title}</figcaption>${drawLineChart(chart, "linear")}${drawLineChart(chart, positive ? "log" : "linear")}</figure>`;
}

/** Images side by side in one strip: ten still show their pixels on a phone. */
const STRIP = 10;

export function reconstructions({ examples, errors, codeSize }: ReportData): Html | undefined {
  if (!examples) return undefined;
  const strips = Math.ceil(imageCount(examples.originals) / STRIP);
  const rows: [string, ImageSet][] = [
    ["Original", examples.originals],
    ["Autoencoder", examples.reconstructions],
  ];
  if (examples.pca) rows.push([errors.pca ? `PCA, ${errors.pca.components}` : "PCA", examples.pca]);
  const remark = `Test images the network has never seen, and what is left of them after ${codeSize} numbers.`;
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
  const size = set.width * set.height;
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
  const remark = `The ${shown} strongest units of the first layer, each weight where its pixel is: orange adds, blue takes away. Each has its own scale.`;
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

export function codes({ codes, codeSize }: ReportData): Html | undefined {
  if (!codes || codes.size < 2) return undefined;
  const remark = `Each dot is a test image${codes.labels ? ", its colour the class that the network was never told" : ""}. ${
    codeSize > 2
      ? `Of the ${codeSize} dimensions of the code, the two along which it varies most.`
      : "The two numbers of the code."
  }`;
  return section("codes", "Codes", remark, drawScatter(codes));
}

export function failures({ failures }: ReportData): Html | undefined {
  if (!failures) return undefined;
  const key = html`<ul class="key"><li class="fault">a fault is injected</li><li class="recovery">from when a failure is noticed to the next step</li></ul>`;
  const body = html`<div class="scroll">${drawTimeline(failures)}</div>${key}${drawFailureTable(failures)}`;
  return section("failures", "Failures", failureSummary(failures), body);
}

export function events({ events }: ReportData): Html | undefined {
  if (events.length === 0) return undefined;
  const remark = "What happened to devices and workers on the way, and when.";
  return section(
    "events",
    "Events",
    remark,
    html`<ol class="events">${events.map(({ time, what }) => html`<li><time>${duration(time)}</time>${what}</li>`)}</ol>`,
  );
}

export function details(data: ReportData): Html {
  const { device, dataset } = data;
  const limits = Object.entries(device.limits).map(([name, value]): [string, string] => [name, count(value)]);
  return section(
    "run",
    "The run",
    "All it takes to repeat it.",
    html`<div class="tables">
${table("Configuration", flatten(data.configuration))}
<div>
${table("Result", [
  ["Parameters", count(data.parameterCount)],
  ["SHA-256 of the parameters", data.parametersSha256],
  ["Finished", data.date],
  ["Dawnpour", data.version],
])}
${table("Data", [
  ["Name", dataset.name],
  ["Source", dataset.source],
  ["Images", `${count(dataset.train)} to train on, ${count(dataset.test)} to test on`],
])}
${table("Device", [
  ["Name", device.name],
  ["Kind", device.kind === "webgpu" && device.software ? "webgpu, in software" : device.kind],
  ["Driver", device.driver],
  ["Id", device.id],
  ["Features", device.features.join(", ") || "\u2013"],
])}
${limits.length > 0 ? html`<details><summary>Limits of the device</summary>${table("Limits", limits)}</details>` : undefined}
</div></div>`,
  );
}

function table(caption: string, rows: readonly (readonly [string, string])[]): Html {
  return html`<table class="pairs"><caption>${caption}</caption><tbody>${rows.map(
    ([name, value]) => html`<tr><th scope="row">${name}</th><td>${value}</td></tr>`,
  )}</tbody></table>`;
}

/** `{a: {b: 1}}` -> `a.b`, 1. */
function flatten(value: { readonly [key: string]: Json | undefined }, prefix = ""): [string, string][] {
  return Object.entries(value).flatMap(([key, entry]): [string, string][] => {
    if (entry === undefined) return [];
    const nested = typeof entry === "object" && entry !== null && !Array.isArray(entry);
    if (nested) return flatten(entry as { readonly [key: string]: Json }, `${prefix}${key}.`);
    return [[`${prefix}${key}`, Array.isArray(entry) ? entry.join(", ") : String(entry)]];
  });
}
