/**
 * Records which rounds are over: a round is over when every part has done its clock. It also orders the snapshots and evaluations
 * that are due, and the last snapshot of the run.
 */
import type { Ref } from "../actor/ref.js";
import type { JournalClient } from "../cluster/journal/journal-client.js";
import type { Takeover } from "../cluster/journal/journal-protocol.js";
import type { Evaluation } from "../training/evaluate.js";
import { LAST, type Trigger, type Triggers } from "../training/triggers.js";
import type { Clock } from "../world/world.js";
import type { Grant } from "./grant.js";
import type { PartTable } from "./part-table.js";
import type { SaveOrder, ToServedCoordinator, ToServedWorker, ToServer } from "./protocol.js";
import { SnapshotOrder } from "./snapshot-order.js";

interface RecordParts {
  readonly clock: Clock;
  readonly triggers: Triggers;
  readonly journal: JournalClient;
  readonly table: PartTable;
  /** Where parts come together. */
  readonly grant?: Grant;
  readonly servers: readonly Ref<ToServer>[];
  readonly times: { readonly remind: number };
}

export class RoundRecord {
  readonly #parts: RecordParts;
  /** All rounds before this one are reported. */
  #round: number;
  #stopping: boolean;
  #snapshot: SnapshotOrder | undefined;
  /** Number of snapshots that were ordered. */
  #orders = 0;
  #isOver = false;

  constructor(parts: RecordParts, { committed, stopping }: Pick<Takeover, "committed" | "stopping">) {
    this.#parts = parts;
    this.#round = committed;
    this.#stopping = stopping;
  }

  /** Whether the run is ending: then no part has to go on. */
  get isEnding(): boolean {
    // Parts that come together stop with a round, as far as they may go.
    return this.#isOver || (this.#stopping && !this.#parts.grant);
  }

  /** Ends the run soon, with a snapshot. */
  stop(): void {
    this.#stopping = true;
  }

  saved(piece: number, order: SaveOrder): void {
    this.#snapshot?.saved(piece, order);
  }

  evaluated(round: number, errors: Evaluation): void {
    this.#snapshot?.evaluated(round, errors);
  }

  get #now(): number {
    return this.#parts.clock.now();
  }

  /** Reports the rounds that are over, and orders a snapshot if one is due. */
  goOn(workers: readonly Ref<ToServedWorker>[], coordinator: Ref<ToServedCoordinator>): void {
    if (this.#isOver) return;
    if (!this.#snapshot && this.#stopping && this.#isAtSnapshot) {
      this.#report(LAST, undefined);
      return;
    }
    if (!this.#snapshot) this.#commit();
    const order = this.#snapshot;
    if (!order && !this.#stopping) this.#extendGrant();
    if (!order?.advance(workers, coordinator, this.#now)) return;
    this.#snapshot = undefined;
    this.#parts.journal.agree(order.snapshot);
    this.#report(order.trigger, order.errors);
    this.goOn(workers, coordinator);
  }

  /** Whether the snapshot in force is that of the current round. */
  get #isAtSnapshot(): boolean {
    const { snapshot, isReported } = this.#parts.journal;
    return isReported && snapshot.round === this.#parts.table.round && this.#isStill;
  }

  /** Whether the state may be saved: where parts come together, when they wait for that. */
  get #isStill(): boolean {
    const { grant, table } = this.#parts;
    return !grant || grant.until === table.round;
  }

  #extendGrant(): void {
    const { grant, table } = this.#parts;
    // A round in which something is due is not recorded before all parts wait in it.
    if (grant && this.#round === table.round) grant.extend(this.#round);
  }

  #commit(): void {
    const first = this.#round;
    const { workers, round } = this.#parts.table;
    const due = this.#due(first);
    if (due && !this.#isStill) return;
    const set = due && this.#parts.journal.freeSet([]);
    // Without a free set for the snapshot, the rounds are reported later.
    if (due && set === undefined) return;
    const rounds = Array.from({ length: round - first }, (_, i) => {
      const loss = this.#parts.table.takeLoss(first + i);
      return { round: first + i, loss, workers };
    });
    this.#parts.journal.commit(rounds);
    this.#round = round;
    if (!due || set === undefined) return;
    const order = { term: this.#parts.journal.term, id: ++this.#orders, round, set };
    this.#snapshot = new SnapshotOrder(this.#parts, order, due);
  }

  #report(trigger: Trigger, errors: Evaluation | undefined): void {
    const { checkpoint, last } = trigger;
    this.#parts.triggers.took(trigger, 0, 0);
    this.#parts.journal.report({ checkpoint, last }, errors, this.#now);
    this.#isOver = last;
  }

  /** The trigger for the rounds after `first` that are over: all that is due at any of them. */
  #due(first: number): Trigger | undefined {
    const { round } = this.#parts.table;
    if (this.#stopping) return LAST;
    if (round >= this.#parts.triggers.options.rounds) return { ...LAST, evaluate: true };
    const passed = Array.from({ length: round - first }, (_, i) => this.#parts.triggers.due(first + 1 + i));
    const found = passed.filter((trigger) => trigger !== undefined);
    if (found.length === 0) return undefined;
    const any = (what: "evaluate" | "checkpoint"): boolean => found.some((trigger) => trigger[what]);
    return { evaluate: any("evaluate"), checkpoint: any("checkpoint"), last: false };
  }
}
