/**
 * A snapshot that is being made: every server saves its piece, and if an evaluation is due, a worker evaluates the saved state. The
 * pieces may have different versions, because training goes on meanwhile.
 */
import type { Ref } from "../actor/ref.js";
import { Unanswered } from "../actor/retry.js";
import type { Snapshot } from "../cluster/protocol.js";
import type { Evaluation } from "../training/evaluate.js";
import type { Trigger } from "../training/triggers.js";
import { SNAPSHOT_OWNER } from "./order-log.js";
import type { SaveOrder, ToServedCoordinator, ToServedWorker, ToServer } from "./protocol.js";

interface Asked {
  readonly servers: readonly Ref<ToServer>[];
  readonly times: { readonly remind: number };
}

export class SnapshotOrder {
  readonly trigger: Trigger;
  readonly #options: Asked;
  readonly #order: SaveOrder;
  readonly #saved = new Set<number>();
  readonly #asked = new Unanswered();
  /** How often a worker was asked to evaluate. */
  #attempts = 0;
  /** Address of the worker that was asked last. */
  #evaluator: string | undefined;
  #errors: Evaluation | undefined;

  constructor(options: Asked, order: SaveOrder, trigger: Trigger) {
    this.#options = options;
    this.#order = order;
    this.trigger = trigger;
  }

  get snapshot(): Snapshot {
    const { round, set } = this.#order;
    // The digest is empty, because there are no replicas to compare.
    return { round, owner: SNAPSHOT_OWNER, set, digest: "", scalars: [] };
  }

  get errors(): Evaluation | undefined {
    return this.#errors;
  }

  saved(piece: number, order: SaveOrder): void {
    if (order.id !== this.#order.id) return;
    this.#saved.add(piece);
    if (this.#isSaved) this.#asked.answered();
  }

  evaluated(round: number, errors: Evaluation): void {
    if (round === this.#order.round) this.#errors ??= errors;
  }

  get #isSaved(): boolean {
    return this.#saved.size === this.#options.servers.length;
  }

  /** Asks for the missing pieces or the missing evaluation. Returns true if nothing is missing. */
  advance(workers: readonly Ref<ToServedWorker>[], coordinator: Ref<ToServedCoordinator>, now: number): boolean {
    const isWhole = this.#isSaved && (!this.trigger.evaluate || this.#errors !== undefined);
    if (isWhole) return true;
    if (!this.#isSaved) this.#askServers(coordinator, now);
    else this.#askWorker(workers, now);
    return false;
  }

  #askServers(replyTo: Ref<ToServedCoordinator>, now: number): void {
    const { servers, times } = this.#options;
    if (!this.#asked.isLate(times.remind, now)) return;
    this.#asked.sent(now);
    for (const [piece, ref] of servers.entries()) {
      if (!this.#saved.has(piece)) ref.tell({ kind: "save", ...this.#order, replyTo });
    }
  }

  /** Asks one worker after the other: a worker may fail meanwhile, and a worker that is gone does not answer. */
  #askWorker(workers: readonly Ref<ToServedWorker>[], now: number): void {
    const isAway = workers.every((ref) => ref.toString() !== this.#evaluator);
    if (workers.length === 0 || !(isAway || this.#asked.isLate(PATIENCE * this.#options.times.remind, now))) return;
    this.#asked.sent(now);
    const { term, round, set } = this.#order;
    const worker = workers[this.#attempts++ % workers.length];
    this.#evaluator = worker.toString();
    worker.tell({ kind: "evaluate", term, round, set });
  }
}

/** Another worker is asked after this many times the time between reminders. */
const PATIENCE = 3;
