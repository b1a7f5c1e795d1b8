/**
 * The coordinator's account to the ledger: what it is told, again and again until it is confirmed, and so also the states
 * that can be gone back to: the one in force, those that the ledger was told of, and those that it holds.
 *
 * Reports of snapshots are a chain, each one saying what came before it: so every round, evaluation and checkpoint is
 * told once.
 */
import type { Ref } from "../../actor/ref.js";
import { SETS } from "../../tensors/tensor-store.js";
import type { Evaluation } from "../../training/evaluate.js";
import { workerName } from "../names.js";
import type {
  Commit,
  LedgerState,
  Occasion,
  Snapshot,
  Succession,
  ToCoordinator,
  ToLedger,
  WorkerCard,
} from "../protocol.js";

type Report = ToLedger & { kind: "snapshot" };

export class Account {
  readonly #ledger: Ref<ToLedger>;
  readonly #replyTo: Ref<ToCoordinator>;
  readonly #stepsPerRound: number;
  #epoch: number;
  /** The last state that was agreed on. */
  #snapshot: Snapshot;
  /** What the ledger holds. */
  #kept: LedgerState;
  /** The end of the chain. */
  #reported: number;
  /** Rounds since. */
  #commits: Commit[] = [];
  /** What is not confirmed, in order. */
  #reports: Report[] = [];
  /** Why the run cannot go on. */
  #despair: string | undefined;
  #toldAt = 0;

  constructor(
    ledger: Ref<ToLedger>,
    replyTo: Ref<ToCoordinator>,
    stepsPerRound: number,
    { epoch, snapshot, pinned }: Succession,
  ) {
    this.#ledger = ledger;
    this.#replyTo = replyTo;
    this.#stepsPerRound = stepsPerRound;
    this.#epoch = epoch;
    this.#snapshot = snapshot;
    this.#kept = { kind: "kept", snapshot, pinned, last: false };
    this.#reported = snapshot.round;
  }

  get epoch(): number {
    return this.#epoch;
  }

  /** The state to go back to. */
  get snapshot(): Snapshot {
    return this.#snapshot;
  }

  /** The ledger was told of the snapshot, and of what was due with it. */
  get isReported(): boolean {
    return this.#reported >= this.#snapshot.round;
  }

  /** In the order of their rounds. */
  commit(commits: readonly Commit[]): void {
    this.#commits.push(...commits);
    if (commits.length > 0) this.#ledger.tell({ kind: "committed", epoch: this.#epoch, commits });
  }

  /** A worker has failed, of a fault perhaps, and so many rounds have to be done again. */
  failed(worker: number, failure: string, { fault, rounds = 0 }: { fault?: number; rounds?: number }): void {
    const stepsLost = rounds * this.#stepsPerRound;
    this.#ledger.tell({ kind: "failed", target: workerName(worker), failure, stepsLost, fault });
  }

  /** A worker has not answered for too long, though its process lives. */
  stuck(card: WorkerCard): void {
    this.#ledger.tell({ kind: "stuck", epoch: this.#epoch, card });
  }

  /** What was done since the snapshot is undone, and a new epoch begins. */
  rollBack(): void {
    this.#epoch++;
    this.#ledger.tell({ kind: "rolledBack", epoch: this.#epoch, round: this.#snapshot.round });
    this.#commits = this.#commits.filter(({ round }) => round < this.#snapshot.round);
  }

  /** From now on this is the snapshot. */
  agree(snapshot: Snapshot): void {
    this.#snapshot = snapshot;
  }

  /** Hands the snapshot to the ledger, with the rounds that led to it. */
  report(occasion: Occasion, errors: Evaluation | undefined, now: number): void {
    const [snapshot, after, commits] = [this.#snapshot, this.#reported, this.#commits];
    const epoch = this.#epoch;
    this.#reports.push({ kind: "snapshot", epoch, snapshot, after, commits, errors, occasion, replyTo: this.#replyTo });
    this.#reported = snapshot.round;
    this.#commits = [];
    this.#tell(now);
  }

  /** The run cannot go on. */
  giveUp(why: string, now: number): void {
    this.#despair = why;
    this.#tell(now);
  }

  /** Says again what was not confirmed for so many milliseconds. */
  remind(remind: number, now: number): void {
    if (now - this.#toldAt > remind) this.#tell(now);
  }

  confirm(kept: LedgerState): void {
    this.#kept = kept;
    const isConfirmed = ({ snapshot, occasion }: Report): boolean =>
      snapshot.round <= kept.snapshot.round && (kept.last || !occasion.last);
    this.#reports = this.#reports.filter((report) => !isConfirmed(report));
  }

  /** A set of which no worker has anything that is needed, besides those `taken`. */
  freeSet(taken: readonly number[]): number | undefined {
    const snapshots = [
      this.#snapshot,
      this.#kept.snapshot,
      ...this.#kept.pinned,
      ...this.#reports.map((r) => r.snapshot),
    ];
    const used = new Set([...snapshots.map(({ set }) => set), ...taken]);
    return Array.from({ length: SETS }, (_, set) => set).find((set) => !used.has(set));
  }

  #tell(now: number): void {
    this.#toldAt = now;
    for (const report of this.#reports) this.#ledger.tell({ ...report, epoch: this.#epoch });
    if (this.#despair !== undefined) {
      this.#ledger.tell({ kind: "hopeless", epoch: this.#epoch, why: this.#despair });
    }
  }
}
