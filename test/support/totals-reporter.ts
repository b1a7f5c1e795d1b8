/**
 * Tells the process that started vitest how many tests passed, failed and were skipped. `run.mjs` prints that as its
 * closing line; a failure outside any test (a file that does not load, an error that nothing caught) counts as one failed.
 *
 * It is also the watchdog. The time limit of a test is kept by a timer in the test's own process, which never fires where
 * native code blocks that process; so when no test has ended for long, this names the files at fault and ends the run.
 */
import type { SerializedError } from "vitest";
import type { Reporter, TestModule } from "vitest/node";

export interface Totals {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** Longer than any test may take by its own time limit. */
const STUCK_AFTER_MILLISECONDS = 5 * 60_000;

export default class TotalsReporter implements Reporter {
  #timer: NodeJS.Timeout | undefined;
  readonly #finished: TestModule[] = [];
  readonly #running = new Map<string, TestModule>();

  onTestRunStart(): void {
    this.#restart();
  }

  onTestModuleQueued(module: TestModule): void {
    this.#running.set(module.moduleId, module);
  }

  onTestCaseResult(): void {
    this.#restart();
  }

  onTestModuleEnd(module: TestModule): void {
    this.#running.delete(module.moduleId);
    this.#finished.push(module);
    this.#restart();
  }

  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[]): void {
    clearTimeout(this.#timer);
    process.send?.(totalsOf(modules, unhandled.length));
  }

  #restart(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#giveUp(), STUCK_AFTER_MILLISECONDS);
  }

  /** Ends this process and those of the tests: `run.mjs` made them one group. */
  #giveUp(): void {
    const files = [...this.#running.values()].map((module) => module.relativeModuleId);
    console.error(`no test has ended for ${STUCK_AFTER_MILLISECONDS / 60_000} minutes: stuck in ${files.join(", ")}`);
    process.send?.(totalsOf(this.#finished, files.length), () => process.kill(-process.pid, "SIGKILL"));
  }
}

function totalsOf(modules: readonly TestModule[], otherFailures: number): Totals {
  const totals = { passed: 0, failed: otherFailures, skipped: 0 };
  for (const module of modules) {
    totals.failed += module.errors().length;
    for (const test of module.children.allTests()) {
      const { state } = test.result();
      // A test that is still pending at the end was never run, so it counts as failed.
      totals[state === "pending" ? "failed" : state] += 1;
    }
    for (const suite of module.children.allSuites()) {
      totals.failed += suite.errors().length;
    }
  }
  return totals;
}
