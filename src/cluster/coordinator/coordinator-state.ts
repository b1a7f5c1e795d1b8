/**
 * State of a run: the round that the replicas are in, and what the coordinator does next.
 *
 *     gathering   until there are workers to begin with
 *     computing   a round: parts are handed out, results come in
 *     voting      the replicas report their state, which becomes the snapshot
 *     evaluating  one replica evaluates the snapshot
 *     over
 *
 * A term is one undisturbed stretch of it; a roll-back begins the next.
 */
import type { Ref } from "../../actor/ref.js";
import type { Barrier } from "../../collective/barrier.js";
import type { Evaluation } from "../../training/evaluate.js";
import { LAST, type Trigger, type TriggerOptions, Triggers } from "../../training/triggers.js";
import type { Clock } from "../../world/world.js";
import { JournalClient } from "../journal/journal-client.js";
import type { Computed, JournalState, LeaseReport, Snapshot, Takeover, ToCoordinator, ToJournal } from "../protocol.js";
import { ConsistencyCheck } from "./consistency-check.js";
import { Dispatch } from "./dispatch.js";
import { dueIn } from "./due-trigger.js";
import { LeaseManager } from "./lease-manager.js";
import type { VoteResult } from "./majority-vote.js";
import type { Membership } from "./membership.js";
import { lastRecoverableRound, recoveryPoint, unreportedCommits } from "./recovery-point.js";
import { RollbackPolicy } from "./rollback-policy.js";
import { type Outcome, RoundHistory, type RoundHistoryOptions } from "./round-history.js";
import type { WorkerProxy } from "./worker-proxy.js";

export interface StateTimes {
  /** Milliseconds after which a message without an answer is sent again. */
  readonly remind: number;
  /**
   * Milliseconds that a worker may take for one answer before its process is ended: a device may hang while the process
   * lives.
   */
  readonly step: number;
  /** Milliseconds that a vote waits for the rest once most workers have voted. */
  readonly grace: number;
}

export interface StateOptions extends RoundHistoryOptions {
  readonly triggers: TriggerOptions;
  readonly barrier: Barrier;
  /** Rounds before which faults are due; default: none. */
  readonly faultRounds?: readonly number[];
  readonly times: StateTimes;
  /** Advice in the error of a training that diverges. */
  readonly divergenceAdvice?: string;
  readonly journal: Ref<ToJournal>;
}

type Phase = "gathering" | "computing" | "voting" | "evaluating" | "over";

export class CoordinatorState {
  readonly #options: StateOptions;
  readonly #self: Ref<ToCoordinator>;
  readonly #clock: Clock;
  readonly #members: Membership;
  readonly #rounds: RoundHistory;
  readonly #triggers: Triggers;
  readonly #leases: LeaseManager;
  readonly #dispatch: Dispatch;
  readonly #journal: JournalClient;
  /** The journal knows all rounds before this one. */
  readonly #committed: number;
  #stopping: boolean;
  #phase: Phase = "gathering";
  /** When the phase `gathering` began. */
  #since: number;
  /** The check under way. */
  #check: ConsistencyCheck | undefined;
  readonly #rollbackPolicy: RollbackPolicy;

