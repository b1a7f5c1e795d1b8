/**
 * The coordinator's client of the journal. Its reports are sent until the journal confirms them. It also keeps the
 * snapshots that a roll-back can use: the one in force, those that were reported, and those that the journal holds.
 *
 * Reports of snapshots form a chain: each one names the snapshot before it. So every round, evaluation and checkpoint
 * is recorded once.
 */
import type { Ref } from "../../actor/ref.js";
import { Outbox } from "../../actor/retry.js";
import { workerName } from "../../placement/names.js";
import { SETS } from "../../tensors/tensor-store.js";
import type { Evaluation } from "../../training/evaluate.js";
import type { Snapshot, ToCoordinator, WorkerInfo } from "../protocol.js";
import type { Commit, JournalState, SnapshotPurpose, Takeover, ToJournal } from "./journal-protocol.js";

type Report = ToJournal & { kind: "snapshot" | "fatal" };

export class JournalClient {
  readonly #journal: Ref<ToJournal>;
  readonly #replyTo: Ref<ToCoordinator>;
  #term: number;
  /** The last state that the replicas agreed on. */
  #snapshot: Snapshot;
  /** The state of the journal, as last confirmed. */
  #kept: JournalState;
  /** The round of the last snapshot that was reported. */
  #reported: number;
  /** Rounds since that snapshot. */
  #commits: Commit[] = [];
  readonly #reports = new Outbox<Report>((report) => this.#journal.tell({ ...report, term: this.#term }));

  constructor(journal: Ref<ToJournal>, replyTo: Ref<ToCoordinator>, { term, snapshot, pinned }: Takeover) {
    this.#journal = journal;
    this.#replyTo = replyTo;
    this.#term = term;
    this.#snapshot = snapshot;
    this.#kept = { kind: "kept", snapshot, pinned, last: false };
    this.#reported = snapshot.round;
  }

  get term(): number {
    return this.#term;
  }

  /** The state that a roll-back returns to. */
  get snapshot(): Snapshot {
    return this.#snapshot;
  }

  /** Whether the snapshot is reported, with the evaluation and the checkpoint that were due. */
  get isReported(): boolean {
    return this.#reported >= this.#snapshot.round;
  }

  /** Adds rounds, in order. */
  commit(commits: readonly Commit[]): void {
    this.#commits.push(...commits);
    if (commits.length > 0) this.#journal.tell({ kind: "committed", term: this.#term, commits });
  }

  /** A worker failed; `stepsLost` steps are done again. `fault` is the id of the fault that caused it. */
  failed(worker: number, failure: string, { fault, stepsLost = 0 }: { fault?: number; stepsLost?: number }): void {
    this.#journal.tell({ kind: "failed", target: workerName(worker), failure, stepsLost, fault });
  }

  /** A worker has not answered for too long, though its process lives. */
  stuck(info: WorkerInfo): void {
    this.#journal.tell({ kind: "stuck", term: this.#term, info });
  }

  /** A worker may end: it was asked to leave, and has nothing left to do. */
  released(worker: number): void {
    this.#journal.tell({ kind: "released", term: this.#term, worker });
  }

  /** Undoes the rounds since the snapshot and begins a new term. */
  rollBack(): void {
    this.#term++;
    this.#journal.tell({ kind: "rolledBack", term: this.#term, round: this.#snapshot.round });
    this.#commits = this.#commits.filter(({ round }) => round < this.#snapshot.round);
  }

  /** Makes this the snapshot in force. */
  agree(snapshot: Snapshot): void {
    this.#snapshot = snapshot;
  }

  /** Reports the snapshot to the journal, with the rounds that led to it. */
  report(purpose: SnapshotPurpose, errors: Evaluation | undefined, now: number): void {
    const [snapshot, after, commits] = [this.#snapshot, this.#reported, this.#commits];
    const term = this.#term;
    this.#reported = snapshot.round;
    this.#commits = [];
    const report = {
      kind: "snapshot",
      term,
      snapshot,
      after,
      commits,
      errors,
      purpose,
      replyTo: this.#replyTo,
    } as const;
    this.#reports.add(report, now);
  }

  /** Reports that the run cannot go on. The journal does not answer this. */
  giveUp(why: string, now: number): void {
    this.#reports.add({ kind: "fatal", term: this.#term, why }, now);
  }

  /** Sends again each report that was not confirmed within `remind` milliseconds. */
  remind(remind: number, now: number): void {
    this.#reports.remind(remind, now);
  }

  confirm(kept: JournalState): void {
    this.#kept = kept;
    this.#reports.confirm(
      (report) =>
        report.kind === "snapshot" &&
        report.snapshot.round <= kept.snapshot.round &&
        (kept.last || !report.purpose.last),
    );
  }

  /** A set of the tensor store that no snapshot uses and that is not in `taken`. */
  freeSet(taken: readonly number[]): number | undefined {
    const snapshots = [
      this.#snapshot,
      this.#kept.snapshot,
      ...this.#kept.pinned,
      ...this.#reports.waiting.flatMap((report) => (report.kind === "snapshot" ? report.snapshot : [])),
    ];
    const used = new Set([...snapshots.map(({ set }) => set), ...taken]);
    return Array.from({ length: SETS }, (_, set) => set).find((set) => !used.has(set));
  }
}
