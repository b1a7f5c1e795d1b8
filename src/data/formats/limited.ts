/** Limits the time of a library that trusts lengths in damaged data. */
import { Script } from "node:vm";

/** Milliseconds for any file, and for each byte: both far above measured times of valid data. */
const MILLISECONDS = 500;
const MILLISECONDS_PER_BYTE = 1e-4;

const CALL = new Script("work()");

/** @throws Error when `work` on `bytes` bytes takes too long and is stopped */
export function withinTime<T>(bytes: number, work: () => T): T {
  let result: T | undefined;
  const call = (): void => {
    result = work();
  };
  CALL.runInNewContext({ work: call }, { timeout: Math.ceil(MILLISECONDS + bytes * MILLISECONDS_PER_BYTE) });
  return result as T;
}
