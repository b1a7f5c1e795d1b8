/**
 * Room in the address space of this process. Where a limit on it (`ulimit -v`) leaves too little, Node's own collector
 * ends the process with a dump that does not help the user, so the command line checks beforehand.
 */
import { readFileSync } from "node:fs";

/** Mebibytes that a small run takes after the program is loaded, with a margin for the collector. */
export const LEAST_ROOM = 512;

/** Mebibytes left to this process; Infinity where there is no limit, or the system does not tell. */
export function addressSpaceLeft(read: (path: string) => string = (path) => readFileSync(path, "utf8")): number {
  try {
    const limit = /^Max address space +(\d+)/m.exec(read("/proc/self/limits"))?.[1];
    const used = /^VmSize:\s+(\d+) kB/m.exec(read("/proc/self/status"))?.[1];
    if (limit === undefined || used === undefined) return Number.POSITIVE_INFINITY;
    return Math.floor(Number(limit) / 2 ** 20 - Number(used) / 2 ** 10);
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}