  constructor(options: StateOptions, self: Ref<ToCoordinator>, clock: Clock, members: Membership, takeover: Takeover) {
    const { snapshot, committed, stopping } = takeover;
    this.#options = options;
    this.#rollbackPolicy = new RollbackPolicy(options.divergenceAdvice);
    this.#self = self;
    this.#clock = clock;
    this.#members = members;
    this.#committed = committed;
    this.#stopping = stopping;
    this.#journal = new JournalClient(options.journal, self, options.strategy.stepsPerRound, takeover);
    this.#rounds = new RoundHistory(options, snapshot.round);
    const { faultRounds, barrier, times, strategy } = options;
    const triggers = new Triggers(options.triggers, clock);
    this.#triggers = triggers;
    this.#leases = new LeaseManager({
      triggers,
      faultRounds,
      barrier,
      parts: strategy.leases ? strategy.parts : 0,
      step: times.step,
    });
    this.#dispatch = new Dispatch(members, this.#rounds, this.#leases);
    this.#since = this.#now;
  }

  get journal(): JournalClient {
    return this.#journal;
  }

  get phase(): Phase {
    return this.#phase;
  }

  /** Milliseconds in the phase `gathering`. */
  get waited(): number {
    return this.#now - this.#since;
  }

  /** The workers run under a lease. */
  get isLeased(): boolean {
    return this.#leases.holders.length > 0;
  }

  /** Number of parts that a worker is to compute. */
  outstanding(worker: number): number {
    return this.#rounds.scheduler.outstanding(worker).length;
  }

  /** Waits for workers. */
  gather(): void {
    this.#phase = "gathering";
    this.#since = this.#now;
  }

  /** Begins with the present workers; those of an earlier coordinator may be ahead of the snapshot. */
  begin(isFirst: boolean): void {
    const { round } = this.#journal.snapshot;
    const more = isFirst ? unreportedCommits(this.#members.all, this.#committed) : [];
    const last = lastRecoverableRound(this.#triggers.options, round, this.#committed + more.length);
    // Local states of later rounds may be lost with the coordinator.
    const found = isFirst && !this.#options.strategy.local ? recoveryPoint(this.#members.all, round, last) : undefined;
    if (found) {
      this.#journal.commit(more.filter((commit) => commit.round < found.round));
      for (const member of found.members) member.activate(found.round);
      this.#arrive(found.round);
    } else {
      this.#rollBack();
    }
  }

  welcome(member: WorkerProxy): void {
    member.welcome(this.#journal.term, this.#self);
  }

  /** Ends the run at the next round. */
  stop(): void {
    this.#stopping = true;
  }

  /** Ends the run, if a stop was asked for, with the last snapshot. */
  stopHere(): void {
    if (!this.#stopping) return;
    this.#check = new ConsistencyCheck(LAST, this.#rounds, this.#now);
    this.#keep(undefined);
  }

  /** A worker is gone: its parts go to other workers. */
  release(worker: number): void {
    this.#check?.disturb();
    this.#leases.leave(worker);
    this.#rounds.scheduler.release(worker);
    this.#settleLease();
    this.goOn();
  }

  async computed(member: WorkerProxy, message: Computed): Promise<void> {
    member.measured(message.milliseconds);
    if (this.#phase !== "computing" || message.round !== this.#rounds.number) return;
    // The lease of this round was lost on the way.
    if (this.isLeased) this.#leases.refuse(message.round);
    this.#rounds.scheduler.settle(message, message);
    if (this.#rounds.scheduler.results) this.#take(await this.#rounds.combine());
    else this.goOn();
  }

  /** A worker reports rounds that it did under a lease. */
  leaseReport(member: WorkerProxy, message: LeaseReport): void {
    const { number } = this.#rounds;
    if (this.#leases.take(message, number, this.#now)) this.#settleLease();
    else if (message.round > number) this.#strayed(member);
  }

  ready(member: WorkerProxy, round: number): void {
    if (member.restoring?.round === round) member.activate(round);
    else if (round > this.#rounds.number || (member.state === "active" && round < member.heard)) this.#strayed(member);
    this.goOn();
  }

  saved(member: WorkerProxy, snapshot: Snapshot): void {
    this.#check?.saved(member, snapshot);
    this.goOn();
  }

  evaluated(round: number, errors: Evaluation): void {
    if (this.#phase === "evaluating" && round === this.#rounds.number) this.#keep(errors);
  }

  kept(state: JournalState): void {
    this.#journal.confirm(state);
    this.goOn();
  }

  /** Sends again what may have been lost. */
  remind(): void {
    this.#journal.remind(this.#options.times.remind, this.#now);
    if (this.#phase === "over" || this.#phase === "gathering") return;
    this.#settleLease();
    for (const member of this.#members.all) this.#lookAfter(member);
    if (this.#phase === "computing") this.#dispatch.handLate(this.#now);
    this.goOn();
  }

  /** Does what can be done next. Safe to call at any time. */
  goOn(): void {
    if (this.#phase === "over" || this.#phase === "gathering" || this.isLeased) return;
    this.#heal();
    if (this.#members.active.length === 0 && this.#members.in("restoring").length === 0) this.gather();
    else if (this.#phase === "computing") this.#dispatch.hand(this.#now);
    else if (this.#phase === "voting") this.#vote();
    else if (this.#phase === "evaluating")
      this.#check?.evaluate(this.#members.active, this.#options.times.remind, this.#now);
  }

  get #now(): number {
    return this.#clock.now();
  }

  /** The replicas are in state `round`, or on their way there. */
  #arrive(round: number): void {
    this.#leases.end();
    this.#rounds.begin(round);
    const due = this.#due(round);
    this.#check = due && new ConsistencyCheck(due, this.#rounds, this.#now);
    this.#phase = due ? "voting" : "computing";
    this.goOn();
  }

  #due(round: number): Trigger | undefined {
    // A worker that needs a state gets one that was voted on.
    const isWanted = this.#members.stale.length > 0 && this.#freeSet() !== undefined;
    return dueIn(round, { journal: this.#journal, triggers: this.#triggers, stopping: this.#stopping, isWanted });
  }

  /** Goes on from the end of a lease, once that is known. */
  #settleLease(): void {
    if (!this.#leases.isOver(this.#options.times.grace, this.#now)) return;
    const { number } = this.#rounds;
    const { round, commits, pace, there, ahead, missing } = this.#leases.settle(number);
    this.#journal.commit(commits);
    for (const member of this.#those(there)) {
      for (const _ of commits) member.measured(pace);
      member.activate(round);
    }
    for (const member of this.#those(ahead)) member.reset();
    for (const member of this.#those(missing)) member.markSilent();
    if (round > number) {
      this.#arrive(round);
    } else {
      this.#leases.refuse(round);
      for (const worker of [...there, ...ahead, ...missing]) this.#rounds.scheduler.release(worker);
      this.goOn();
    }
  }

  #those(workers: readonly number[]): WorkerProxy[] {
    return workers.flatMap((worker) => this.#members.get(worker) ?? []);
  }

  /** The replica has diverged: it went on under a lease without the others, or for another coordinator. */
  #strayed(member: WorkerProxy): void {
    member.reset();
    this.release(member.index);
  }

  #heal(): void {
    const { snapshot } = this.#journal;
    if (this.#rounds.number !== snapshot.round) return;
    for (const member of this.#members.stale) member.restore(snapshot, this.#now);
  }

  #take(outcome: Outcome): void {
    if (outcome.kind === "diverged") {
      this.#doubt(
        this.#rollbackPolicy.diverged(this.#rounds.number * this.#options.strategy.stepsPerRound, outcome.what),
      );
    } else if (outcome.kind === "fatal") {
      this.#doubt(outcome.why);
    } else if (outcome.kind === "refused") {
      for (const { worker, what, fault } of outcome.damaged) this.#journal.failed(worker, what, { fault });
      this.goOn();
    } else {
      this.#journal.commit([outcome.commit]);
      this.#arrive(outcome.commit.round + 1);
    }
  }

  #vote(): void {
    const result = this.#check?.vote(this.#members.active, this.#freeSet(), this.#options.times.grace, this.#now);
    if (result && result.outliers.length > 0) this.#disagreed(result.outliers);
    else if (result) this.#agreed(result);
  }

  #freeSet(): number | undefined {
    return this.#journal.freeSet(this.#members.all.flatMap(({ restoring }) => restoring?.set ?? []));
  }

  #agreed({ agreed, deviceKind }: VoteResult): void {
    this.#rollbackPolicy.settle();
    this.#check?.agreed(agreed, this.#now);
    this.#journal.agree(agreed);
    for (const member of this.#members.active) {
      if (member.info.deviceKind !== deviceKind) member.restore(agreed, this.#now);
    }
    if (this.#check?.trigger.evaluate) {
      this.#phase = "evaluating";
      this.goOn();
    } else {
      this.#keep(undefined);
    }
  }

  #disagreed(outliers: readonly number[]): void {
    const rounds = this.#rounds.number - this.#journal.snapshot.round;
    for (const worker of outliers) this.#journal.failed(worker, "its replica differs from the others", { rounds });
    this.#doubt(this.#rollbackPolicy.disagreed(outliers));
  }

  /** Reports the new snapshot to the journal and goes on. */
  #keep(errors: Evaluation | undefined): void {
    const { checkpoint = false, last = false } = this.#check?.trigger ?? {};
    this.#check?.done(this.#triggers, this.#now);
    this.#journal.report({ checkpoint, last }, errors, this.#now);
    this.#phase = last ? "over" : "computing";
    this.goOn();
  }

  /** Rolls back, unless the doubt is fatal. */
  #doubt(fatal: string | undefined): void {
    if (fatal === undefined) {
      this.#rollBack();
    } else {
      this.#phase = "over";
      this.#journal.giveUp(fatal, this.#now);
    }
  }

  /** All replicas return to the snapshot: the rounds since are in doubt, or lost. */
  #rollBack(): void {
    this.#journal.rollBack();
    this.#rounds.clear();
    this.#rounds.goBackTo(this.#journal.snapshot);
    for (const member of this.#members.all) {
      member.reset();
      this.welcome(member);
    }
    this.#arrive(this.#journal.snapshot.round);
  }

  #lookAfter(member: WorkerProxy): void {
    const { remind, step } = this.#options.times;
    if (member.asked.hasWaited(step, this.#now)) this.#journal.stuck(member.info);
    if (member.state === "active" && this.#check?.remind(member, remind, this.#now)) return;
    if (member.state === "active") this.#dispatch.remind(member, remind, this.#now);
    else if (member.restoring && member.asked.isLate(remind, this.#now)) {
      this.welcome(member);
      member.restoreAgain(this.#now);
    }
  }
}
