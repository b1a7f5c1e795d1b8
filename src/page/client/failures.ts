/** The timeline of faults and recoveries, with the throughput above, and a table of them. */
import { drawTimeline } from "../../report/charts/timeline.js";
import { drawFailureTable, failureSummary } from "../../report/failure-table.js";
import { clock } from "../../report/failure-words.js";
import { html } from "../../report/html.js";
import { section } from "../../report/section.js";
import { STEP_COLUMNS } from "../what-there-is.js";
import type { RunCopy } from "./copy.js";
import { addSection, fill, part, say } from "./dom.js";

/** Stretches of throughput above the timeline. */
const STRETCHES = 200;

export class Failures {
  readonly #copy: RunCopy;
  readonly #node: HTMLElement;
  /** What is drawn: events, and their end. */
  #drawn = "";

  constructor(copy: RunCopy) {
    this.#copy = copy;
    this.#node = addSection(
      section(
        "failures",
        "Faults and recoveries",
        "",
        html`<p class="remark" data-part="summary"></p><div data-part="timeline"></div><details data-part="table"><summary>As a table</summary><div></div></details>
<h3 id="events">Events</h3><ol class="events" aria-labelledby="events" data-part="events"></ol>`,
      ),
    );
  }

  draw(until: number): void {
    const seconds = Math.min(until, this.#copy.seconds);
    const shown = this.#copy.log.filter(({ at }) => at <= until);
    const failures = this.#copy.failures(until);
    // While a node is down, its bar grows with time.
    const isOpen = failures.some(({ recovery, back }) => !recovery || (recovery.away && back === undefined));
    const now = `${shown.length} ${isOpen || failures.length === 0 ? Math.round(2 * seconds) : ""}`;
    if (now === this.#drawn) return;
    this.#drawn = now;
    const log = { failures, seconds, pace: this.#pace(until) };
    say(part(this.#node, "summary"), failures.length === 0 ? "Nothing has failed." : failureSummary(log));
    const [timeline, table] = [part(this.#node, "timeline"), part(this.#node, "table")];
    table.hidden = failures.length === 0;
    fill(timeline, failures.length === 0 ? html`` : drawTimeline(log));
    fill(table.lastElementChild as Element, failures.length === 0 ? html`` : drawFailureTable(log));
    fill(
      part(this.#node, "events"),
      html`${shown
        .flatMap(notable)
        .slice(-12)
        .reverse()
        .map(([at, text]) => html`<li><time>${clock(at)}</time><span>${text}</span></li>`)}`,
    );
  }

  #pace(until: number) {
    const { time, pace } = STEP_COLUMNS;
    const { xs, ys } = this.#copy.steps.view(time, [pace], [0, until], STRETCHES);
    // Of two points of one stretch the second is the greatest.
    return xs.flatMap((at, i) => (at > until || xs[i + 1] === at ? [] : [{ at, imagesPerSecond: ys[0][i] ?? 0 }]));
  }
}

type Event = RunCopy["log"][number];

/** Time and text of an event that is announced. */
export function notable(event: Event): [number, string][] {
  const text = eventText(event);
  return text === undefined ? [] : [[event.at, text]];
}

function eventText(event: Event): string | undefined {
  switch (event.event) {
    case "start":
      return event.resumed ? `resumed at step ${event.step}` : "training began";
    case "fault":
      return `fault: ${event.fault}`;
    case "recovery":
      return `${event.target}: ${event.failure}; training waited ${event.waited.toFixed(2)} s`;
    case "rejoin":
      return `${event.target} is back`;
    case "warning":
      return event.message;
    case "end":
      return "all steps are done";
    case "stop":
      return "stopped on request";
    default:
      return undefined;
  }
}
