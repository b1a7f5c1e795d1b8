/**
 * Shows a run on several workers: on a terminal a block of lines that is redrawn in place, elsewhere a line now and
 * then. Events go above the block.
 */
import type { ClusterStatus } from "../../distributed/status/status.js";
import type { RunEvent } from "../../training/event.js";
import type { Clock } from "../../world/world.js";
import { EventLines, moment } from "./event-lines.js";
import { LiveBlock } from "./live-block.js";
import { DRAW_EVERY, LINE_EVERY, progressLine, TimeLeft } from "./progress-line.js";
import { type RunStatus, statusLines } from "./status-lines.js";

/** Rows above the block for the last events, on a terminal with room for them. */
const [EVENT_ROWS, LEAST_ROWS] = [8, 16];

export class StatusView {
  readonly #clock: Clock;
  readonly #stream: NodeJS.WriteStream;
  readonly #block: LiveBlock;
  readonly #left: TimeLeft;
  readonly #events = new EventLines();
  #status: RunStatus | undefined;
  #testSse: number | undefined;
  #lastFault: string | undefined;
  #shownAt = Number.NEGATIVE_INFINITY;
  #closed = false;

  constructor(clock: Clock, stream: NodeJS.WriteStream) {
    this.#clock = clock;
    this.#stream = stream;
    this.#block = new LiveBlock(stream);
    this.#left = new TimeLeft(clock);
  }

  /** Cheap: may be called after every step. */
  show(status: ClusterStatus): void {
    if (this.#closed) return;
    this.#left.from(status.step);
    const times = this.#left.at(status.step, status.steps);
    const lastFault = this.#lastFault ?? status.lastFault;
    this.#status = { ...status, ...times, testSse: this.#testSse, ...(lastFault !== undefined && { lastFault }) };
    const now = this.#clock.now();
    if (now - this.#shownAt < (this.#block.isLive ? DRAW_EVERY : LINE_EVERY)) return;
    this.#shownAt = now;
    if (this.#block.isLive) this.#draw();
    else this.#stream.write(`${plainLine(this.#status)}\n`);
  }

  /** Prints events; the test error and the last fault are in the block, where there is one. */
  readonly observe = (event: RunEvent): void => {
    // The time that workers take to start is part of the run's, as in its report.
    if (event.event === "start") this.#left.from(event.step);
    if (event.event === "evaluation") this.#testSse = event.test.sse;
    if (event.event === "fault") this.#lastFault = `${event.fault} (${moment(event)})`;
    const isInBlock = this.#block.isLive && (event.event === "evaluation" || event.event === "fault");
    for (const line of this.#events.of(event).slice(isInBlock ? 1 : 0)) this.line(line);
  };

  /** A line above the block, if there is one. */
  line(text: string): void {
    this.#block.line(text);
  }

  /** Draws the state once more; later output goes below it. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const line of this.#events.rest()) this.line(line);
    this.#draw();
    this.#block.close();
  }

  #draw(): void {
    if (!this.#status) return;
    const { columns, rows } = this.#block.size;
    const room = rows < LEAST_ROWS ? rows - 1 : rows - 1 - EVENT_ROWS;
    this.#block.draw(statusLines(this.#status, columns, room));
  }
}

function plainLine(status: RunStatus): string {
  const up = status.workers.filter(({ state }) => state === "working" || state === "idle").length;
  const restarts = status.restarts > 0 ? `, ${status.restarts} ${status.restarts === 1 ? "restart" : "restarts"}` : "";
  const waiting = status.missing === undefined ? "" : `, waiting for ${status.missing} more`;
  const all = status.workers.filter(({ state }) => state !== "absent").length;
  return `${progressLine(status)}  ${up} of ${all} workers up${waiting}${restarts}`;
}
