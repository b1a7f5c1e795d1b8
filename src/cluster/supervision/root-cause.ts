/** What people should read of a failure: not how it went up the tree of supervisors, but what happened first. */
export function rootCause(error: unknown): string {
  let cause = error;
  while (cause instanceof Error && cause.cause !== undefined) cause = cause.cause;
  return cause instanceof Error ? cause.message : String(cause);
}
