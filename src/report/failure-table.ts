/** The failures of a run as a table, and in two sentences. */
import { median } from "d3-array";
import { beginning, type Failure, type FailureLog } from "./failure-log.js";
import { backAfter, causes, clock, isHarmless, noticedAfter, seconds } from "./failure-words.js";
import { type Html, html } from "./html.js";
import { count, plural } from "./number-text.js";
import { scroll } from "./scroll.js";

/** Rows shown at most. */
const MOST_ROWS = 200;
const NONE = "\u2013";
const COLUMNS = ["Struck", "Noticed after", "Training waited", "Back after", "Done again"];

export function drawFailureTable({ failures }: FailureLog): Html {
  const rows = failures.slice(0, MOST_ROWS);
  const table = html`<table class="failures stacked">
<thead><tr><th scope="col">What failed</th>${COLUMNS.map((name) => html`<th scope="col" class="number">${name}</th>`)}</tr></thead>
<tbody>${rows.map(drawRow)}</tbody></table>`;
  return html`${scroll("Failures as a table", table)}${
    rows.length < failures.length
      ? html`<p class="remark">The first ${count(rows.length)} of ${count(failures.length)}; the others are in metrics.jsonl.</p>`
      : undefined
  }`;
}

/** `3 faults were injected. Of 4 failures noticed ...` */
export function failureSummary({ failures }: FailureLog): string {
  const injected = failures.reduce((sum, failure) => sum + failure.injected.length, 0);
  const waits = failures.flatMap(({ recovery }) => recovery?.waited ?? []);
  const steps = failures.reduce((sum, { recovery }) => sum + (recovery?.stepsLost ?? 0), 0);
  const survived =
    waits.length === 0
      ? "No failure was noticed."
      : `${plural(waits.length, "failure was", "failures were")} noticed, and training went on after each: it waited ${seconds(median(waits) ?? 0)} in the median and ${seconds(Math.max(...waits))} at most${steps > 0 ? `; the work of ${plural(steps, "step", "steps")} was done again` : ""}.`;
  return `${plural(injected, "fault was", "faults were")} injected. ${survived}`;
}

function drawRow(failure: Failure): Html {
  const { target, injected, recovery, step } = failure;
  const what = injected.length > 0 ? causes(failure) : target;
  const how = recovery ? recovery.failure : isHarmless(failure) ? "nothing failed" : "no effect";
  const cells = [
    html`${clock(beginning(failure))}<small>step ${count(step)}</small>`,
    optional(noticedAfter(failure)),
    optional(recovery?.waited),
    recovery?.away && failure.back === undefined ? "not back" : optional(backAfter(failure)),
    recovery && recovery.stepsLost > 0 ? plural(recovery.stepsLost, "step", "steps") : "nothing",
  ];
  return html`<tr><th scope="row">${what}<small>${how}</small></th>${cells.map((cell, i) => html`<td class="number" data-label="${COLUMNS[i]}">${cell}</td>`)}</tr>`;
}

const optional = (value: number | undefined): string => (value === undefined ? NONE : seconds(value));
