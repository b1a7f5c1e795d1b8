/**
 * The course of a run: which state the replicas are in, and what is done next.
 *
 *     gathering   until there are workers to begin with
 *     computing   a round: parts are handed out, results come in
 *     voting      the replicas tell their state, which becomes the snapshot
 *     evaluating  one of them measures it
 *     over
 *
 * An epoch is one undisturbed stretch of it; a roll-back begins the next.
 */
import type { Ref } from "../../actor/ref.js";
import type { Rendezvous } from "../../collective/barrier.js";
import type { Evaluation } from "../../training/evaluate.js";
import type { Clock } from "../../world/world.js";
import { Account } from "../journal/journal-client.js";
import type { Computed, Led, LedgerState, Snapshot, Succession, ToCoordinator, ToLedger } from "../protocol.js";
import { Review } from "./consistency-check.js";
import { Dispatch } from "./dispatch.js";
import { Leases } from "./lease-manager.js";
import type { Verdict } from "./majority-vote.js";
import type { Members } from "./membership.js";
import { beginning, lastBeginning, untold } from "./recovery-point.js";
import { Doubts } from "./rollback-policy.js";
import { type Outcome, Rounds, type RoundsPlace } from "./round-history.js";
import { LAST, type Milestone, type MilestoneOptions, Milestones, milestone, SNAPSHOT } from "./trigger.js";
import type { Member } from "./worker-proxy.js";

export interface ProgressTimes {
  /** Milliseconds after which what was not answered is said again. */
  readonly remind: number;
  /** Milliseconds that a worker may take to answer anything, before it is ended: its device may hang while it lives. */
  readonly step: number;
  /** Milliseconds that a vote waits for the rest once most have voted. */
  readonly grace: number;
}

export interface ProgressPlace extends RoundsPlace {
  readonly milestones: MilestoneOptions;
  readonly rendezvous: Rendezvous;
  /** Rounds after which something is made to fail; default: none. */
  readonly faultRounds?: readonly number[];
  readonly times: ProgressTimes;
  /** What to do when training diverges. */
  readonly divergenceAdvice?: string;
  readonly ledger: Ref<ToLedger>;
}

export type Phase = "gathering" | "computing" | "voting" | "evaluating" | "over";

export class Progress {
  readonly #place: ProgressPlace;
  readonly #self: Ref<ToCoordinator>;
  readonly #clock: Clock;
  readonly #members: Members;
  readonly #rounds: Rounds;
  readonly #milestones: Milestones;
  readonly #leases: Leases;
  readonly #dispatch: Dispatch;
  readonly #account: Account;
  /** Rounds before this one are known to the ledger. */
  readonly #committed: number;
  #stopping: boolean;
  #phase: Phase = "gathering";
  /** When it began to gather. */
  #since: number;
  /** Of the state that the replicas are in. */
  #review: Review | undefined;
  readonly #doubts: Doubts;

  constructor(place: ProgressPlace, self: Ref<ToCoordinator>, clock: Clock, members: Members, succession: Succession) {
    const { snapshot, committed, stopping } = succession;
    this.#place = place;
    this.#doubts = new Doubts(place.divergenceAdvice);
    this.#self = self;
    this.#clock = clock;
    this.#members = members;
    this.#committed = committed;
    this.#stopping = stopping;
    this.#account = new Account(place.ledger, self, place.strategy.stepsPerRound, succession);
    this.#rounds = new Rounds(place, snapshot.round);
    const { faultRounds, rendezvous, times, strategy } = place;
    const milestones = new Milestones(place.milestones, clock);
    this.#milestones = milestones;
    this.#leases = new Leases({ milestones, faultRounds, rendezvous, parts: strategy.parts, step: times.step });
    this.#dispatch = new Dispatch(members, this.#rounds, this.#leases);
    this.#since = this.#now;
  }

  get account(): Account {
    return this.#account;
  }

  get phase(): Phase {
    return this.#phase;
  }

  /** Milliseconds in this phase, while gathering. */
  get waited(): number {
    return this.#now - this.#since;
  }

  /** The workers go on by themselves. */
  get isLeased(): boolean {
    return this.#leases.holders.length > 0;
  }

  /** Parts that a worker has in hand. */
  outstanding(worker: number): number {
    return this.#rounds.books.outstanding(worker).length;
  }

