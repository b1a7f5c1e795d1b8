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
 * The run goes on while one worker is left: see `Fleet`.
 */
import type { Start } from "../../actor/behavior.js";
import type { Ref } from "../../actor/ref.js";
import { EscalationError } from "../../actor/supervision.js";
import { ActorSystem } from "../../actor/system.js";
import type { Slowdown } from "../../faults/definition.js";
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
import { Fleet } from "./fleet.js";
import { Addresses } from "./nodes.js";
import { processSupervisor } from "./process-supervisor.js";
import { lastFailure } from "./root-cause.js";
import { Suspensions } from "./suspensions.js";

export interface RunSupervisorOptions {
  readonly world: Pick<World, "clock" | "timers" | "scheduler">;
  readonly fabric: Fabric;
  /**
   * `stepTimeout`: milliseconds that a worker may take for one answer before its process is ended. Default: no limit.
   */
  readonly times?: NodeOptions & Partial<Pick<ClusterTimes, "restartPause" | "stepTimeout">>;
  /** The most workers at a time. */
  readonly workers: number;
  /** The number of workers that the run begins with. Default: all. */
  readonly first?: number;
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

const GIVEN_UP = "it failed again and again, and was given up";

export class RunSupervisor {
  readonly #options: RunSupervisorOptions;
  readonly #system: ActorSystem;
  readonly #node: Node;
  readonly #addresses: Addresses;
  readonly #journal: Ref<ToJournal>;
  readonly #fleet: Fleet;
  readonly #running = new Map<string, HostedNode>();
  readonly #strikes = new Strikes();
  /** Why nodes were ended, by incarnation. */
  readonly #givenUp = new Map<number, string>();
  readonly #suspensions: Suspensions;
  #incarnations = 0;

  constructor(options: RunSupervisorOptions) {
    const { world, fabric, times, seed, listener } = options;
    this.#options = options;
    this.#suspensions = new Suspensions(world.timers);
    this.#system = new ActorSystem({
      world,
      node: MAIN,
      seed,
      supervision: { intensity: 0 },
      // The journal tells the listener of the failures that matter.
      onFailure: () => undefined,
      onRootFailure: (error) =>
        listener.ended({ error: lastFailure(error instanceof EscalationError ? error.cause : error) }),
    });
    this.#node = new Node(
      this.#system,
      fabric.transport,
      times && { heartbeat: times.heartbeat, timeout: times.timeout },
    );
    this.#addresses = new Addresses(this.#node);
    this.#journal = this.#spawn();
    const { workers, first = workers } = options;
    this.#fleet = new Fleet(this.#system, {
      ...{ first, most: workers },
      supervisor: (name) => this.#supervisor(name),
      onGivenUp: (target) => this.#journal.tell({ kind: "failed", target, failure: GIVEN_UP, stepsLost: 0 }),
    });
  }

  /** Starts `count` more workers, or as many as there is room for. Returns their numbers. */
  join(count: number): readonly number[] {
    return this.#fleet.join(count);
  }

  /** Asks a worker to leave for good. It leaves once another can go on from its state. Returns false if it takes no part. */
  leave(worker: number): boolean {
    const isThere = this.#fleet.has(worker);
    if (isThere) this.#journal.tell({ kind: "leave", worker });
    return isThere;
  }

  /** Ends the run soon, with a snapshot. */
  stop(): void {
    this.#journal.tell({ kind: "stop" });
  }

  /** Ends all nodes. Resolves when they are gone. */
  async close(): Promise<void> {
    this.#suspensions.close();
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
    this.#suspensions.begin(this.#running.get(node), milliseconds);
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

  /** A worker takes longer for a part, for `milliseconds`. */
  slow(worker: number, how: Slowdown, milliseconds: number): void {
    this.#addresses.worker(worker).tell({ kind: "slow", ...how, milliseconds });
  }

  get #workers(): { readonly index: number; readonly incarnation: number }[] {
    return [...this.#running.values()].flatMap(({ spec: { name, incarnation } }) => {
      const index = workerIndex(name);
      return index === undefined || !this.#fleet.has(index) ? [] : [{ index, incarnation }];
    });
  }

  #spawn(): Ref<ToJournal> {
    const { fabric, save, origin, listener, extras = [], services = {}, times } = this.#options;
    const saver = this.#system.spawn("checkpointer", checkpointer(fabric.tensors, save));
    const options = {
      origin,
      listener,
      checkpointer: saver,
      kill: (node: string, incarnation: number, why: string) => this.#giveUp(node, incarnation, why),
      workers: () => this.#workers,
      fleet: { size: () => this.#fleet.size, dismiss: (worker: number) => this.#dismiss(worker) },
      stepTimeout: times?.stepTimeout ?? Number.POSITIVE_INFINITY,
      faultsOf: (incarnation: number, failed: Struck) => this.#strikes.take(incarnation, failed, this.#now),
    };
    const ref = this.#system.spawn("journal", journal(options));
    for (const [name, start] of Object.entries(services)) this.#system.spawn(name, start);
    this.#system.spawn("coordinator", this.#supervisor(COORDINATOR));
    for (const name of extras) this.#system.spawn(name, this.#supervisor(name));
    return ref;
  }

  /** Ends the process of a worker that has nothing left to do for the run. */
  #dismiss(worker: number): void {
    const name = workerName(worker);
    const running = this.#running.get(name);
    this.#running.delete(name);
    this.#fleet.dismiss(worker);
    // The worker may leave before the coordinator has released it, so the coordinator is told.
    if (running) this.#addresses.coordinator.tell({ kind: "gone", worker, incarnation: running.spec.incarnation });
    this.#options.listener.left(name);
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
}
