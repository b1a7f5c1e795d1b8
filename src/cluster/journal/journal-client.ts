/**
 * The coordinator's account to the journal: what it is told, again and again until it is confirmed, and so also the states
 * that can be gone back to: the one in force, those that the journal was told of, and those that it holds.
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
  JournalState,
  Snapshot,
  SnapshotPurpose,
  Takeover,
  ToCoordinator,
  ToJournal,
  WorkerInfo,
} from "../protocol.js";

type Report = ToJournal & { kind: "snapshot" };

export class JournalClient {
  readonly #journal: Ref<ToJournal>;
  readonly #replyTo: Ref<ToCoordinator>;
  readonly #stepsPerRound: number;
  #term: number;
  /** The last state that was agreed on. */
  #snapshot: Snapshot;
  /** What the journal holds. */
  #kept: JournalState;
  /** The end of the chain. */
  #reported: number;
  /** Rounds since. */
  #commits: Commit[] = [];
  /** What is not confirmed, in order. */
  #reports: Report[] = [];
  /** Why the run cannot go on. */
  #fatal: string | undefined;
  #toldAt = 0;

  constructor(
    journal: Ref<ToJournal>,
    replyTo: Ref<ToCoordinator>,
    stepsPerRound: number,
    { term, snapshot, pinned }: Takeover,
  ) {
    this.#journal = journal;
    this.#replyTo = replyTo;
    this.#stepsPerRound = stepsPerRound;
    this.#term = term;
    this.#snapshot = snapshot;
    this.#kept = { kind: "kept", snapshot, pinned, last: false };
    this.#reported = snapshot.round;
  }

  get term(): number {
    return this.#term;
  }

  /** The state to go back to. */
  get snapshot(): Snapshot {
    return this.#snapshot;
  }

  /** The journal was told of the snapshot, and of what was due with it. */
  get isReported(): boolean {
    return this.#reported >= this.#snapshot.round;
  }

  /** In the order of their rounds. */
  commit(commits: readonly Commit[]): void {
    this.#commits.push(...commits);
    if (commits.length > 0) this.#journal.tell({ kind: "committed", term: this.#term, commits });
  }

  /** A worker has failed, of a fault perhaps, and so many rounds have to be done again. */
  failed(worker: number, failure: string, { fault, rounds = 0 }: { fault?: number; rounds?: number }): void {
    const stepsLost = rounds * this.#stepsPerRound;
    this.#journal.tell({ kind: "failed", target: workerName(worker), failure, stepsLost, fault });
  }

  /** A worker has not answered for too long, though its process lives. */
  stuck(info: WorkerInfo): void {
    this.#journal.tell({ kind: "stuck", term: this.#term, info });
  }

  /** What was done since the snapshot is undone, and a new term begins. */
  rollBack(): void {
    this.#term++;
    this.#journal.tell({ kind: "rolledBack", term: this.#term, round: this.#snapshot.round });
    this.#commits = this.#commits.filter(({ round }) => round < this.#snapshot.round);
  }

  /** From now on this is the snapshot. */
  agree(snapshot: Snapshot): void {
    this.#snapshot = snapshot;
  }

  /** Hands the snapshot to the journal, with the rounds that led to it. */
  report(purpose: SnapshotPurpose, errors: Evaluation | undefined, now: number): void {
    const [snapshot, after, commits] = [this.#snapshot, this.#reported, this.#commits];
    const term = this.#term;
    this.#reports.push({ kind: "snapshot", term, snapshot, after, commits, errors, purpose, replyTo: this.#replyTo });
    this.#reported = snapshot.round;
    this.#commits = [];
    this.#tell(now);
  }

  /** The run cannot go on. */
  giveUp(why: string, now: number): void {
    this.#fatal = why;
    this.#tell(now);
  }

  /** Says again what was not confirmed for so many milliseconds. */
  remind(remind: number, now: number): void {
    if (now - this.#toldAt > remind) this.#tell(now);
  }

  confirm(kept: JournalState): void {
    this.#kept = kept;
    const isConfirmed = ({ snapshot, purpose }: Report): boolean =>
      snapshot.round <= kept.snapshot.round && (kept.last || !purpose.last);
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
    for (const report of this.#reports) this.#journal.tell({ ...report, term: this.#term });
    if (this.#fatal !== undefined) {
      this.#journal.tell({ kind: "fatal", term: this.#term, why: this.#fatal });
    }
  }
}
