/** How a run learned: charts of its errors, loss, learning rate and throughput. */

import { drawLineChart, hasBand, type LineChart, type Reference, type Series, thinned } from "./charts/line-chart.js";
import type { ModelReportData, ReportData, RunData } from "./data.js";
import { type Html, html } from "./html.js";
import { count, decimal, figure, plain } from "./number-text.js";
import { publishedResults } from "./published.js";

/** A curve with at most this many points has a dot at each. */
const FEW = 60;

type Chart = Omit<LineChart, "description"> & {
  readonly title: string;
  /** Whether it has a logarithmic form as well. */
  readonly log: boolean;
};

/** Undefined where there is nothing to draw. */
export function drawCurves(data: ReportData): Drawn | undefined {
  const sample = data.curve.some(({ trainSse }) => trainSse !== undefined) ? OVERFITS : "";
  return drawCharts(data, [errors(data)], sample);
}

/** The same of another model: the share of right classes where there is one, else the loss. */
export function drawModelCurves(data: ModelReportData): Drawn | undefined {
  const name = "accuracy" in data.test ? "accuracy" : "loss";
  const isShare = name === "accuracy";
  const of = (pick: (point: ModelReportData["evaluations"][number]) => number | undefined) =>
    thinned(
      data.evaluations.flatMap((point) => {
        const y = pick(point);
        return y === undefined ? [] : [{ x: point.epoch, y }];
      }),
    );
  const [test, train] = [of((point) => point.test[name]), of((point) => point.train?.[name])];
  const series: Series[] = [
    { label: "test", kind: "test" as const, points: test, dots: test.length <= FEW },
    { label: "train", kind: "train" as const, points: train, dots: train.length <= FEW },
  ].filter(({ points }) => points.length > 0);
  const title = isShare ? "Share of right classes" : "Loss of test and training rows";
  const format = isShare ? (value: number): string => value.toFixed(4) : figure;
  const chart: Chart = { title, xLabel: "epoch", series, references: [], log: !isShare, format };
  return drawCharts(data, series.length > 0 ? [chart] : [], train.length > 0 ? OVERFITS : "");
}

const OVERFITS = "Where the test error rises while the training error falls, the network overfits.";

interface Drawn {
  readonly remark: string;
  readonly body: Html;
}

function drawCharts(data: RunData, found: readonly (Chart | undefined)[], sample: string): Drawn | undefined {
  const charts = [...found, losses(data), rates(data), pace(data)].filter((chart) => chart !== undefined);
  if (data.curve.length === 0 || charts.length === 0) return undefined;
  const bands = charts.some(({ series }) => series.some(hasBand))
    ? "Where one point of a line stands for several values, the faint band is their range."
    : "";
  // Two radio buttons and a style rule: the page needs no script.
  const body = html`<div class="curves">
<div class="toggle" role="radiogroup" aria-label="Scale of errors and loss">
<label><input type="radio" name="scale" value="log" checked>logarithmic</label>
<label><input type="radio" name="scale" value="linear">linear</label>
</div>
<div class="pair">${charts.map(draw)}</div></div>`;
  return { remark: [sample, bands].filter(Boolean).join(" "), body };
}

function draw(chart: Chart): Html {
  const { title, xLabel, series, references, log, format = figure } = chart;
  const courses = series.map(({ label, points }) => {
    const [first, last] = [points[0], points[points.length - 1]];
    return `${label} from ${format(first.y)} at ${xLabel} ${plain(first.x)} to ${format(last.y)} at ${xLabel} ${plain(last.x)}`;
  });
  const beside = references.map(({ label, value }) => `${label} ${format(value)}`);
  const whole = { ...chart, description: `${title}: ${[...courses, ...beside].join("; ")}` };
  const positive =
    series.every(({ points }) => points.every(({ low }) => low > 0)) && references.every(({ value }) => value > 0);
  const forms = log ? [drawLineChart(whole, "linear"), drawLineChart(whole, positive ? "log" : "linear")] : undefined;
  return html`<figure class="${log ? "two" : "one"}"><figcaption>${title}</figcaption>${forms ?? drawLineChart(whole, "linear")}</figure>`;
}

function errors({ curve, errors, dataset, codeSize }: ReportData): Chart | undefined {
  const of = (pick: (point: (typeof curve)[number]) => number | undefined) =>
    thinned(
      curve.flatMap((point) => {
        const y = pick(point);
        return y === undefined ? [] : [{ x: point.epoch, y }];
      }),
    );
  const [test, train] = [of(({ testSse }) => testSse), of(({ trainSse }) => trainSse)];
  if (test.length === 0) return undefined;
  const pca: Reference[] = errors.pca ? [{ label: "PCA", value: errors.pca.test.sse }] : [];
  const published = publishedResults(dataset.name, codeSize).map(({ sse }) => ({ label: "published", value: sse }));
  const series: Series[] = [
    { label: "test", kind: "test", points: test, dots: test.length <= FEW },
    ...(train.length > 0 ? [{ label: "train", kind: "train" as const, points: train, dots: train.length <= FEW }] : []),
  ];
  const title = train.length > 0 ? "Test and training error (SSE)" : "Test error (SSE)";
  return { title, xLabel: "epoch", series, references: [...pca, ...published], log: true };
}

/** The losses of a range test, over the powers of ten of the rates. */
export function drawRates({ points }: NonNullable<RunData["rates"]>): Html {
  const course = thinned(points.map(({ rate, loss }) => ({ x: Math.log10(rate), y: loss })));
  const title = "Loss at growing learning rates";
  return html`<div class="pair">${draw({ title, xLabel: "power of ten of the rate", series: single("loss", course, "train"), references: [], log: false })}</div>`;
}

const single = (label: string, points: Series["points"], kind: Series["kind"]): Series[] => [
  { label, kind, points, dots: false },
];

function losses({ curve, loss }: RunData): Chart | undefined {
  const points = thinned(curve.map(({ step, loss }) => ({ x: step, y: loss })));
  if (points.length === 0) return undefined;
  return {
    title: `Training loss (${loss})`,
    ...{ xLabel: "step", series: single("loss", points, "train"), references: [], log: true },
  };
}

function rates({ curve }: RunData): Chart | undefined {
  const points = thinned(curve.map(({ step, learningRate }) => ({ x: step, y: learningRate })));
  if (points.length === 0) return undefined;
  const series = single("rate", points, "train");
  // What a schedule has brought to almost nothing is 0 on this chart, and as a number mostly zeros.
  const least = 1e-3 * Math.max(...points.map(({ y }) => y));
  const format = (value: number): string => (value < least ? "0" : decimal(value));
  return { title: "Learning rate", xLabel: "step", series, references: [], log: false, low: true, format };
}

function pace({ curve }: RunData): Chart | undefined {
  const points = thinned(curve.map(({ step, imagesPerSecond }) => ({ x: step, y: imagesPerSecond })));
  if (points.length === 0) return undefined;
  const series = single("", points, "train");
  return { title: "Images a second", xLabel: "step", series, references: [], log: false, low: true, format: count };
}
