/** How many workers a run has: always as many, or as few and as many as there are, between two numbers. */
import { brief, UsageError } from "../error.js";
import { MOST_WORKERS } from "./parse-devices.js";

/** Workers join and leave; with fewer than the least, the run waits. */
export interface WorkerRange {
  /** The number that the run begins with. */
  readonly least: number;
  readonly most: number;
}

/** A number of workers, or the least and the most of them. */
export type WorkerCount = number | WorkerRange;

/** The workers that there can be at a time. */
export const mostOf = (workers: WorkerCount): number => (typeof workers === "number" ? workers : workers.most);

/** The fewest workers, where they join and leave. */
export const leastOf = (workers: WorkerCount | undefined): number | undefined =>
  typeof workers === "object" ? workers.least : undefined;

/** `4` or `2..8` */
export const workersText = (workers: WorkerCount): string =>
  typeof workers === "number" ? String(workers) : `${workers.least}..${workers.most}`;

/** Reads `4` or `2..8`. @throws UsageError */
export function parseWorkers(text: string): WorkerCount {
  const [, least, most] = /^\s*(\d+)(?:\s*\.\.\s*(\d+))?\s*$/.exec(text) ?? [];
  if (least === undefined) {
    throw new UsageError(`workers ${brief(text)}: write a whole number, 4, or the least and the most, 2..8`);
  }
  const count = most === undefined ? Number(least) : { least: Number(least), most: Number(most) };
  checkWorkerCount(count);
  return count;
}

/** The value may come from JavaScript. @throws UsageError */
export function checkWorkerCount(workers: WorkerCount): void {
  if (typeof workers !== "number" && !isRange(workers)) {
    throw new UsageError(
      `workers ${brief(workers)}: give a whole number, 4, or the least and the most, { least: 2, most: 8 }`,
    );
  }
  const { least, most } = typeof workers === "number" ? { least: workers, most: workers } : workers;
  const isCount = (count: number): boolean => Number.isInteger(count) && count >= 1 && count <= MOST_WORKERS;
  const wrong = [least, most].find((count) => !isCount(count));
  if (wrong !== undefined) {
    throw new UsageError(`workers must be a whole number from 1 to ${MOST_WORKERS}, got ${brief(wrong)}`);
  }
  if (least <= most) return;
  throw new UsageError(`workers ${least}..${most}: the least comes first: write ${most}..${least}`);
}

const isRange = (workers: unknown): boolean => Object.keys(Object(workers)).sort().join() === "least,most";
