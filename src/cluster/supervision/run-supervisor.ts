/**
 * Supervises a run: the tree of actors in the main process. The nodes are processes, or simulated. The journal tells
 * the run's listener what happens.
 *
 *     journal        the record of the run
 *     checkpointer   writes snapshots to disk
 *     services       further actors, each under its name
 *     coordinator    supervisor of the coordinator's process
 *     extras         supervisors of further processes, each under its name
 *     workers        supervisors of the workers' processes
 *
 * The run goes on while one worker is left. A worker that fails again and again is given up.
 */
import type { Context, Start } from "../../actor/behavior.js";
import type { Ref } from "../../actor/ref.js";
import { EscalationError } from "../../actor/supervision.js";
import { ActorSystem } from "../../actor/system.js";
import { DawnpourError } from "../../error.js";
import { Strikes, type Struck } from "../../faults/strikes.js";
import { COORDINATOR, MAIN, workerIndex, workerName } from "../../placement/names.js";
import type { HostedNode } from "../../transport/host.js";
import { Node, type NodeOptions } from "../../transport/node.js";
import type { World } from "../../world/world.js";
import type { Fabric } from "../fabric.js";
import { checkpointer, type SaveState } from "../journal/checkpointer.js";
import { journal } from "../journal/journal.js";
import type { ToJournal } from "../journal/journal-protocol.js";
import type { RunListener } from "../journal/run-listener.js";
import type { Corruption, Snapshot } from "../protocol.js";
import { type ClusterTimes, DEFAULT_TIMES } from "../times.js";
import { Addresses } from "./nodes.js";
import { processSupervisor } from "./process-supervisor.js";
import { rootCause } from "./root-cause.js";

export interface RunSupervisorOptions {
  readonly world: Pick<World, "clock" | "timers" | "scheduler">;
  readonly fabric: Fabric;
  /**
   * `stepTimeout`: milliseconds that a worker may take for one answer before its process is ended. Default: no limit.
   */
  readonly times?: NodeOptions & Partial<Pick<ClusterTimes, "restartPause" | "stepTimeout">>;
  readonly workers: number;
  /** Further nodes. The run ends with an error when one of them is given up. */
  readonly extras?: readonly string[];
  /** Further actors of the main process, by name. The run ends with an error when one of them fails. */
  readonly services?: Readonly<Record<string, Start<never>>>;
  /** Plain data: the task of a node. */
  task(node: string): unknown;
  /** Environment variables of a node's process. */
  environment?(node: string): Readonly<Record<string, string>> | undefined;
  /** The state to begin with, in the tensor store. */
  readonly origin: Snapshot;
  readonly save: SaveState;
  readonly listener: RunListener;
  /** Seed of the jitter of restart pauses. */
  readonly seed?: number;
}

export class RunSupervisor {
  readonly #options: RunSupervisorOptions;
  readonly #system: ActorSystem;
  readonly #node: Node;
  readonly #addresses: Addresses;
  readonly #journal: Ref<ToJournal>;
  readonly #running = new Map<string, HostedNode>();
  readonly #strikes = new Strikes();
  /** Why nodes were ended, by incarnation. */
  readonly #givenUp = new Map<number, string>();
  /** Cancel the timers that resume suspended nodes. */
  readonly #resumptions = new Set<() => void>();
  #incarnations = 0;

