/** The failures of a run as a table, and in two sentences. */
import { median } from "d3-array";
import { beginning, type Failure, type FailureLog } from "./failure-log.js";
import { count } from "./format.js";
import { type Html, html } from "./html.js";

/** Rows that anyone may want to read. */
const MOST_ROWS = 200;
const NONE = "\u2013";

export function drawFailureTable({ failures }: FailureLog): Html {
  const rows = failures.slice(0, MOST_ROWS);
  return html`<div class="scroll"><table class="failures">
<thead><tr><th scope="col">What failed</th>${["Struck", "Noticed", "Went on", "Took", "Lost"].map((name) => html`<th scope="col" class="number">${name}</th>`)}</tr></thead>
<tbody>${rows.map(drawRow)}</tbody></table></div>${
    rows.length < failures.length
      ? html`<p class="remark">The first ${count(rows.length)} of ${count(failures.length)}; the others are in metrics.jsonl.</p>`
      : undefined
  }`;
}

/** `3 faults were injected. Of 4 failures noticed ...` */
export function failureSummary({ failures }: FailureLog): string {
  const injected = failures.filter((failure) => failure.injected).length;
  const recovered = failures.filter((failure) => failure.recovery);
  const lengths = recovered.map(length);
  const steps = recovered.reduce((sum, { recovery }) => sum + (recovery?.stepsLost ?? 0), 0);
  const survived =
    recovered.length === 0
      ? "No failure was noticed."
      : `${plural(recovered.length, "failure was", "failures were")} noticed, and training went on after each, half of them within ${seconds(median(lengths) ?? 0)} and all within ${seconds(Math.max(...lengths))}; the work of ${plural(steps, "step", "steps")} was done again.`;
  return `${plural(injected, "fault was", "faults were")} injected. ${survived}`;
}

function drawRow(failure: Failure): Html {
  const { target, injected, recovery } = failure;
  const what = injected?.fault ?? target;
  const how = recovery ? recovery.failure : "no failure was noticed";
  const times = [injected?.at, recovery?.noticed, recovery?.resumed].map((at) => (at === undefined ? NONE : clock(at)));
  const took = recovery ? seconds(length(failure)) : NONE;
  return html`<tr><th scope="row">${what}<small>${how}</small></th>${[...times, took, lost(failure)].map((text) => html`<td class="number">${text}</td>`)}</tr>`;
}

/** From when it struck, or was noticed if it came by itself, to the next step. */
function length(failure: Failure): number {
  return (failure.recovery?.resumed ?? 0) - beginning(failure);
}

function lost({ recovery }: Failure): string {
  if (!recovery || recovery.stepsLost === 0) return "nothing";
  return plural(recovery.stepsLost, "step", "steps");
}

const plural = (number: number, one: string, many: string): string => `${count(number)} ${number === 1 ? one : many}`;
const seconds = (value: number): string => `${value.toFixed(2)} s`;

/** `2:31.04`, `1:02:31.04`: the hundredths tell what a duration in words would hide. */
function clock(time: number): string {
  const hundredths = Math.round(100 * time);
  const [hours, minutes] = [Math.floor(hundredths / 360_000), Math.floor(hundredths / 6000) % 60];
  const rest = ((hundredths % 6000) / 100).toFixed(2).padStart(5, "0");
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, "0")}:${rest}` : `${minutes}:${rest}`;
}
