/** The curves of a run: loss and error over samples, seconds or bytes, and images a second. */
import { html } from "../../report/html.js";
import { figure } from "../../report/number-text.js";
import type { ChartColumns, LongTable } from "../long-table.js";
import { STEP_COLUMNS, WORKER_TIME } from "../what-there-is.js";
import { Chart, type Curve, type Drawn } from "./chart.js";
import type { RunCopy } from "./copy.js";
import { ERROR_COLUMNS } from "./copy.js";
import { addSection } from "./dom.js";

/** The horizontal axes to choose from. */
export type Over = "samples" | "seconds" | "bytes";

const COLUMN = { samples: "epoch", seconds: "time", bytes: "bytes" } as const;
const LABELS: Readonly<Record<Over, string>> = {
  samples: "training images",
  seconds: "seconds",
  bytes: "bytes of contributions",
};
/** A pixel column shows two points: the least and the greatest value. */
const POINTS = 0.5;
const DASHES: readonly (readonly number[])[] = [[], [8, 4], [2, 3], [10, 3, 2, 3]];
const COLOURS = 5;

/** Looks of several curves: colours first, then dashes. */
export const curveLook = (index: number): Pick<Curve, "colour" | "dash"> => ({
  colour: `--c${index % COLOURS}`,
  dash: DASHES[Math.floor(index / COLOURS + index) % DASHES.length],
});

/** Radio buttons that choose what curves are drawn over. */
export function addChoice(chosen: (over: Over) => void): HTMLElement {
  const node = addSection(html`<fieldset class="toggle over"><legend>Draw over</legend>
${(["samples", "seconds", "bytes"] as const).map((over) => html`<label><input type="radio" name="over" value="${over}"${over === "samples" ? html` checked` : undefined}>${over}</label>`)}
<span class="remark" role="note" hidden>No bytes were counted: the run sends none, or its workers share memory.</span></fieldset>`);
  node.addEventListener("change", ({ target }) => chosen((target as HTMLInputElement).value as Over));
  return node;
}

/** Bytes can be chosen where they are counted. */
export function permitBytes(choice: HTMLElement, runs: readonly RunCopy[]): void {
  const isCounted = runs.some(({ steps }) => steps.length > 0 && steps.at(steps.length - 1, STEP_COLUMNS.bytes) > 0);
  const input = choice.querySelector<HTMLInputElement>("[value=bytes]") as HTMLInputElement;
  const note = choice.querySelector<HTMLElement>("[role=note]") as HTMLElement;
  input.disabled = !isCounted;
  note.hidden = isCounted;
}

/** Columns of one table as what a chart draws, until a moment in seconds. */
export function stretch(
  { run }: Pick<RunCopy, "run">,
  table: LongTable,
  [column, time]: readonly [number, number],
  { over, until }: { readonly over: Over; readonly until: number },
  ys: readonly number[],
): Drawn {
  const factor = over === "samples" ? run.images : 1;
  const end = Math.min(table.length, table.find(time, until));
  const last = end === 0 ? 0 : table.at(end - 1, column);
  const first = table.length === 0 || end === 0 ? 0 : Math.min(0, table.at(0, column));
  return {
    xLabel: LABELS[over],
    range: [factor * first, factor * last],
    columns: ([from, to], most) => {
      const made = table.view(column, ys, [from / factor, Math.min(to / factor, last)], Math.ceil(POINTS * most));
      const kept = made.xs.findLastIndex((x) => x <= last) + 1;
      const cut: ChartColumns = { xs: made.xs.slice(0, kept), ys: made.ys.map((one) => one.slice(0, kept)) };
      return [factor === 1 ? cut : { ...cut, xs: cut.xs.map((x) => factor * x) }];
    },
  };
}

export class Curves {
  readonly #copy: RunCopy;
  readonly #choice: HTMLElement;
  readonly #loss: Chart;
  readonly #error: Chart;
  readonly #pace: Chart;
  readonly #charts: HTMLElement;
  #workers: Chart | undefined;
  #over: Over = "samples";

  constructor(copy: RunCopy, changed: () => void) {
    this.#copy = copy;
    this.#choice = addChoice((over) => {
      this.#over = over;
      changed();
    });
    this.#charts = addSection(html``);
    this.#charts.className = "charts";
    const [dots, plain] = [[2, 4], []];
    const loss = { label: "loss", colour: "--accent", dash: plain };
    this.#loss = new Chart({ id: "loss", title: "Loss", curves: [loss], isLog: true, format: figure }, this.#charts);
    this.#error = new Chart(
      {
        id: "error",
        title: "Error of the evaluations",
        curves: [
          { label: "test", colour: "--accent", dash: plain },
          { label: "train", colour: "--train", dash: dots },
        ],
        format: figure,
      },
      this.#charts,
    );
    const pace = { label: "all", colour: "--train", dash: plain };
    this.#pace = new Chart({ id: "pace", title: "Images a second", curves: [pace], format: wholes }, this.#charts);
  }

  /** @param until seconds: what came later is not drawn */
  draw(until: number): void {
    const { steps, errors, workers, measure } = this.#copy;
    const how = { over: this.#over, until };
    permitBytes(this.#choice, [this.#copy]);
    const step = (y: number): Drawn => {
      const ends = [STEP_COLUMNS[COLUMN[this.#over]], STEP_COLUMNS.time] as const;
      return stretch(this.#copy, steps, ends, how, [y]);
    };
    this.#loss.draw(step(STEP_COLUMNS.loss));
    const ends = [ERROR_COLUMNS[COLUMN[this.#over]], ERROR_COLUMNS.time] as const;
    this.#error.title =
      measure === "SSE"
        ? "Squared error (SSE)"
        : measure === "accuracy"
          ? "Share of right classes"
          : "Loss of test rows";
    this.#error.draw(stretch(this.#copy, errors, ends, how, [ERROR_COLUMNS.test, ERROR_COLUMNS.train]));
    this.#pace.draw(step(STEP_COLUMNS.pace));
    if (workers) this.#drawWorkers(workers, until);
  }

  #drawWorkers(workers: LongTable, until: number): void {
    const names = this.#copy.extent.status?.workers.map(({ name }) => name) ?? [];
    this.#workers ??= this.#workersChart(names);
    const ys = names.map((_, i) => i + 1);
    this.#workers.draw(stretch(this.#copy, workers, [WORKER_TIME, WORKER_TIME], { over: "seconds", until }, ys));
  }

  #workersChart(names: readonly string[]): Chart {
    const curves = names.map((label, i) => ({ label, ...curveLook(i) }));
    return new Chart({ id: "paces", title: "Images a second of each worker", curves, format: wholes }, this.#charts);
  }
}

export const wholes = (value: number): string => Math.round(value).toLocaleString("en");
