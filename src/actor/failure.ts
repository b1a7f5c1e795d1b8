/**
 * Failures of actors. They are reported even if a supervisor handles them, because a failure that stays unseen is never fixed.
 */

export interface Failure {
  /** Node and path: `local/pool/left`. */
  readonly actor: string;
  readonly error: unknown;
}

/** Prints the error with its stack and causes to stderr. */
export function printFailure({ actor, error }: Failure): void {
  console.error(`actor ${actor} failed:`, error);
}
