/**
 * State of a run: the round that the replicas are in, and what the coordinator does next.
 *
 *     gathering   until there are workers to begin with
 *     computing   a round: parts are handed out, results come in
 *     voting      the replicas report their state, which becomes the snapshot
 *     evaluating  one replica evaluates the snapshot
 *     over
 *
 * A roll-back begins a new term. All transitions are in this class; `Answers` says which answer causes which transition.
 */
import type { Evaluation } from "../../training/evaluate.js";
import { LAST, type Trigger } from "../../training/triggers.js";
import type { Takeover } from "../journal/journal-protocol.js";
import { ConsistencyCheck } from "./consistency-check.js";
import type { CoordinatorParts } from "./coordinator-parts.js";
import { dueIn } from "./due-trigger.js";
import type { VoteResult } from "./majority-vote.js";
import { lastRecoverableRound, recoveryPoint, unreportedCommits } from "./recovery-point.js";
import { releaseLeaving } from "./release.js";

type Phase = "gathering" | "computing" | "voting" | "evaluating" | "over";

export class CoordinatorState {
  readonly #parts: CoordinatorParts;
  /** The journal knows all rounds before this one. */
  readonly #committed: number;
  #stopping: boolean;
  #phase: Phase = "gathering";
  /** When the phase `gathering` began. */
  #since: number;
  #check: ConsistencyCheck | undefined;

  constructor(parts: CoordinatorParts, { committed, stopping }: Takeover) {
    this.#parts = parts;
    this.#committed = committed;
    this.#stopping = stopping;
    this.#since = this.#now;
  }

  get phase(): Phase {
    return this.#phase;
  }

  /** The check under way. */
  get check(): ConsistencyCheck | undefined {
    return this.#check;
  }

  /** Milliseconds in the phase `gathering`. */
  get waited(): number {
    return this.#now - this.#since;
  }

  /** Waits for workers. */
  gather(): void {
    this.#phase = "gathering";
    this.#since = this.#now;
  }

  /** Begins with the present workers. Workers of an earlier coordinator may be ahead of the snapshot. */
  begin(isFirst: boolean): void {
    const { round } = this.#parts.journal.snapshot;
    const more = isFirst ? unreportedCommits(this.#parts.members.all, this.#committed) : [];
    const last = lastRecoverableRound(this.#parts.triggers.options, round, this.#committed + more.length);
    // Local states of later rounds may be lost with the coordinator.
    const found =
      isFirst && !this.#parts.options.strategy.local ? recoveryPoint(this.#parts.members.all, round, last) : undefined;
    if (found) {
      this.#parts.journal.commit(more.filter((commit) => commit.round < found.round));
      for (const member of found.members) member.activate(found.round);
      this.arrive(found.round);
    } else {
      this.#rollBack();
    }
  }

  /** Ends the run at the next round, or at the current one if no part of it is being computed. */
  stop(): void {
    this.#stopping = true;
    if (this.#phase === "computing" && this.#isShort && !this.#parts.leases.isOut)
      this.arrive(this.#parts.rounds.number);
  }

  /** Whether there are fewer workers than the run needs. */
  get #isShort(): boolean {
    return this.#parts.members.staying.length < (this.#parts.options.least ?? 1);
  }

  /** Ends the run, if a stop was asked for, with the last snapshot. */
  stopHere(): void {
    if (!this.#stopping) return;
    this.#check = new ConsistencyCheck(LAST, this.#parts.rounds, this.#now);
    this.keep(undefined);
  }

  /** Does what can be done next. Safe to call at any time. */
  goOn(): void {
    if (this.#phase === "over" || this.#phase === "gathering" || this.#parts.leases.isOut) return;
    if (this.#phase === "computing") releaseLeaving(this.#parts);
    this.#parts.healing.heal(this.#parts.rounds.number, this.#now);
    if (this.#parts.members.active.length === 0 && this.#parts.members.in("restoring").length === 0) this.gather();
    else if (this.#phase === "computing") this.#hand();
    else if (this.#phase === "voting") this.#vote();
    else if (this.#phase === "evaluating")
      this.#check?.evaluate(this.#parts.members.active, this.#parts.options.times.remind, this.#now);
  }

  /**
   * Hands out parts. With fewer workers than the run needs it waits; only if all workers with a state are leaving, they go on to
   * the snapshot that they leave behind.
   */
  #hand(): void {
    if (!this.#isShort || this.#parts.members.isDeserted) this.#parts.dispatch.hand(this.#now);
  }

  get #now(): number {
    return this.#parts.clock.now();
  }

  /** The replicas are in state `round`, or on their way there. */
  arrive(round: number): void {
    this.#parts.leases.end();
    this.#parts.rounds.begin(round);
    const due = this.#due(round);
    this.#check = due && new ConsistencyCheck(due, this.#parts.rounds, this.#now);
    this.#phase = due ? "voting" : "computing";
    this.goOn();
  }

  #due(round: number): Trigger | undefined {
    const { isWanted } = this.#parts.healing;
    return dueIn(round, {
      journal: this.#parts.journal,
      triggers: this.#parts.triggers,
      stopping: this.#stopping,
      isWanted,
    });
  }

  #vote(): void {
    const result = this.#check?.vote(
      this.#parts.members.active,
      this.#parts.healing.freeSet,
      this.#parts.options.times.grace,
      this.#now,
    );
    if (result && result.outliers.length > 0) this.#disagreed(result.outliers);
    else if (result) this.#agreed(result);
  }

  #agreed(result: VoteResult): void {
    this.#parts.rollbackPolicy.settle();
    this.#check?.agreed(result.agreed, this.#now);
    this.#parts.journal.agree(result.agreed);
    this.#parts.healing.align(result, this.#now);
    if (this.#check?.trigger.evaluate) {
      this.#phase = "evaluating";
      this.goOn();
    } else {
      this.keep(undefined);
    }
  }

  #disagreed(outliers: readonly number[]): void {
    const { options, rounds, journal } = this.#parts;
    const stepsLost = options.strategy.stepAt(rounds.number) - options.strategy.stepAt(journal.snapshot.round);
    for (const worker of outliers) journal.failed(worker, "its replica differs from the others", { stepsLost });
    this.rollBackOrEnd(this.#parts.rollbackPolicy.disagreed(outliers));
  }

  /** Reports the new snapshot to the journal and goes on. */
  keep(errors: Evaluation | undefined): void {
    const { checkpoint = false, last = false } = this.#check?.trigger ?? {};
    this.#check?.done(this.#parts.triggers, this.#now);
    this.#parts.journal.report({ checkpoint, last }, errors, this.#now);
    this.#phase = last ? "over" : "computing";
    this.goOn();
  }

  /** Rolls back; if there is a reason to end the run, ends it. */
  rollBackOrEnd(fatal: string | undefined): void {
    if (fatal === undefined) {
      this.#rollBack();
    } else {
      this.#phase = "over";
      this.#parts.journal.giveUp(fatal, this.#now);
    }
  }

  /** All replicas return to the snapshot. The rounds since then are undone. */
  #rollBack(): void {
    this.#parts.journal.rollBack();
    this.#parts.rounds.clear();
    this.#parts.rounds.goBackTo(this.#parts.journal.snapshot);
    this.#parts.healing.resetAll();
    this.arrive(this.#parts.journal.snapshot.round);
  }
}
