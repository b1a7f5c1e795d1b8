/**
 * Shows a run on several workers while it goes on: on a terminal a block of lines that is drawn over itself, elsewhere a
 * plain line now and then. What happens meanwhile stands above the block.
 */
import type { ClusterStatus } from "../distributed/status.js";
import type { RunEvent } from "../training/event.js";
import type { Clock } from "../world/world.js";
import { eventLine, LINE_EVERY, progressLine, TimeLeft } from "./progress-line.js";
import { type RunStatus, statusLines } from "./status-lines.js";

/** Milliseconds between two drawings: as often as one can follow. */
const DRAW_EVERY = 100;
/** Of a terminal that does not say. */
const [COLUMNS, ROWS] = [80, 24];
const [HIDE_CURSOR, SHOW_CURSOR] = ["\u001b[?25l", "\u001b[?25h"];

export class StatusView {
  readonly #clock: Clock;
  readonly #stream: NodeJS.WriteStream;
  readonly #left: TimeLeft;
  #status: RunStatus | undefined;
  #testSse: number | undefined;
  #shownAt = Number.NEGATIVE_INFINITY;
  /** The lines that stand on the terminal now, the cursor below them. */
  #drawn: readonly string[] = [];
  #hidden = false;
  #closed = false;

  constructor(clock: Clock, stream: NodeJS.WriteStream) {
    this.#clock = clock;
    this.#stream = stream;
    this.#left = new TimeLeft(clock);
  }

  /** Cheap: may be called after every step. */
  show(status: ClusterStatus): void {
    if (this.#closed) return;
    this.#left.from(status.step);
    this.#status = { ...status, left: this.#left.seconds(status.step, status.steps), testSse: this.#testSse };
    const now = this.#clock.now();
    if (now - this.#shownAt < (this.#stream.isTTY ? DRAW_EVERY : LINE_EVERY)) return;
    this.#shownAt = now;
    if (this.#stream.isTTY) {
      this.#draw();
    } else {
      this.#stream.write(`${plainLine(this.#status)}\n`);
    }
  }

  /** Prints what is worth a line, and keeps the test error for the block. */
  readonly observe = (event: RunEvent): void => {
    if (event.event === "evaluation") this.#testSse = event.test.sse;
    const line = event.event === "evaluation" && this.#stream.isTTY ? undefined : eventLine(event);
    if (line !== undefined) this.line(line);
  };

  /** A line of its own, above the block if there is one. */
  line(text: string): void {
    const standing = this.#drawn.length > 0;
    this.#erase();
    this.#stream.write(`${text}\n`);
    if (standing && !this.#closed) this.#draw();
  }

  /** Draws the state once more, to stay: what is printed next stands below it. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#stream.isTTY && this.#status) this.#draw();
    this.#drawn = [];
    if (this.#hidden) this.#stream.write(SHOW_CURSOR);
  }

  #draw(): void {
    if (!this.#status) return;
    this.#erase();
    const { columns = COLUMNS, rows = ROWS } = this.#stream;
    // The cursor stands on the line below, so that one is not there to draw on.
    this.#drawn = statusLines(this.#status, columns, rows - 1);
    const hide = this.#hidden ? "" : HIDE_CURSOR;
    this.#hidden = true;
    this.#stream.write(hide + this.#drawn.map((line) => `${line}\n`).join(""));
  }

  #erase(): void {
    // A terminal that became narrower since has broken the lines.
    const { columns = COLUMNS } = this.#stream;
    const height = this.#drawn.reduce((sum, line) => sum + Math.max(1, Math.ceil(line.length / columns)), 0);
    this.#drawn = [];
    if (height > 0) this.#stream.write(`\u001b[${height}A\r\u001b[J`);
  }
}

function plainLine(status: RunStatus): string {
  const up = status.workers.filter(({ state }) => state === "working" || state === "idle").length;
  const restarts = status.restarts > 0 ? `, ${status.restarts} ${status.restarts === 1 ? "restart" : "restarts"}` : "";
  return `${progressLine(status)}  ${up} of ${status.workers.length} workers up${restarts}`;
}
