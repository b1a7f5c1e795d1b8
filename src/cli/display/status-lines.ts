/** The state of a run on several workers as lines of a terminal: text, cut and folded to fit. */
import { type ClusterStatus, WORKER_STATES, type WorkerStatus } from "../../distributed/status/status.js";
import { headLines, type Standing, whole } from "./progress-line.js";

/** The view adds to the state of the workers. */
export type RunStatus = ClusterStatus & Pick<Standing, "elapsed" | "left" | "testSse">;

/** Workers in these states are the first to be left out. */
const WELL: readonly WorkerStatus["state"][] = ["working", "idle"];
const COLUMNS = ["worker", "state", "parts", "ms/part", "images/s", "restarts", "device"];
/** Columns of numbers, aligned to the right; words to the left. */
const NUMBERS = new Set(["parts", "ms/part", "images/s", "restarts"]);

/**
 * At most `rows` lines of at most `columns` characters. Where the workers do not fit, failed ones are shown first, and
 * others as far as there is room; a line sums up the rest.
 */
export function statusLines(status: RunStatus, columns: number, rows: number): string[] {
  const { lastFault } = status;
  const fault = lastFault === undefined ? [] : [`last fault: ${lastFault}`];
  const head = [...headLines(status, columns), summaryLine(status), ...fault];
  const room = rows - head.length - 1;
  const shown = room < 2 ? [] : choose(status.workers, room);
  const folded = status.workers.filter((worker) => !shown.includes(worker));
  const lines =
    shown.length > 0 ? [...head, ...table(shown), ...(folded.length > 0 ? [foldedLine(folded)] : [])] : head;
  return lines.slice(0, rows).map((line) => cut(line, columns));
}

/** In their order, as many as fit in `room` lines; the last line is for the rest, if there is one. */
function choose(workers: readonly WorkerStatus[], room: number): readonly WorkerStatus[] {
  if (workers.length <= room) return workers;
  const isWell = ({ state }: WorkerStatus): boolean => WELL.includes(state);
  const ranked = [...workers.filter((worker) => !isWell(worker)), ...workers.filter(isWell)];
  const chosen = new Set(ranked.slice(0, room - 1));
  return workers.filter((worker) => chosen.has(worker));
}

function summaryLine({ workers, missing, restarts }: RunStatus): string {
  return [
    ...(missing === undefined ? [] : [`waiting for ${missing} more`]),
    `${plural(workers.length, "worker")}${workers.length > 0 ? `: ${states(workers)}` : ""}`,
    plural(restarts, "restart"),
  ].join(" | ");
}

/** `30 working, 1 lost` */
function states(workers: readonly WorkerStatus[]): string {
  return WORKER_STATES.map((state) => ({ state, count: workers.filter((worker) => worker.state === state).length }))
    .filter(({ count }) => count > 0)
    .map(({ state, count }) => `${count} ${state}`)
    .join(", ");
}

function table(workers: readonly WorkerStatus[]): string[] {
  const cells = [
    COLUMNS,
    ...workers.map(({ name, state, parts, millisecondsPerPart, imagesPerSecond, restarts, device }) => [
      name,
      state,
      whole(parts),
      millisecondsPerPart === undefined ? "-" : millisecondsPerPart.toFixed(1),
      imagesPerSecond === undefined ? "-" : whole(imagesPerSecond),
      whole(restarts),
      device || "-",
    ]),
  ];
  const widths = COLUMNS.map((_, i) => Math.max(...cells.map((row) => row[i].length)));
  return cells.map((row) =>
    row
      .map((cell, i) => (NUMBERS.has(COLUMNS[i]) ? cell.padStart(widths[i]) : cell.padEnd(widths[i])))
      .join("  ")
      .trimEnd(),
  );
}

function foldedLine(workers: readonly WorkerStatus[]): string {
  const sum = (pick: (worker: WorkerStatus) => number): number => workers.reduce((total, w) => total + pick(w), 0);
  const [parts, speed, restarts] = [sum((w) => w.parts), sum((w) => w.imagesPerSecond ?? 0), sum((w) => w.restarts)];
  return `and ${workers.length} more: ${states(workers)}, ${plural(parts, "part")}, ${whole(speed)} images/s, ${plural(restarts, "restart")}`;
}

const plural = (count: number, noun: string): string => `${whole(count)} ${noun}${count === 1 ? "" : "s"}`;

function cut(line: string, columns: number): string {
  return line.length <= columns ? line : `${line.slice(0, Math.max(0, columns - 1))}\u2026`.slice(0, columns);
}
