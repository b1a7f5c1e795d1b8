/**
 * A snapshot under way: every server saves its piece, and where an evaluation is due, a worker evaluates what was saved.
 * The pieces are of different versions, because training goes on meanwhile.
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
  /** Workers that were asked to evaluate. */
  #attempts = 0;
  #errors: Evaluation | undefined;

  constructor(options: Asked, order: SaveOrder, trigger: Trigger) {
    this.#options = options;
    this.#order = order;
    this.trigger = trigger;
  }

  get snapshot(): Snapshot {
    const { round, set } = this.#order;
    // There are no replicas to compare.
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

  /** Asks for what is missing; true when nothing is. */
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

  /** One worker after the other: a worker may fail meanwhile. */
  #askWorker(workers: readonly Ref<ToServedWorker>[], now: number): void {
    const isFirst = this.#attempts === 0;
    if (workers.length === 0 || !(isFirst || this.#asked.isLate(PATIENCE * this.#options.times.remind, now))) return;
    this.#asked.sent(now);
    const { term, round, set } = this.#order;
    workers[this.#attempts++ % workers.length].tell({ kind: "evaluate", term, round, set });
  }
}

/** Reminders that pass before another worker is asked. */
const PATIENCE = 3;
