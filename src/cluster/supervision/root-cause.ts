import { EscalationError } from "../../actor/supervision.js";
import { DawnpourError, UsageError } from "../../error.js";

/**
 * The message of the first cause of a failure, without the errors that supervisors added on its way up. The message of a usage
 * error is complete, so its cause is not looked for.
 */
export function rootCause(error: unknown): string {
  let cause = error;
  while (cause instanceof Error && !(cause instanceof UsageError) && cause.cause !== undefined) cause = cause.cause;
  return cause instanceof Error ? cause.message : String(cause);
}

/** The last failure of a child that failed again and again. */
export function lastFailure(failure: unknown): unknown {
  if (!(failure instanceof EscalationError)) return failure;
  return new DawnpourError(`${rootCause(failure)}, again and again`, { cause: failure });
}
