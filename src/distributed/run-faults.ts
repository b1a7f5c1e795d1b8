/** Carries out the faults of a run: on its processes, its pipes, its devices and its disk. */

import type { RunSupervisor } from "../cluster/supervision/run-supervisor.js";
import { type ChaosOptions, chaosFaults } from "../faults/chaos.js";
import { actionTarget, actionText, type Fault, faultKinds } from "../faults/fault.js";
import type { FaultyDisk } from "../faults/faulty-disk.js";
import { Injector, type InjectorPorts } from "../faults/injector.js";
import { parseAction } from "../faults/parse-faults.js";
import type { Struck } from "../faults/strikes.js";
import { serverIndex, workerIndex, workerName } from "../placement/names.js";
import type { RunLog } from "../training/run-folder/run-log.js";
import type { ProcessHost } from "../transport/process/host.js";
import { Random } from "../world/random.js";
import type { World } from "../world/world.js";
import type { Assignment } from "./assignment.js";
import { checkServedFaults } from "./check-strategy.js";
import { checkElastic, type RunWorkers } from "./elastic.js";
import type { MetricsWriter } from "./status/metrics-writer.js";
import type { StatusBoard } from "./status/status-board.js";

export interface RunFaultsOptions {
  readonly world: Pick<World, "clock" | "timers">;
  readonly faults: readonly Fault[];
  readonly chaos: ChaosOptions | undefined;
  /** The least number of workers, where it may change. */
  readonly least: number | undefined;
  /** Seed of the random faults. */
  readonly seed: number;
  /** Steps done when training begins. */
  readonly step: number;
  readonly assignment: Assignment;
  readonly cluster: RunSupervisor;
  /** Starts workers that join. */
  readonly pool: Pick<RunWorkers, "join">;
  readonly host: Pick<ProcessHost, "cut">;
  readonly disk: FaultyDisk;
  readonly board: StatusBoard;
  readonly log: RunLog;
  readonly record: MetricsWriter;
}

/** Milliseconds after which a fault looks again for a worker that was not there. */
const ABSENT = 50;

export class RunFaults {
  readonly #options: RunFaultsOptions;
  readonly #random: Random;
  readonly #injector: Injector;
  /** Faults whose moment has come and whose target is not there yet, by id. */
  readonly #due = new Map<number, Fault>();
  /** Cancel the timers. */
  readonly #cancels = new Set<() => void>();
  #closed = false;

