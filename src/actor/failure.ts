/** Failures of actors, told of although a supervisor deals with them: one that is restarted in silence is never mended. */

/** What an actor failed with. */
export interface Failure {
  /** Its node and path: `local/pool/left`. */
  readonly actor: string;
  readonly error: unknown;
}

/** The error with its stack and causes, on stderr. */
export function printFailure({ actor, error }: Failure): void {
  console.error(`actor ${actor} failed:`, error);
}