  /** Waits for workers. */
  gather(): void {
    this.#phase = "gathering";
    this.#since = this.#now;
  }

  /** Begins with the workers that are there; those of an earlier coordinator may be ahead of the snapshot. */
  begin(isFirst: boolean): void {
    const { round } = this.#account.snapshot;
    const more = isFirst ? untold(this.#members.all, this.#committed) : [];
    const last = lastBeginning(this.#milestones.options, round, this.#committed + more.length);
    const found = isFirst ? beginning(this.#members.all, round, last) : undefined;
    if (found) {
      this.#account.commit(more.filter((commit) => commit.round < found.round));
      for (const member of found.members) member.activate(found.round);
      this.#arrive(found.round);
    } else {
      this.#rollBack();
    }
  }

  welcome(member: Member): void {
    member.welcome(this.#account.epoch, this.#self);
  }

  /** Ends the run at the next round. */
  stop(): void {
    this.#stopping = true;
  }

  /** Ends the run if it is to end, with what there is. */
  stopHere(): void {
    if (!this.#stopping) return;
    this.#review = new Review(LAST, this.#rounds, this.#now);
    this.#keep(undefined);
  }

  /** A worker is no more: what it had in hand is for others. */
  release(worker: number): void {
    this.#review?.disturb();
    this.#leases.leave(worker);
    this.#rounds.books.release(worker);
    this.#settleLease();
    this.goOn();
  }

  // What workers and the ledger say

  async computed(member: Member, message: Computed): Promise<void> {
    member.measured(message.milliseconds);
    if (this.#phase !== "computing" || message.round !== this.#rounds.number) return;
    // A lease for this round was lost on the way.
    if (this.isLeased) this.#leases.refuse(message.round);
    this.#rounds.books.settle(message, message);
    if (this.#rounds.books.results) this.#take(await this.#rounds.combine());
    else this.goOn();
  }

  /** A worker tells of rounds that were done under a lease. */
  led(member: Member, message: Led): void {
    const { number } = this.#rounds;
    if (this.#leases.take(message, number, this.#now)) this.#settleLease();
    else if (message.round > number) this.#strayed(member);
  }

  ready(member: Member, round: number): void {
    if (member.restoring?.round === round) member.activate(round);
    else if (round > this.#rounds.number || (member.state === "active" && round < member.heard)) this.#strayed(member);
    this.goOn();
  }

  saved(member: Member, snapshot: Snapshot): void {
    this.#review?.saved(member, snapshot);
    this.goOn();
  }

  evaluated(round: number, errors: Evaluation): void {
    if (this.#phase === "evaluating" && round === this.#rounds.number) this.#keep(errors);
  }

  kept(state: LedgerState): void {
    this.#account.confirm(state);
    this.goOn();
  }

  /** Time has passed: says again what may have been lost. */
  remind(): void {
    this.#account.remind(this.#place.times.remind, this.#now);
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
      this.#review?.evaluate(this.#members.active, this.#place.times.remind, this.#now);
  }

  get #now(): number {
    return this.#clock.now();
  }

  /** The replicas are in state `round`, or will be. */
  #arrive(round: number): void {
    this.#leases.end();
    this.#rounds.begin(round);
    const due = this.#due(round);
    this.#review = due && new Review(due, this.#rounds, this.#now);
    this.#phase = due ? "voting" : "computing";
    this.goOn();
  }

  #due(round: number): Milestone | undefined {
    const { snapshot, isReported } = this.#account;
    const isNew = round !== snapshot.round || !isReported;
    // What was due with a state that was agreed on, and not told of, is due again.
    const isAgreed = round === snapshot.round && !isReported;
    const marked = isAgreed ? milestone(this.#milestones.options, round) : this.#milestones.due(round);
    const due = isNew || marked?.last ? marked : undefined;
    if (this.#stopping) return { ...LAST, evaluate: due?.evaluate ?? false };
    if (!isNew) return due;
    // Who needs a state gets one that was voted on.
    const isWanted = this.#members.needy.length > 0 && this.#freeSet() !== undefined;
    return due ?? (isWanted ? SNAPSHOT : undefined);
  }

  /** Goes on from where a lease has led, once that is known. */
  #settleLease(): void {
    if (!this.#leases.isOver(this.#place.times.grace, this.#now)) return;
    const { number } = this.#rounds;
    const { round, commits, pace, there, ahead, missing } = this.#leases.settle(number);
    this.#account.commit(commits);
    for (const member of this.#those(there)) {
      for (const _ of commits) member.measured(pace);
      member.activate(round);
    }
    for (const member of this.#those(ahead)) member.reset();
    for (const member of this.#those(missing)) member.lose();
    if (round > number) {
      this.#arrive(round);
    } else {
      this.#leases.refuse(round);
      for (const worker of [...there, ...ahead, ...missing]) this.#rounds.books.release(worker);
      this.goOn();
    }
  }

  #those(workers: readonly number[]): Member[] {
    return workers.flatMap((worker) => this.#members.get(worker) ?? []);
  }

  /** It is not where it was said to be: it went on under a lease without the others, or by the word of another coordinator. */
  #strayed(member: Member): void {
    member.reset();
    this.release(member.index);
  }

  #heal(): void {
    const { snapshot } = this.#account;
    if (this.#rounds.number !== snapshot.round) return;
    for (const member of this.#members.needy) member.restore(snapshot, this.#now);
  }

  #take(outcome: Outcome): void {
    if (outcome.kind === "diverged") {
      this.#doubt(this.#doubts.diverged(this.#rounds.number * this.#place.strategy.stepsPerRound, outcome.what));
    } else if (outcome.kind === "hopeless") {
      this.#doubt(outcome.why);
    } else if (outcome.kind === "refused") {
      for (const { worker, what, fault } of outcome.damaged) this.#account.failed(worker, what, { fault });
      this.goOn();
    } else {
      this.#account.commit([outcome.commit]);
      this.#arrive(outcome.commit.round + 1);
    }
  }

  #vote(): void {
    const verdict = this.#review?.vote(this.#members.active, this.#freeSet(), this.#place.times.grace, this.#now);
    if (verdict && verdict.deviants.length > 0) this.#disagreed(verdict.deviants);
    else if (verdict) this.#agreed(verdict);
  }

  #freeSet(): number | undefined {
    return this.#account.freeSet(this.#members.all.flatMap(({ restoring }) => restoring?.set ?? []));
  }

  #agreed({ agreed, deviceKind }: Verdict): void {
    this.#doubts.settle();
    this.#review?.agreed(agreed, this.#now);
    this.#account.agree(agreed);
    for (const member of this.#members.active) {
      if (member.card.deviceKind !== deviceKind) member.restore(agreed, this.#now);
    }
    if (this.#review?.milestone.evaluate) {
      this.#phase = "evaluating";
      this.goOn();
    } else {
      this.#keep(undefined);
    }
  }

  #disagreed(deviants: readonly number[]): void {
    const rounds = this.#rounds.number - this.#account.snapshot.round;
    for (const worker of deviants) this.#account.failed(worker, "its replica differs from the others", { rounds });
    this.#doubt(this.#doubts.deviated(deviants));
  }

  /** Hands the new snapshot to the ledger, and goes on. */
  #keep(errors: Evaluation | undefined): void {
    const { checkpoint = false, last = false } = this.#review?.milestone ?? {};
    this.#review?.done(this.#milestones, this.#now);
    this.#account.report({ checkpoint, last }, errors, this.#now);
    this.#phase = last ? "over" : "computing";
    this.goOn();
  }

  /** Tries again from the snapshot, unless there is a reason not to. */
  #doubt(hopeless: string | undefined): void {
    if (hopeless === undefined) {
      this.#rollBack();
    } else {
      this.#phase = "over";
      this.#account.giveUp(hopeless, this.#now);
    }
  }

  /** All go back to the snapshot: what was done since is in doubt, or lost. */
  #rollBack(): void {
    this.#account.rollBack();
    this.#rounds.clear();
    for (const member of this.#members.all) {
      member.reset();
      this.welcome(member);
    }
    this.#arrive(this.#account.snapshot.round);
  }

  #lookAfter(member: Member): void {
    const { remind, step } = this.#place.times;
    if (member.hasWaited(step, this.#now)) this.#account.stuck(member.card);
    if (member.state === "active" && this.#review?.remind(member, remind, this.#now)) return;
    if (member.state === "active") this.#dispatch.remind(member, remind, this.#now);
    else if (member.restoring && this.#now - member.toldAt > remind) {
      this.welcome(member);
      member.restoreAgain(this.#now);
    }
  }
}
