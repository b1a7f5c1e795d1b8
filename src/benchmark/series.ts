/** Measures a list of cases one after the other, on devices that may be too small for some of them. */
import { DeviceLimitError } from "../device/device.js";

/** Outcome of one case: its result, or why the device cannot run it. */
export type Outcome<Case, Result> =
  | { readonly test: Case; readonly result: Result }
  | { readonly test: Case; readonly skipped: string };

/** Yields the outcome of each case as soon as it is there. Any error but `DeviceLimitError` ends the series. */
export async function* measureSeries<Case, Result>(
  cases: readonly Case[],
  measure: (test: Case) => Promise<Result>,
): AsyncGenerator<Outcome<Case, Result>> {
  for (const test of cases) yield await outcomeOf(test, measure);
}

async function outcomeOf<Case, Result>(
  test: Case,
  measure: (test: Case) => Promise<Result>,
): Promise<Outcome<Case, Result>> {
  try {
    return { test, result: await measure(test) };
  } catch (error) {
    if (!(error instanceof DeviceLimitError)) throw error;
    return { test, skipped: error.message };
  }
}