  constructor(options: RunSupervisorOptions) {
    const { world, fabric, times, seed, listener } = options;
    this.#options = options;
    this.#system = new ActorSystem({
      world,
      node: MAIN,
      seed,
      supervision: { intensity: 0 },
      // The journal tells the listener of the failures that matter.
      onFailure: () => undefined,
      onRootFailure: (error) =>
        listener.ended({ error: explain(error instanceof EscalationError ? error.cause : error) }),
    });
    this.#node = new Node(
      this.#system,
      fabric.transport,
      times && { heartbeat: times.heartbeat, timeout: times.timeout },
    );
    this.#addresses = new Addresses(this.#node);
    this.#journal = this.#spawn();
  }

  /** Ends the run soon, with a snapshot. */
  stop(): void {
    this.#journal.tell({ kind: "stop" });
  }

  /** Ends all nodes. Resolves when they are gone. */
  async close(): Promise<void> {
    for (const cancel of this.#resumptions) cancel();
    await this.#system.stop();
    this.#node.close();
  }

  /**
   * Announces that a fault is about to strike a node: the record of the failures that follow carries its id. False when
   * the process of the node does not run.
   *
   * @param lasts milliseconds after which the node works again
   */
  struck(node: string, fault: number, struck: Struck, lasts?: number): boolean {
    const running = this.#running.get(node);
    const until = lasts === undefined ? undefined : this.#now + lasts + this.#notice;
    if (running) this.#strikes.add(running.spec.incarnation, { fault, struck, until });
    return running !== undefined;
  }

  get #now(): number {
    return this.#options.world.clock.now();
  }

  /** Milliseconds within which other nodes, and then the main process, notice that a node is suspended. */
  get #notice(): number {
    return 2 * (this.#options.times?.timeout ?? DEFAULT_TIMES.timeout);
  }

  /** Kills a node's process; its supervisor starts it again. */
  kill(node: string): void {
    this.#running.get(node)?.kill();
  }

  /** Suspends a node for `milliseconds`. */
  hang(node: string, milliseconds: number): void {
    const running = this.#running.get(node);
    running?.suspend();
    const cancel = this.#options.world.timers.after(milliseconds, () => {
      this.#resumptions.delete(cancel);
      running?.resume();
    });
    this.#resumptions.add(cancel);
  }

  /** A worker, or a stage of a pipeline, loses its device. */
  lose(node: number | string): void {
    const worker = typeof node === "number" ? node : workerIndex(node);
    const ref =
      worker === undefined ? this.#addresses.stage<{ kind: "lose" }>(String(node)) : this.#addresses.worker(worker);
    ref.tell({ kind: "lose" });
  }

  /** Damages the next gradient of a worker. */
  corrupt(worker: number, how: Corruption, fault?: number): void {
    this.#addresses.worker(worker).tell({ kind: "corrupt", how, fault });
  }

  /** A worker takes `factor` times as long for a part, for `milliseconds`. */
  slow(worker: number, factor: number, milliseconds: number): void {
    this.#addresses.worker(worker).tell({ kind: "slow", factor, milliseconds });
  }

  get #workers(): { readonly index: number; readonly incarnation: number }[] {
    return [...this.#running.values()].flatMap(({ spec: { name, incarnation } }) => {
      const index = workerIndex(name);
      return index === undefined ? [] : [{ index, incarnation }];
    });
  }

  #spawn(): Ref<ToJournal> {
    const { fabric, save, origin, listener, workers, extras = [], services = {}, times } = this.#options;
    const saver = this.#system.spawn("checkpointer", checkpointer(fabric.tensors, save));
    const options = {
      origin,
      listener,
      checkpointer: saver,
      kill: (node: string, incarnation: number, why: string) => this.#giveUp(node, incarnation, why),
      workers: () => this.#workers,
      stepTimeout: times?.stepTimeout ?? Number.POSITIVE_INFINITY,
      faultsOf: (incarnation: number, failed: Struck) => this.#strikes.take(incarnation, failed, this.#now),
    };
    const ref = this.#system.spawn("journal", journal(options));
    for (const [name, start] of Object.entries(services)) this.#system.spawn(name, start);
    this.#system.spawn("coordinator", this.#supervisor(COORDINATOR));
    for (const name of extras) this.#system.spawn(name, this.#supervisor(name));
    this.#system.spawn("workers", this.#fleet(workers));
    return ref;
  }

  #fleet(count: number): Start<never> {
    return (context: Context<never>) => {
      let left = count;
      for (let index = 0; index < count; index++) {
        const name = workerName(index);
        context.watch(context.spawn(name, this.#supervisor(name), { restart: "temporary" }));
      }
      return {
        receive: () => undefined,
        terminated: ({ ref, error }) => {
          left--;
          this.#failed(ref.address.path.split("/").at(-1) ?? "", "it failed again and again, and was given up");
          if (left === 0) throw new DawnpourError(`no worker is left: ${rootCause(error)}, again and again`);
        },
      };
    };
  }

  #supervisor(name: string): Start<never> {
    const { fabric, task, environment, times } = this.#options;
    return processSupervisor({
      host: fabric.host,
      restartPause: times?.restartPause ?? DEFAULT_TIMES.restartPause,
      spec: () => ({ name, incarnation: ++this.#incarnations, task: task(name), environment: environment?.(name) }),
      onStart: (node) => this.#running.set(name, node),
      onExit: (node, why) => this.#exited(node, why),
    });
  }

  /** Ends a node if it is still this incarnation. */
  #giveUp(node: string, incarnation: number, why: string): void {
    const running = this.#running.get(node);
    if (running?.spec.incarnation !== incarnation) return;
    this.#givenUp.set(incarnation, why);
    running.kill();
  }

  #exited(node: HostedNode, how: string): string {
    const { name, incarnation } = node.spec;
    if (this.#running.get(name) === node) this.#running.delete(name);
    const why = this.#givenUp.get(incarnation) ?? how;
    this.#givenUp.delete(incarnation);
    this.#journal.tell({ kind: "exited", node: name, incarnation, why });
    const worker = workerIndex(name);
    if (worker !== undefined) this.#addresses.coordinator.tell({ kind: "gone", worker, incarnation });
    return why;
  }

  #failed(target: string, failure: string): void {
    this.#journal.tell({ kind: "failed", target, failure, stepsLost: 0 });
  }
}

/** The last failure of a child that failed again and again. */
function explain(failure: unknown): unknown {
  if (!(failure instanceof EscalationError)) return failure;
  return new DawnpourError(`${rootCause(failure)}, again and again`, { cause: failure });
}
