/**
 * Output that cannot be written does not end a run: `head` may have ended, the terminal may be closed, the disk behind
 * a file may be full. What stdout lost is reported at the end; a failure of stderr cannot be reported.
 */
import { DawnpourError } from "../../error.js";
import { diskErrorMeaning, errorCode } from "../../world/disk-error.js";

interface WatchedStreams {
  /** Why stdout could not be written; undefined if it could, or if its reader closed it. */
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
