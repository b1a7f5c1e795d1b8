/** The sections of the report of a model that is no autoencoder: its figures, its confusion matrix, how it learned. */
import { drawModelCurves } from "./curves.js";
import type { ModelReportData } from "./data.js";
import { type Html, html } from "./html.js";
import { count, datasetTitle, duration, figure, plural, rounded, words } from "./number-text.js";
import { placeText } from "./place.js";
import { scroll } from "./scroll.js";
import { section } from "./section.js";
import { headline, sentence } from "./sections.js";

/** More classes than this make no table that can be read. */
const MOST_CLASSES = 40;

const TITLES: Readonly<Record<string, string>> = { classify: "Classifier", regress: "Regression" };

export const titleOf = ({ task }: ModelReportData): string => TITLES[task] ?? "Model";

export function header(data: ModelReportData): Html {
  const { dataset, network, place, test, notices = [] } = data;
  const { rows } = words(dataset.pictures);
  const where = place ? placeText(place) : data.device.name;
  const [name, value, remark] = mainFigure(test);
  return html`<header>
<p class="brand">Dawnpour</p>
<h1>${titleOf(data)} of ${datasetTitle(dataset.name)}</h1>
<p class="lead">${network}, trained on ${count(dataset.train)} ${rows}, on ${where}.</p>
${[dataset.notice ?? [], notices].flat().map((one) => html`<p class="notice" role="note"><strong>Note.</strong> ${sentence(one)}</p>`)}
<dl class="headline">
${headline(name, value, remark, "run")}
${headline("Training time", duration(data.seconds), `${plural(data.epochs, "epoch", "epochs", rounded)}, ${plural(data.steps, "step", "steps")}`)}
${headline("Throughput", count(data.imagesPerSecond), `${rows}/s on ${where}`)}
</dl>
</header>`;
}

function mainFigure({ accuracy, rmse, loss }: ModelReportData["test"]): [name: string, value: string, remark: string] {
  if (accuracy !== undefined) return ["Test accuracy", percent(accuracy), "of the test rows are taken for their class"];
  if (rmse !== undefined)
    return ["Test error", figure(rmse), "root of the mean squared error, in the units of the data"];
  return ["Test loss", figure(loss), "mean over the test rows"];
}

const percent = (share: number): string => `${(100 * share).toFixed(2)} %`;

export function figures({ train, test }: ModelReportData): Html {
  const names = [...new Set([...Object.keys(test), ...Object.keys(train)])];
  const shown = (name: string, value: number | undefined): string => {
    if (value === undefined) return "\u2013";
    return name === "accuracy" ? percent(value) : figure(value);
  };
  const body = scroll(
    "Figures as a table",
    html`<table><thead><tr><th scope="col">Figure</th><th scope="col" class="number">Test rows</th><th scope="col" class="number">Training rows</th></tr></thead><tbody>${names.map(
      (name) =>
        html`<tr><th scope="row">${name}</th><td class="number strong">${shown(name, test[name])}</td><td class="number">${shown(name, train[name])}</td></tr>`,
    )}</tbody></table>`,
  );
  return section("figures", "Figures", "The loss is the sum of its terms, each times its weight.", body);
}

export function confusion({ confusion }: ModelReportData): Html | undefined {
  if (!confusion || confusion.counts.length > MOST_CLASSES) return undefined;
  const { counts, names = [] } = confusion;
  const nameOf = (i: number): string => names[i] ?? String(i);
  const most = Math.max(1, ...counts.flatMap((row, i) => row.filter((_, j) => j !== i)));
  const cell = (n: number, i: number, j: number): Html => {
    // The more often two classes are confused, the darker.
    const shade =
      i === j || n === 0
        ? ""
        : `background:color-mix(in srgb,currentColor ${Math.round((30 * n) / most)}%,transparent)`;
    return html`<td class="number${i === j ? " strong" : ""}" style="${shade}">${n}</td>`;
  };
  const body = scroll(
    "Confusion matrix",
    html`<table><thead><tr><th scope="col">Class</th>${counts.map((_, j) => html`<th scope="col" class="number">${nameOf(j)}</th>`)}<th scope="col" class="number">right</th></tr></thead><tbody>${counts.map(
      (row, i) => {
        const all = row.reduce((sum, n) => sum + n, 0);
        return html`<tr><th scope="row">${nameOf(i)}</th>${row.map((n, j) => cell(n, i, j))}<td class="number">${all > 0 ? percent(row[i] / all) : "\u2013"}</td></tr>`;
      },
    )}</tbody></table>`,
  );
  const remark =
    "Each row has the test rows of one class, by the class that they were taken for. Darker: confused more often.";
  return section("confusion", "Confusion matrix", remark, body);
}

export function curves(data: ModelReportData): Html | undefined {
  const drawn = drawModelCurves(data);
  return drawn && section("curves", "Learning", drawn.remark, drawn.body);
}
