/**
 * Keeps what drivers print. Dawn and the drivers below it write warnings of several lines to the standard error of the process at
 * every start. This file keeps them for the command that lists devices, and for errors that they explain.
 */
import { NativeCoreError, nativeCore } from "../native-core.js";

interface ProcessCore {
  /** Calls `work`; returns what the process wrote to its standard error meanwhile. */
  divertStandardError(work: () => void): string;
}

/** A set, because every instance of Dawn prints the same lines again. */
const printed = new Set<string>();

/**
 * Calls `work` and keeps what drivers print meanwhile. `work` is synchronous, so no other code of this thread prints in that time.
 * Without the native core the lines are printed as usual.
 */
export function quietly<T>(work: () => T): T {
  const core = processCore();
  if (!core) return work();
  let outcome: (() => T) | undefined;
  const text = core.divertStandardError(() => {
    outcome = attempt(work);
  });
  if (text.trim() !== "") printed.add(text.trim());
  if (!outcome) throw new Error("Invariant violation: the work was not done");
  return outcome();
}

/** The lines that drivers have printed in this process so far; empty where there are none. */
export function driverOutput(): string {
  return [...printed].join("\n");
}

/** Calls `work` now, and returns a function that returns its result or throws its error. */
function attempt<T>(work: () => T): () => T {
  try {
    const value = work();
    return () => value;
  } catch (error) {
    return () => {
      throw error;
    };
  }
}

function processCore(): ProcessCore | undefined {
  try {
    return nativeCore<{ readonly process: ProcessCore }>().process;
  } catch (error) {
    if (error instanceof NativeCoreError) return undefined;
    throw error;
  }
}
