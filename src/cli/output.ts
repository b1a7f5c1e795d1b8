/** What a person sees: lines on stdout, and while training a progress bar on a terminal or now and then a line. */
import cliProgress from "cli-progress";
import type { RunEvent } from "../training/event.js";
import type { TuningObserver } from "../tuning/event.js";
import type { Clock } from "../world/world.js";

export function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Milliseconds between progress lines where there is no terminal. */
const LINE_EVERY = 5000;

/** Shows the events of a run on `stream`. */
export class Progress {
  readonly #clock: Clock;
  readonly #stream: NodeJS.WriteStream;
  readonly #bar: cliProgress.SingleBar | undefined;
  #steps = 0;
  #first = 0;
  #began = 0;
  #lastLine = Number.NEGATIVE_INFINITY;
  #test = "";

  constructor(clock: Clock, stream: NodeJS.WriteStream) {
    this.#clock = clock;
    this.#stream = stream;
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
        this.#first = event.step;
        this.#began = this.#clock.now();
        if (event.resumed) this.line(`resumed at step ${event.step} of ${event.steps}`);
        this.#bar?.start(event.steps, event.step, { loss: "-", speed: "-", left: "-", test: "" });
        break;
      case "steps":
        this.#advance(event);
        break;
      case "evaluation":
        this.#test = ` | test SSE ${event.test.sse.toFixed(3)}`;
        if (!this.#bar) this.line(`epoch ${event.epoch.toFixed(1)}  step ${event.step}${this.#test}`);
        break;
      case "warning":
        this.line(`warning: ${event.message}`);
        break;
      case "end":
      case "stop":
        this.close();
        break;
      case "checkpoint":
        break;
    }
  };

  /** Ends the bar, so that what is printed next stands on a line of its own. */
  close(): void {
    this.#bar?.stop();
  }

  #advance(event: Extract<RunEvent, { event: "steps" }>): void {
    const now = this.#clock.now();
    const done = event.step - this.#first;
    const left = duration(((now - this.#began) / 1000 / done) * (this.#steps - event.step));
    const speed = Math.round(event.imagesPerSecond).toLocaleString("en");
    const loss = event.loss.toFixed(5);
    if (this.#bar) {
      this.#bar.update(event.step, { loss, speed, left, test: this.#test });
    } else if (now - this.#lastLine >= LINE_EVERY) {
      this.#lastLine = now;
      this.line(`step ${event.step}/${this.#steps}  loss ${loss}  ${speed} images/s  ${left} left`);
    }
  }
}

/** `2m05s` */
export function duration(seconds: number): string {
  const whole = Math.ceil(seconds);
  return whole < 60 ? `${whole}s` : `${Math.floor(whole / 60)}m${String(whole % 60).padStart(2, "0")}s`;
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
