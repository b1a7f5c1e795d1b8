/**
 * Tells the process that started vitest how many tests passed, failed and were skipped. `run.mjs` prints that as its
 * closing line; a failure outside any test (a file that does not load, an error nobody caught) counts as one failed.
 */
import type { SerializedError } from "vitest";
import type { Reporter, TestModule } from "vitest/node";

export interface Totals {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

export default class TotalsReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[]): void {
    process.send?.(totalsOf(modules, unhandled));
  }
}

function totalsOf(modules: readonly TestModule[], unhandled: readonly SerializedError[]): Totals {
  const totals = { passed: 0, failed: unhandled.length, skipped: 0 };
  for (const module of modules) {
    totals.failed += module.errors().length;
    for (const test of module.children.allTests()) {
      const { state } = test.result();
      // A test still pending at the end was never run: nothing may call that a pass.
      totals[state === "pending" ? "failed" : state] += 1;
    }
    for (const suite of module.children.allSuites()) {
      totals.failed += suite.errors().length;
    }
  }
  return totals;
}
