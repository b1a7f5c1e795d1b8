/** Work of a library that believes lengths in damaged data, ended when it takes longer than any sound data would. */
import { Script } from "node:vm";

/** What reading takes at least, and what a byte adds: both far above what was seen. */
const MILLISECONDS = 500;
const MILLISECONDS_PER_BYTE = 1e-4;

const CALL = new Script("work()");

/** @throws Error when `work` on `bytes` bytes takes too long; what it was doing is then given up */
export function withinTime<T>(bytes: number, work: () => T): T {
  let result: T | undefined;
  const call = (): void => {
    result = work();
  };
  CALL.runInNewContext({ work: call }, { timeout: Math.ceil(MILLISECONDS + bytes * MILLISECONDS_PER_BYTE) });
  return result as T;
}
