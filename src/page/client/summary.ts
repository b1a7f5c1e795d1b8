/** The head of the page of one run: its title and its progress. */
import { html } from "../../report/html.js";
import { count, duration, figure } from "../../report/number-text.js";
import { STEP_COLUMNS } from "../what-there-is.js";
import { ERROR_COLUMNS, type RunCopy } from "./copy.js";
import { addSection, part, say } from "./dom.js";

const FIGURES = ["progress", "error", "loss", "speed"] as const;
const NAMES: Readonly<Record<(typeof FIGURES)[number], string>> = {
  ...{ progress: "Progress", error: "Test error", loss: "Loss", speed: "Throughput" },
};

/** Seconds over which the speed is measured. */
const SPAN = 3;

export class Summary {
  readonly #copy: RunCopy;
  readonly #node: HTMLElement;

  constructor(copy: RunCopy) {
    this.#copy = copy;
    const { title, lead } = copy.run;
    document.title = `Dawnpour: ${title}`;
    this.#node = addSection(html`<header><p class="brand">Dawnpour</p><h1>${title}</h1><p class="lead">${lead}</p>
<p class="state"><span data-part="state"></span></p><p class="hidden" role="status" data-part="news"></p>
<dl class="headline">${FIGURES.map((name) => html`<div><dt data-part="${name}-name">${NAMES[name]}</dt><dd><b data-part="${name}">–</b><span data-part="${name}-remark"></span></dd></div>`)}</dl></header>`);
  }

  /** Announces events to screen readers. On the screen they have their own places. */
  announce(text: string): void {
    say(part(this.#node, "news"), text);
  }

  /** @param isThere whether the server answers */
  draw(until: number, isThere: boolean): void {
    const { steps, errors, extent, log, measure, run } = this.#copy;
    const row = Math.min(steps.length, steps.find(STEP_COLUMNS.time, until)) - 1;
    const start = log.find((event) => event.event === "start");
    const all = start?.event === "start" ? start.steps : undefined;
    if (row >= 0) {
      const { epoch, time, loss, step } = STEP_COLUMNS;
      const at = (column: number): number => steps.at(row, column);
      this.#tell(
        "progress",
        all ? `${Math.round((100 * at(step)) / all)} %` : count(at(step)),
        `step ${count(at(step))}${all ? ` of ${count(all)}` : ""}, epoch ${at(epoch).toFixed(1)}, ${duration(at(time))}`,
      );
      this.#tell("loss", figure(at(loss)), "of the latest steps");
      this.#tell("speed", count(this.#speed(row)), "images a second");
    }
    const last = Math.min(errors.length, errors.find(ERROR_COLUMNS.time, until)) - 1;
    say(part(this.#node, "error-name"), measure === "accuracy" ? "Test accuracy" : "Test error");
    if (last >= 0)
      this.#tell(
        "error",
        figure(errors.at(last, ERROR_COLUMNS.test)),
        `${measure}, after ${errors.at(last, ERROR_COLUMNS.epoch).toFixed(1)} epochs`,
      );
    say(part(this.#node, "state"), stateText(run.isLive, extent.isOver, isThere));
  }

  /** Over some seconds before a row: a single window of steps may be very short. */
  #speed(row: number): number {
    const { steps, run } = this.#copy;
    const { epoch, time, pace } = STEP_COLUMNS;
    const from = Math.min(row, steps.find(time, steps.at(row, time) - SPAN));
    const seconds = steps.at(row, time) - steps.at(from, time);
    if (seconds <= 0) return steps.at(row, pace);
    return ((steps.at(row, epoch) - steps.at(from, epoch)) * run.images) / seconds;
  }

  #tell(name: (typeof FIGURES)[number], value: string, remark: string): void {
    say(part(this.#node, name), value);
    say(part(this.#node, `${name}-remark`), remark);
  }
}

function stateText(isLive: boolean, isOver: boolean, isThere: boolean): string {
  if (!isLive) return "A recorded run";
  if (isOver)
    return "The run is over. This page keeps what it has; `dawnpour view` with the folder of the run shows it again.";
  return isThere ? "Live" : "No connection to the run; trying again";
}
