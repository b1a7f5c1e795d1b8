import { UsageError } from "../../error.js";

/** The first cause of a failure, without its way up the tree of supervisors. The message of a usage error is complete in itself. */
export function rootCause(error: unknown): string {
  let cause = error;
  while (cause instanceof Error && !(cause instanceof UsageError) && cause.cause !== undefined) cause = cause.cause;
  return cause instanceof Error ? cause.message : String(cause);
}
