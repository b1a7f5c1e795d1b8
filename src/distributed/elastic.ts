/** Workers that join and leave while a run goes on, from outside. */
import type { RunSupervisor } from "../cluster/supervision/run-supervisor.js";
import { brief, UsageError } from "../error.js";
import type { ChaosOptions } from "../faults/chaos.js";
import type { Fault } from "../faults/fault.js";
import { workerIndex, workerName } from "../placement/names.js";

/** The workers of a run that goes on. */
export interface RunWorkers {
  /**
   * Starts more workers. They take part as soon as they have the state of the run, which does not wait for them.
   * @returns the names of those that there is room for: `worker-2`
   */
  join(count?: number): readonly string[];
  /**
   * A worker ends its part, and then its process ends.
   * @returns false when it takes no part in the run
   * @throws UsageError for what is no name of a worker
   */
  leave(worker: string): boolean;
}

/** Kinds of faults that change the number of workers. */
const ELASTIC = ["join", "leave"];

/** @throws UsageError for workers that join or leave a run with a fixed number of workers, or of another kind */
export function checkElastic(
  least: number | undefined,
  {
    faults = [],
    chaos,
    onWorkers,
  }: { readonly faults?: readonly Fault[]; readonly chaos?: ChaosOptions; readonly onWorkers?: unknown },
): void {
  const kind = [...faults.map((fault) => fault.kind), ...(chaos?.kinds ?? [])].find((one) => ELASTIC.includes(one));
  const what = kind ?? (onWorkers === undefined ? undefined : "onWorkers");
  if (what === undefined || least !== undefined) return;
  throw new UsageError(
    `"${what}" is for a run whose number of workers may change: give the least and the most of them, workers 2..8 (--workers 2..8)`,
  );
}

/** @param onJoin told of each worker that was started */
export function runWorkers(
  cluster: Pick<RunSupervisor, "join" | "leave">,
  onJoin: (worker: number) => void,
): RunWorkers {
  return {
    join(count = 1) {
      if (!Number.isSafeInteger(count) || count < 1) {
        throw new UsageError(`join must be given a whole number of workers from 1, got ${brief(count)}`);
      }
      const joining = cluster.join(count);
      for (const worker of joining) onJoin(worker);
      return joining.map(workerName);
    },
    leave(worker) {
      const index = workerIndex(worker);
      if (index !== undefined) return cluster.leave(index);
      throw new UsageError(`${brief(worker)} is no worker: the first is "worker-0"`);
    },
  };
}
