/**
 * The workers of a run: which of them take part, and the supervisors of their processes. Workers join and leave while the run
 * goes on. A worker that fails again and again is given up.
 */
import type { Behavior, Context, Start } from "../../actor/behavior.js";
import type { Ref } from "../../actor/ref.js";
import type { ActorSystem } from "../../actor/system.js";
import { DawnpourError } from "../../error.js";
import { workerIndex, workerName } from "../../placement/names.js";
import { rootCause } from "./root-cause.js";

interface FleetOptions {
  /** The workers that the run begins with: those with the lowest numbers. */
  readonly first: number;
  /** The most workers at a time. */
  readonly most: number;
  /** The supervisor of a worker's process. */
  supervisor(name: string): Start<never>;
  /** A worker failed again and again, and is given up. */
  onGivenUp(name: string): void;
}

interface ToFleet {
  readonly kind: "join" | "dismiss";
  readonly worker: number;
}

export class Fleet {
  readonly #options: FleetOptions;
  readonly #members: Set<number>;
  /** Workers that were dismissed. Their processes may still run. */
  readonly #ending = new Set<number>();
  readonly #ref: Ref<ToFleet>;

  constructor(system: ActorSystem, options: FleetOptions) {
    this.#options = options;
    this.#members = new Set(Array.from({ length: options.first }, (_, worker) => worker));
    this.#ref = system.spawn<ToFleet>("workers", (context) => this.#supervising(context));
  }

  get size(): number {
    return this.#members.size;
  }

  has(worker: number): boolean {
    return this.#members.has(worker);
  }

  /** Starts `count` more workers, or as many as there is room for; returns their numbers. */
  join(count: number): number[] {
    const isFree = (worker: number): boolean => !this.#members.has(worker) && !this.#ending.has(worker);
    const free = Array.from({ length: this.#options.most }, (_, worker) => worker).filter(isFree);
    const joining = free.slice(0, count);
    for (const worker of joining) {
      this.#members.add(worker);
      this.#ref.tell({ kind: "join", worker });
    }
    return joining;
  }

  /** Ends the process of a worker for good. */
  dismiss(worker: number): void {
    if (!this.#members.delete(worker)) return;
    this.#ending.add(worker);
    this.#ref.tell({ kind: "dismiss", worker });
  }

  #supervising(context: Context<ToFleet>): Behavior<ToFleet> {
    const supervisors = new Map<number, Ref<never>>();
    const begin = (worker: number): void => {
      const name = workerName(worker);
      const ref = context.spawn(name, this.#options.supervisor(name), { restart: "temporary" });
      supervisors.set(worker, ref);
      context.watch(ref);
    };
    for (const worker of this.#members) begin(worker);
    return {
      receive: ({ kind, worker }) => {
        const ref = supervisors.get(worker);
        if (kind === "join") begin(worker);
        else if (ref) context.stop(ref);
      },
      terminated: ({ ref, error }) => this.#ended(ref.address.path.split("/").at(-1) ?? "", error),
    };
  }

  #ended(name: string, error: unknown): void {
    const worker = workerIndex(name);
    if (worker === undefined || this.#ending.delete(worker)) return;
    this.#members.delete(worker);
    this.#options.onGivenUp(name);
    if (this.#members.size === 0) throw new DawnpourError(`no worker is left: ${rootCause(error)}, again and again`);
  }
}
