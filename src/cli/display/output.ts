/** Output for the user: lines on stdout, and the progress of training. */
import cliProgress from "cli-progress";
import type { RunEvent } from "../../training/event.js";
import type { TuningObserver } from "../../tuning/event.js";
import type { Clock } from "../../world/world.js";
import { EventLines } from "./event-lines.js";
import { writeLine } from "./fold.js";
import { LiveBlock } from "./live-block.js";
import { DRAW_EVERY, headLines, LINE_EVERY, progressLine, type Standing, TimeLeft } from "./progress-line.js";

/** @param whole end of the line, which stays in one piece: a command */
export function print(line: string, whole?: string): void {
  writeLine(process.stdout, line, whole);
}

/** A line besides the result; on stderr where stdout is for a program. */
export function note(line: string, whole?: string): void {
  writeLine(process.stderr, line, whole);
}

/** For programs: never folded. */
export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}

/**
 * Shows the events of a run on `stream`, with its progress: below them on a terminal, elsewhere as a line now and then.
 */
export class Progress {
  readonly #clock: Clock;
  readonly #block: LiveBlock;
  readonly #left: TimeLeft;
  readonly #events = new EventLines();
  #at: Standing = { step: 0, steps: 0 };
  #shownAt = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock, stream: NodeJS.WriteStream) {
    this.#clock = clock;
    this.#block = new LiveBlock(stream);
    this.#left = new TimeLeft(clock);
  }

  /** A line above the block, if there is one. */
  line(text: string): void {
    this.#block.line(text);
  }

  readonly observe = (event: RunEvent): void => {
    const { step, epoch } = event;
    const lines = this.#events.of(event);
    // On a terminal the test error is in the block.
    for (const line of this.#block.isLive && event.event === "evaluation" ? [] : lines) this.line(line);
    switch (event.event) {
      case "start":
        this.#left.from(step);
        this.#show({ step, epoch, steps: event.steps });
        break;
      case "steps":
        this.#show({ ...this.#at, step, epoch, loss: event.loss, imagesPerSecond: event.imagesPerSecond });
        break;
      case "evaluation":
        this.#show({ ...this.#at, testSse: event.test.sse });
        break;
      case "end":
      case "stop":
        this.close();
        break;
    }
  };

  /** Draws the block once more; later output goes below it. */
  close(): void {
    for (const line of this.#events.rest()) this.line(line);
    if (this.#block.isDrawn) this.#draw();
    this.#block.close();
  }

  #show(at: Standing): void {
    this.#at = { ...at, ...this.#left.at(at.step, at.steps) };
    const now = this.#clock.now();
    if (now - this.#shownAt < (this.#block.isLive ? DRAW_EVERY : LINE_EVERY)) return;
    if (!this.#block.isLive && at.loss === undefined) return;
    this.#shownAt = now;
    if (this.#block.isLive) this.#draw();
    else this.line(progressLine(this.#at));
  }

  #draw(): void {
    this.#block.draw(headLines(this.#at, this.#block.size.columns));
  }
}

/** Shows downloads: a bar each on a terminal, a line each elsewhere. */
export class Downloads {
  readonly #stream: NodeJS.WriteStream;
  #file = "";
  #bar: cliProgress.SingleBar | undefined;

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
  }

  readonly observe = (received: number, total: number | undefined, file: string): void => {
    if (file !== this.#file) this.#begin(file, total);
    this.#bar?.update(received);
    if (received === total) this.#bar?.stop();
  };

  /** Ends the bar of an interrupted download: its timer would keep the process alive. */
  close(): void {
    this.#bar?.stop();
  }

  #begin(file: string, total: number | undefined): void {
    this.#file = file;
    this.#bar?.stop();
    if (!this.#stream.isTTY || total === undefined) {
      this.#stream.write(`downloading ${file}\n`);
      return;
    }
    const format = `downloading ${file} {bar} {percentage}%`;
    // Without handlers of its own: Ctrl-C ends a download, and the process with it.
    this.#bar = new cliProgress.SingleBar({ format, stream: this.#stream, gracefulExit: false });
    this.#bar.start(total, 0);
  }
}

/** Prints when the tuning of a device begins and ends, and its warnings. */
export function tuningLines(line: (text: string) => void): TuningObserver {
  return (event) => {
    if (event.event === "warning") {
      line(`warning: ${event.message}`);
      return;
    }
    const { done, total } = event;
    if (done === 1) line(`tuning ${total} matrix products for this device, once (--no-tune does without)`);
    if (done === total) line("tuned");
  };
}
