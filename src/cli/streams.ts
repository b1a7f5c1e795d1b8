/**
 * What a command prints may have nowhere to go: `head` has seen enough, the terminal is closed, the disk behind a file is
 * full. That ends no run. What stdout lost is told at the end; for stderr there is no place to tell it.
 */
import { DawnpourError } from "../error.js";
import { diskErrorMeaning, errorCode } from "../world/disk-error.js";

interface WatchedStreams {
  /** Why stdout could not be written; undefined while it could, and where a reader went away by itself. */
  readonly failure: DawnpourError | undefined;
}

export function watchStreams(stdout: NodeJS.WritableStream, stderr: NodeJS.WritableStream): WatchedStreams {
  let failure: DawnpourError | undefined;
  stdout.on("error", (error) => {
    if (errorCode(error) === "EPIPE") return;
    failure ??= new DawnpourError(`cannot write to stdout: ${diskErrorMeaning(error)}`, { cause: error });
  });
  stderr.on("error", () => undefined);
  return {
    get failure() {
      return failure;
    },
  };
}
