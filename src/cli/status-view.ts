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
/** Of a terminal that does not say what it has. */
const [COLUMNS, ROWS] = [80, 24];
const [HIDE_CURSOR, SHOW_CURSOR] = ["\u001b[?25l", "\u001b[?25h"];
const [CLEAR_REST, CLEAR_BELOW] = ["\u001b[K", "\u001b[J"];
/** To the beginning of a line so many rows above. */
const up = (rows: number): string => `\u001b[${rows}A\r`;

export class StatusView {
  readonly #clock: Clock;
  readonly #stream: NodeJS.WriteStream;
  readonly #left: TimeLeft;
  #status: RunStatus | undefined;
  #testSse: number | undefined;
  #shownAt = Number.NEGATIVE_INFINITY;
  /** The lines that stand on the terminal now, the cursor below them. */
  #drawn: readonly string[] = [];
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
    if (this.#drawn.length > 0) {
      this.#draw([text]);
    } else {
      this.#stream.write(`${text}\n`);
    }
  }

  /** Draws the state once more, to stay: what is printed next stands below it. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#stream.isTTY) this.#draw();
    if (this.#drawn.length > 0) this.#stream.write(SHOW_CURSOR);
    this.#drawn = [];
  }

  /** Line over line: a terminal that is cleared as a whole keeps what was there in its history, or flickers. */
  #draw(above: readonly string[] = []): void {
    if (!this.#status) return;
    const { columns, rows } = size(this.#stream);
    const start = this.#drawn.length > 0 ? up(height(this.#drawn, columns)) : HIDE_CURSOR;
    // The cursor stands on the line below, so that one is not there to draw on.
    this.#drawn = statusLines(this.#status, columns, rows - 1);
    const block = [...above, ...this.#drawn].map((line) => over(line, columns)).join("");
    this.#stream.write(start + block + CLEAR_BELOW);
  }
}

/** Some terminals say 0: they do not know. */
function size({ columns, rows }: NodeJS.WriteStream): { readonly columns: number; readonly rows: number } {
  return { columns: columns || COLUMNS, rows: rows || ROWS };
}

/** A line in the place of another. One that ends at the edge leaves nothing to clear but its own last character. */
function over(line: string, columns: number): string {
  const atEdge = line.length > 0 && line.length % columns === 0;
  return `${line}${atEdge ? "" : CLEAR_REST}\n`;
}

/** Rows that lines take up: a terminal that became narrower since has broken them. */
function height(lines: readonly string[], columns: number): number {
  return lines.reduce((sum, line) => sum + Math.max(1, Math.ceil(line.length / columns)), 0);
}

function plainLine(status: RunStatus): string {
  const up = status.workers.filter(({ state }) => state === "working" || state === "idle").length;
  const restarts = status.restarts > 0 ? `, ${status.restarts} ${status.restarts === 1 ? "restart" : "restarts"}` : "";
  return `${progressLine(status)}  ${up} of ${status.workers.length} workers up${restarts}`;
}