  /** Training begins now. */
  constructor(options: RunFaultsOptions) {
    const { world, faults, chaos, seed, step, assignment } = options;
    this.#options = options;
    this.#random = new Random(seed, 0xfa17);
    this.#injector = new Injector({
      faults,
      chaos: chaos && chaosFaults(chaos, assignment.computing.length, this.#random),
      ports: this.#ports(),
      clock: world.clock,
      timers: world.timers,
      step,
    });
  }

  /** Faults of `--faults` that have not struck. */
  get waiting(): readonly Fault[] {
    return [...this.#injector.waiting, ...this.#due.values()];
  }

  /** Causes a fault, such as `kill worker-1`, now. @throws UsageError for words that name no fault of this run */
  now(text: string): void {
    const { computing, extras } = this.#options.assignment;
    const servers = extras.filter((node) => serverIndex(node) !== undefined).length;
    const action = parseAction(text, { workers: computing.length, servers });
    const faults: readonly Fault[] = [{ ...action, at: { by: "time", milliseconds: 0 } }];
    if (servers > 0) checkServedFaults({ faults });
    checkElastic(this.#options.least, { faults });
    this.#injector.now(action);
  }

  /** See `Injector`: progress of the run. */
  step(step: number): void {
    this.#injector.step(step);
  }

  checkpoint(number: number): void {
    this.#injector.checkpoint(number);
  }

  written(number: number, path: string): void {
    this.#injector.written(number, path);
  }

  /** Nothing strikes any more. Safe to call twice. */
  close(): void {
    this.#closed = true;
    this.#injector.close();
    for (const cancel of this.#cancels) cancel();
    this.#cancels.clear();
  }

  #ports(): InjectorPorts {
    const { assignment, cluster, host, disk, board, log, record } = this.#options;
    const { computing, workers } = assignment;
    const nodeOf = (name: string): string => nodeIn(assignment, name);
    const struck = (id: number, node: string, what: Struck, lasts?: number): void => {
      if (cluster.struck(node, id, what, lasts)) return;
      log.warn(`fault ${id} struck nothing: the process of ${node} was not running`);
    };
    return {
      kill: (id, node) => {
        struck(id, nodeOf(node), "process");
        cluster.kill(nodeOf(node));
      },
      hang: (id, node, milliseconds) => {
        struck(id, nodeOf(node), "process", milliseconds);
        board.suspended(nodeOf(node));
        cluster.hang(nodeOf(node), milliseconds);
        this.#after(milliseconds, () => board.resumed(nodeOf(node)));
      },
      lose: (id, device) =>
        this.#befall(id, device % workers, () => {
          struck(id, computing[device], "device");
          cluster.lose(computing[device]);
        }),
      corrupt: (id, target, how) => {
        const worker = target === undefined ? undefined : target % workers;
        this.#befall(id, worker, (up) => cluster.corrupt(worker ?? up[this.#random.below(up.length)], how, id));
      },
      slow: (id, target, how, milliseconds) => {
        const worker = target % workers;
        this.#befall(id, worker, () => cluster.slow(worker, how, milliseconds));
      },
      join: (id, count) => {
        const joined = this.#options.pool.join(count).length;
        const missing = joined < count ? `: there is room for ${joined} of ${count}` : "";
        if (missing) log.warn(`fault ${id} started fewer workers${missing}`);
      },
      leave: (id, worker) => this.#befall(id, worker, () => cluster.leave(worker)),
      cut: (id, node, milliseconds) => {
        struck(id, nodeOf(node), "process", milliseconds);
        host.cut(nodeOf(node), true);
        this.#after(milliseconds, () => host.cut(nodeOf(node), false));
      },
      failDisk: (id) => disk.failNextWrite(id),
      tearCheckpoint: (path) => {
        disk.tear(path).catch((error: Error) => log.warn(`${path} could not be torn: ${error.message}`));
      },
      report: (id, fault) => {
        if (["worker", "device", "gradient"].includes(faultKinds.get(fault.kind).befalls)) this.#due.set(id, fault);
        else record.injected(id, actionText(fault), targetIn(assignment, fault));
      },
    };
  }

  /** Strikes a worker, or any worker, as soon as one is up, and reports the fault then. */
  #befall(id: number, worker: number | undefined, strike: (up: readonly number[]) => void): void {
    const { board, record, assignment } = this.#options;
    const { up } = board;
    if (!(worker === undefined ? up.length > 0 : up.includes(worker))) {
      this.#after(ABSENT, () => this.#befall(id, worker, strike));
      return;
    }
    const fault = this.#due.get(id);
    if (fault) record.injected(id, actionText(fault), targetIn(assignment, fault));
    this.#due.delete(id);
    strike(up);
  }

  /** Calls `action` later, unless the run is over by then. */
  #after(milliseconds: number, action: () => void): void {
    if (this.#closed) return;
    const cancel = this.#options.world.timers.after(milliseconds, () => {
      this.#cancels.delete(cancel);
      action();
    });
    this.#cancels.add(cancel);
  }
}

/** The node that a fault means by `worker-1`. */
function nodeIn({ computing }: Assignment, name: string): string {
  return computing[workerIndex(name) ?? computing.length] ?? name;
}

/** The target of a fault, by the name in the record of its failures: in a pipeline a stage, or the driver. */
export function targetIn(assignment: Assignment, fault: Fault): string {
  const target = actionTarget(fault);
  const worker = "worker" in fault && typeof fault.worker === "number" ? fault.worker : undefined;
  switch (faultKinds.get(fault.kind).befalls) {
    case "worker":
    case "gradient":
      return worker === undefined ? target : workerName(worker % assignment.workers);
    case "device":
      return worker !== undefined && assignment.extras.length > 0 ? assignment.computing[worker] : target;
    default:
      return nodeIn(assignment, target);
  }
}
