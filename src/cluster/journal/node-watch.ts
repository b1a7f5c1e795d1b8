/**
 * Watches the nodes of a run for the journal. It ends a node that hangs, so that the node's supervisor starts it again, and
 * records what failed.
 */
import type { Context, Terminated } from "../../actor/behavior.js";
import type { Ref } from "../../actor/ref.js";
import { COORDINATOR, workerName } from "../../placement/names.js";
import type { ToCoordinator } from "../protocol.js";
import type { ToJournal, WatchedNode } from "./journal-protocol.js";
import { Liveness } from "./liveness.js";
import { OpenFailures, type OpenFailuresOptions } from "./open-failures.js";

export interface NodeWatchOptions extends OpenFailuresOptions {
  /** Ends a node that was given up, if it is still this incarnation. */
  kill(node: string, incarnation: number, why: string): void;
  /** The workers whose processes run. */
  workers(): readonly { readonly index: number; readonly incarnation: number }[];
  /** Milliseconds that a worker may take for one answer, and to join the coordinator. */
  readonly stepTimeout: number;
}

const STUCK = "it did not answer within the step timeout";

export class NodeWatch {
  readonly #context: Pick<Context<never>, "watch" | "unwatch" | "system">;
  readonly #options: NodeWatchOptions;
  readonly #liveness = new Liveness();
  readonly #failures: OpenFailures;
  #coordinator: Ref<ToCoordinator> | undefined;
  /** Incarnation of the coordinator's node. A new incarnation may start before the end of the old one is noticed. */
  #incarnation = 0;
  /** When the coordinator last listed each incarnation of a worker. */
  #seen = new Map<number, number>();

  constructor(context: Pick<Context<never>, "watch" | "unwatch" | "system">, options: NodeWatchOptions) {
    this.#context = context;
    this.#options = options;
    this.#failures = new OpenFailures(options, context.system.clock, this.#liveness);
  }

  /** A new coordinator has taken over. */
  takenOver(coordinator: Ref<ToCoordinator>, incarnation: number): void {
    if (this.#coordinator) this.#context.unwatch(this.#coordinator);
    this.#coordinator = coordinator;
    this.#incarnation = incarnation;
    this.#context.watch(coordinator);
    this.#failures.isBack(COORDINATOR);
    this.#seen.clear();
  }

  terminated({ ref, reason, error }: Terminated): void {
    const watched = this.#liveness.ended(ref);
    if (!watched && ref !== this.#coordinator) return;
    const { node, incarnation } = watched ?? { node: COORDINATOR, incarnation: this.#incarnation };
    if (this.#liveness.isOver(node, incarnation)) return;
    if (reason === "unreachable") this.#giveUp(node, incarnation, "it gave no sign of life");
    else this.#failures.lost(node, incarnation, error === undefined ? `it was ${reason}` : textOf(error), "device");
  }

  exited({ node, incarnation, why }: ToJournal & { kind: "exited" }): void {
    if (!this.#liveness.over(node, incarnation)) return;
    this.#failures.lost(node, incarnation, why);
    if (node === COORDINATOR && incarnation < this.#incarnation) this.#failures.isBack(node);
  }

  /** A node that is neither coordinator nor worker has started. */
  watch({ node, incarnation, ref, replyTo }: ToJournal & { kind: "watch" }): void {
    const watched = { node, incarnation, ref };
    this.#observe(watched);
    this.#failures.isThere(watched);
    replyTo.tell({ kind: "noted" });
  }

  /** A node that is neither coordinator nor worker lives, but does not answer. */
  silent(name: string): void {
    for (const { node, incarnation } of this.#liveness.on(name)) this.#giveUp(node, incarnation, STUCK);
  }

  /** A worker does not answer. */
  stuck(worker: number, incarnation: number): void {
    this.#giveUp(workerName(worker), incarnation, STUCK);
  }

  /** A worker leaves for good. Its end is no failure. */
  left(worker: number): void {
    const node = workerName(worker);
    for (const { index, incarnation } of this.#options.workers()) {
      if (index === worker) this.#liveness.over(node, incarnation);
    }
    this.#failures.left(node);
  }

  /** Something failed in a node that goes on. */
  failed(message: ToJournal & { kind: "failed" }): void {
    this.#failures.failed(message);
  }

  /** A round was committed, `ago` milliseconds ago: failures noticed before are over. */
  resumed(ago = 0): void {
    this.#failures.resumed(this.#now - ago);
  }

  /**
   * Takes the coordinator's list of workers. A worker hangs if its process runs, but no list has named it within the step
   * timeout.
   */
  listed({ infos, workers }: ToJournal & { kind: "status" }): void {
    const now = this.#now;
    const listed = new Set(infos.map(({ incarnation }) => incarnation));
    const seen = new Map<number, number>();
    for (const { index, incarnation } of this.#options.workers()) {
      const last = listed.has(incarnation) ? now : (this.#seen.get(incarnation) ?? now);
      seen.set(incarnation, last);
      if (now - last > this.#options.stepTimeout) this.#giveUp(workerName(index), incarnation, STUCK);
    }
    this.#seen = seen;
    const healed = new Set(workers.filter(({ state }) => state !== "healing").map(({ worker }) => worker));
    for (const { index, incarnation, ref } of infos) {
      const watched = { node: workerName(index), incarnation, ref };
      this.#observe(watched);
      if (healed.has(index)) this.#failures.isThere(watched);
    }
  }

  get #now(): number {
    return this.#context.system.clock.now();
  }

  #observe(watched: WatchedNode): void {
    if (this.#liveness.observe(watched)) this.#context.watch(watched.ref);
  }

  /** Ends a node. A failed actor is not given up here, because its own supervisor restarts it. */
  #giveUp(node: string, incarnation: number, why: string): void {
    if (!this.#liveness.over(node, incarnation)) return;
    this.#failures.lost(node, incarnation, why);
    this.#options.kill(node, incarnation, why);
  }
}

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
