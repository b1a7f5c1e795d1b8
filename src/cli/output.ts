/** What a person sees: lines on stdout, and while training a progress bar on a terminal or now and then a line. */
import cliProgress from "cli-progress";
import type { RunEvent } from "../training/event.js";
import type { TuningObserver } from "../tuning/event.js";
import type { Clock } from "../world/world.js";
import { duration, eventLine, LINE_EVERY, progressLine, TimeLeft } from "./progress-line.js";

export function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Shows the events of a run on `stream`. */
export class Progress {
  readonly #clock: Clock;
  readonly #stream: NodeJS.WriteStream;
  readonly #bar: cliProgress.SingleBar | undefined;
  readonly #left: TimeLeft;
  #steps = 0;
  #lastLine = Number.NEGATIVE_INFINITY;
  #test = "";

  constructor(clock: Clock, stream: NodeJS.WriteStream) {
    this.#clock = clock;
    this.#stream = stream;
    this.#left = new TimeLeft(clock);
    if (stream.isTTY) {
      const format = "{bar} {percentage}% | step {value}/{total} | loss {loss} | {speed} images/s | {left} left{test}";
      this.#bar = new cliProgress.SingleBar(
        { format, stream, hideCursor: true, gracefulExit: false, barsize: 24 },
        cliProgress.Presets.shades_classic,
      );
    }
  }

  /** A line of its own, above the bar if there is one. The bar ends where the cursor was saved, so it is saved anew. */
  line(text: string): void {
    this.#stream.write(this.#bar?.isActive ? `\r\u001b[K${text}\n\u001b7` : `${text}\n`);
  }

  readonly observe = (event: RunEvent): void => {
    switch (event.event) {
      case "start":
        this.#steps = event.steps;
        this.#left.from(event.step);
        this.#tell(event);
        this.#bar?.start(event.steps, event.step, { loss: "-", speed: "-", left: "-", test: "" });
        break;
      case "steps":
        this.#advance(event);
        break;
      case "evaluation":
        this.#test = ` | test SSE ${event.test.sse.toFixed(3)}`;
        if (!this.#bar) this.#tell(event);
        break;
      case "end":
      case "stop":
        this.close();
        break;
      default:
        this.#tell(event);
    }
  };

  /** Ends the bar, so that what is printed next stands on a line of its own. */
  close(): void {
    this.#bar?.stop();
  }

  #tell(event: RunEvent): void {
    const line = eventLine(event);
    if (line !== undefined) this.line(line);
  }

  #advance({ step, loss, imagesPerSecond }: Extract<RunEvent, { event: "steps" }>): void {
    const now = this.#clock.now();
    const left = this.#left.seconds(step, this.#steps);
    if (this.#bar) {
      const speed = Math.round(imagesPerSecond).toLocaleString("en");
      const shown = { loss: loss.toFixed(5), speed, left: left === undefined ? "-" : duration(left), test: this.#test };
      this.#bar.update(step, shown);
    } else if (now - this.#lastLine >= LINE_EVERY) {
      this.#lastLine = now;
      this.line(progressLine({ step, steps: this.#steps, loss, imagesPerSecond, left }));
    }
  }
}

/** Shows downloads as they come: a bar each on a terminal, a line each otherwise. */
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

  /** Ends the bar of a download that broke off: its timer would keep the process alive. */
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

/** Says when a device begins to be tuned and when it is done, and what went wrong. */
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
