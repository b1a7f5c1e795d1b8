/**
 * What drivers print. Dawn, and the drivers below it, write warnings of several lines to the standard error of the process, on
 * every start. They are kept here instead, for the command that lists devices and for errors that they explain.
 */
import { NativeCoreError, nativeCore } from "../native-core.js";

interface ProcessCore {
  /** Calls `work`; returns what the process wrote to its standard error meanwhile. */
  divertStandardError(work: () => void): string;
}

/** Every instance of Dawn says the same. */
const printed = new Set<string>();

/**
 * Calls `work` and keeps what drivers print meanwhile. Only synchronous work is quiet, so that nothing else of this thread
 * prints in that time. Without the native core everything is printed as ever.
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

/** What drivers have printed in this process so far, in their own lines; empty where they have nothing to say. */
export function driverOutput(): string {
  return [...printed].join("\n");
}

/** Calls `work` now; its result, or its error, is what the function that this returns gives. */
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
