/**
 * Signals that end a run: Ctrl-C, SIGTERM of a service manager, SIGHUP of a closed terminal. The first signal asks the
 * run to stop, with a checkpoint; the second ends the process at once. The exit code is that of a process ended by the
 * signal, so that `train && next` does not go on, unless the run was already complete.
 */
import { constants } from "node:os";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
type Signal = (typeof SIGNALS)[number];

/** Where messages go. */
export interface Display {
  line(text: string): void;
  close(): void;
}

export class Interruption {
  /** The message for the first signal. */
  message = "stopping after the steps in flight, with a checkpoint; Ctrl-C again ends at once";
  readonly #display: Display;
  readonly #controller = new AbortController();
  readonly #heard = (signal: Signal): void => this.#hear(signal);

  constructor(display: Display) {
    this.#display = display;
  }

  /** Aborted by the first signal. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** From here on signals are handled. */
  listen(): void {
    for (const signal of SIGNALS) process.on(signal, this.#heard);
  }

  /** All that was asked for is there: the signal came too late to stop any of it. */
  cameTooLate(): void {
    if (this.signal.aborted) process.exitCode = undefined;
  }

  close(): void {
    for (const signal of SIGNALS) process.off(signal, this.#heard);
  }

  #hear(signal: Signal): void {
    const code = 128 + constants.signals[signal];
    if (this.signal.aborted) {
      this.#display.close();
      process.exit(code);
    }
    process.exitCode = code;
    this.#display.line(this.message);
    this.#controller.abort();
  }
}
