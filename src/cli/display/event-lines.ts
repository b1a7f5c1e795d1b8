/** The events of a run as lines for the terminal: one line for a failure, when nothing more will be known of it. */
import { type Failure, FailureStory } from "../../report/failure-log.js";
import { backLine, clock, failureLine } from "../../report/failure-words.js";
import { privacyText, type RunEvent } from "../../training/event.js";
import { figuresText } from "./figures-text.js";

/** Seconds after which a failure is printed although its node is not back. */
const LONG_AWAY = 10;

export class EventLines {
  readonly #failures = new FailureStory();
  /** Ids of the failures that were printed. */
  readonly #told = new Set<number>();

  of(event: RunEvent): string[] {
    const settled = this.#failures.add(event);
    const line = eventLine(event);
    return [...(line === undefined ? [] : [line]), ...settled.map((failure) => this.#tell(failure)), ...this.#late()];
  }

  /** The remaining lines, at the end of a run. */
  rest(): string[] {
    return this.#untold.map((failure) => this.#tell(failure));
  }

  #late(): string[] {
    const now = this.#failures.seconds;
    const late = this.#untold.filter(({ recovery }) => recovery && now - recovery.resumed > LONG_AWAY);
    return late.map((failure) => this.#tell(failure));
  }

  get #untold(): Failure[] {
    return this.#failures.failures.filter(({ id }) => !this.#told.has(id));
  }

  #tell(failure: Failure): string {
    if (this.#told.has(failure.id)) return backLine(failure);
    this.#told.add(failure.id);
    return failureLine(failure);
  }
}

/** Undefined: no line. */
function eventLine(event: RunEvent): string | undefined {
  switch (event.event) {
    case "start":
      return event.resumed ? `resumed at step ${event.step} of ${event.steps}` : undefined;
    case "evaluation":
      return `epoch ${event.epoch.toFixed(1)}  step ${event.step} | test SSE ${event.test.sse.toFixed(3)}`;
    case "metrics":
      return `epoch ${event.epoch.toFixed(1)}  step ${event.step} | test ${figuresText(event.test)}`;
    case "privacy":
      return `epoch ${event.epoch.toFixed(1)}  step ${event.step} | ${privacyText(event)}`;
    case "warning":
      return event.fault === undefined ? `warning: ${event.message}` : undefined;
    case "join":
      return `${moment(event)}: ${event.target} has joined`;
    case "leave":
      return `${moment(event)}: ${event.target} has left`;
    case "fault":
      return `${moment(event)}: fault: ${event.fault}`;
    default:
      return undefined;
  }
}

/** `12.3 s, step 120` */
export const moment = ({ time, step }: { readonly time: number; readonly step: number }): string =>
  `${clock(time)}, step ${step}`;
