/** The page of several runs: their curves in the same charts, and a table of how each ended. */
import { type Html, html } from "../../report/html.js";
import { count, duration, figure } from "../../report/number-text.js";
import { scroll } from "../../report/scroll.js";
import { section } from "../../report/section.js";
import type { LongTable } from "../long-table.js";
import { STEP_COLUMNS } from "../what-there-is.js";
import { Chart, type Drawn } from "./chart.js";
import { ERROR_COLUMNS, type RunCopy } from "./copy.js";
import { addChoice, curveLook, type Over, permitBytes, stretch, wholes } from "./curves.js";
import { addSection, fill, part } from "./dom.js";

const COLUMN = { samples: "epoch", seconds: "time", bytes: "bytes" } as const;

const COLUMNS = ["Epochs", "Seconds", "Images/s", "Last loss", "Test error", "Failures"];

export class Comparison {
  readonly #runs: readonly RunCopy[];
  readonly #choice: HTMLElement;
  readonly #table: HTMLElement;
  readonly #loss: Chart;
  readonly #error: Chart;
  readonly #pace: Chart;
  #over: Over = "samples";

  constructor(runs: readonly RunCopy[]) {
    this.#runs = runs;
    document.title = `Dawnpour: ${runs.length} runs`;
    addSection(
      html`<header><p class="brand">Dawnpour</p><h1>${runs.length} runs</h1><p class="lead">${runs.map(({ run }) => run.name).join(", ")}</p></header>`,
    );
    this.#choice = addChoice((over) => {
      this.#over = over;
      this.draw();
    });
    const charts = addSection(html``);
    charts.className = "charts";
    const curves = runs.map(({ run }, i) => ({ label: run.name, ...curveLook(i) }));
    this.#loss = new Chart({ id: "loss", title: "Loss", curves, isLog: true, format: figure }, charts);
    this.#error = new Chart({ id: "error", title: "Error on test rows", curves, format: figure }, charts);
    this.#pace = new Chart({ id: "pace", title: "Images a second", curves, format: wholes }, charts);
    this.#table = addSection(section("runs", "The runs", "", html`<div data-part="runs"></div>`));
  }

  draw(): void {
    permitBytes(this.#choice, this.#runs);
    const column = COLUMN[this.#over];
    const steps = (y: number): Drawn => this.#all(({ steps }) => steps, [STEP_COLUMNS[column], STEP_COLUMNS.time], y);
    this.#loss.draw(steps(STEP_COLUMNS.loss));
    this.#error.draw(
      this.#all(({ errors }) => errors, [ERROR_COLUMNS[column], ERROR_COLUMNS.time], ERROR_COLUMNS.test),
    );
    this.#pace.draw(steps(STEP_COLUMNS.pace));
    fill(part(this.#table, "runs"), scroll("The runs as a table", this.#rows()));
  }

  /** One column of each run's table, in one chart. */
  #all(table: (run: RunCopy) => LongTable, ends: readonly [number, number], y: number): Drawn {
    const how = { over: this.#over, until: Number.POSITIVE_INFINITY };
    const each = this.#runs.map((run) => stretch(run, table(run), ends, how, [y]));
    return {
      xLabel: each[0].xLabel,
      range: [Math.min(...each.map(({ range }) => range[0])), Math.max(...each.map(({ range }) => range[1]))],
      columns: (range, most) => each.flatMap(({ columns }) => columns(range, most)),
    };
  }

  #rows(): Html {
    return html`<table class="failures stacked"><thead><tr><th scope="col">Run</th>${COLUMNS.map((name) => html`<th scope="col" class="number">${name}</th>`)}</tr></thead>
<tbody>${this.#runs.map((run) => html`<tr><th scope="row">${run.run.name}<small>${run.run.lead}</small></th>${cells(run).map((cell, i) => html`<td class="number" data-label="${COLUMNS[i]}">${cell}</td>`)}</tr>`)}</tbody></table>`;
  }
}

function cells(copy: RunCopy): string[] {
  const { steps, errors, run, seconds } = copy;
  const failures = String(copy.failures(Number.POSITIVE_INFINITY).length);
  if (steps.length === 0) return ["–", duration(seconds), "–", "–", "–", failures];
  const epochs = steps.at(steps.length - 1, STEP_COLUMNS.epoch);
  const error = errors.length === 0 ? "–" : figure(errors.at(errors.length - 1, ERROR_COLUMNS.test));
  const loss = figure(steps.at(steps.length - 1, STEP_COLUMNS.loss));
  return [
    epochs.toFixed(1),
    duration(seconds),
    count((epochs * run.images) / Math.max(seconds, 1e-9)),
    loss,
    error,
    failures,
  ];
}
