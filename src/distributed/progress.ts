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
import type { Ref } from "../actor/ref.js";
import type { ReconstructionError } from "../analysis/reconstruction-error.js";
import type { Clock } from "../world/world.js";
import { Account } from "./account.js";
import type { Verdict } from "./ballot.js";
import { beginning } from "./beginning.js";
import { Dispatch } from "./dispatch.js";
import { Doubts } from "./doubts.js";
import { Election } from "./election.js";
import { Evaluation } from "./evaluation.js";
import type { Member } from "./member.js";
import type { Members } from "./members.js";
import { LAST, type Milestone, type MilestoneOptions, milestone, SNAPSHOT } from "./milestones.js";
import type { Computed, LedgerState, Snapshot, Succession, ToCoordinator, ToLedger } from "./protocol.js";
import { type Outcome, Rounds, type RoundsPlace } from "./rounds.js";

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
  readonly times: ProgressTimes;
  readonly ledger: Ref<ToLedger>;
}

/** Whether what is due is told to people. */
const isStory = (due: Milestone | undefined): boolean => due !== undefined && (due.evaluate || due.checkpoint);

export type Phase = "gathering" | "computing" | "voting" | "evaluating" | "over";

export class Progress {
  readonly #place: ProgressPlace;
  readonly #self: Ref<ToCoordinator>;
  readonly #clock: Clock;
  readonly #members: Members;
  readonly #rounds: Rounds;
  readonly #dispatch: Dispatch;
  readonly #account: Account;
  /** Rounds before this one are known to the ledger. */
  readonly #committed: number;
  #stopping: boolean;
  #phase: Phase = "gathering";
  /** When it began to gather. */
  #since: number;
  #milestone: Milestone | undefined;
  #election: Election | undefined;
  #evaluation: Evaluation | undefined;
  readonly #doubts = new Doubts();

  constructor(place: ProgressPlace, self: Ref<ToCoordinator>, clock: Clock, members: Members, succession: Succession) {
    const { snapshot, committed, stopping } = succession;
    this.#place = place;
    this.#self = self;
    this.#clock = clock;
    this.#members = members;
    this.#committed = committed;
    this.#stopping = stopping;
    this.#account = new Account(place.ledger, self, place.strategy.stepsPerRound, succession);
    this.#rounds = new Rounds(place, snapshot.round);
    this.#dispatch = new Dispatch(members, this.#rounds);
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
    const { snapshot } = this.#account;
    const found = isFirst ? beginning(this.#members.all, snapshot.round, this.#known) : undefined;
    if (found) {
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
    this.#milestone = LAST;
    this.#keep(undefined);
  }

  /** A worker is no more: what it had in hand is for others. */
  release(worker: number): void {
    this.#rounds.books.release(worker);
    this.goOn();
  }

  // What workers and the ledger say

  async computed(member: Member, message: Computed): Promise<void> {
    member.measured(message.milliseconds);
    if (this.#phase !== "computing" || message.round !== this.#rounds.number) return;
    this.#rounds.books.settle(message, message);
    if (this.#rounds.books.results) this.#take(await this.#rounds.combine());
    else this.goOn();
  }

  ready(member: Member, round: number): void {
    if (member.restoring?.round === round) member.activate(round);
    this.goOn();
  }

  saved(member: Member, snapshot: Snapshot): void {
    this.#election?.take(member, snapshot);
    this.goOn();
  }

  evaluated(round: number, test: ReconstructionError): void {
    if (this.#phase === "evaluating" && round === this.#rounds.number) this.#keep(test);
  }

  kept(state: LedgerState): void {
    this.#account.confirm(state);
    this.goOn();
  }

  /** Time has passed: says again what may have been lost. */
  remind(): void {
    this.#account.remind(this.#place.times.remind, this.#now);
    if (this.#phase === "over" || this.#phase === "gathering") return;
    for (const member of this.#members.all) this.#remind(member);
    if (this.#phase === "computing") this.#dispatch.handLate(this.#now);
    this.goOn();
  }

  /** Does what can be done next. Safe to call at any time. */
  goOn(): void {
    if (this.#phase === "over" || this.#phase === "gathering") return;
    this.#heal();
    if (this.#members.active.length === 0 && this.#members.in("restoring").length === 0) this.gather();
    else if (this.#phase === "computing") this.#dispatch.hand(this.#now);
    else if (this.#phase === "voting") this.#vote();
    else if (this.#phase === "evaluating") this.#evaluate();
  }

  /**
   * The last round that can be begun with: the ledger knows how it came about, and nothing was due before it that the
   * ledger was not told of.
   */
  get #known(): number {
    let round = this.#account.snapshot.round + 1;
    while (round < this.#committed && !isStory(milestone(this.#place.milestones, round))) round++;
    return Math.min(round, this.#committed);
  }

  get #now(): number {
    return this.#clock.now();
  }

  /** The replicas are in state `round`, or will be. */
  #arrive(round: number): void {
    this.#rounds.begin(round);
    this.#milestone = this.#due(round);
    this.#election = undefined;
    this.#phase = this.#milestone ? "voting" : "computing";
    this.goOn();
  }

  #due(round: number): Milestone | undefined {
    const { snapshot, isReported } = this.#account;
    const isNew = round !== snapshot.round || !isReported;
    const marked = milestone(this.#place.milestones, round);
    const due = isNew || marked?.last ? marked : undefined;
    if (this.#stopping) return { ...LAST, evaluate: due?.evaluate ?? false };
    if (!isNew) return due;
    // Who needs a state gets one that was voted on.
    const isWanted = this.#members.needy.length > 0 && this.#freeSet() !== undefined;
    return due ?? (isWanted ? SNAPSHOT : undefined);
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
      for (const { worker, what } of outcome.faults) this.#account.failed(worker, what);
      this.goOn();
    } else {
      this.#account.commit(outcome.commit);
      this.#arrive(outcome.commit.round + 1);
    }
  }

  #vote(): void {
    const { active } = this.#members;
    this.#election ??= this.#open();
    this.#election?.ask(active, this.#now);
    const verdict = this.#election?.verdict(active, this.#place.times.grace, this.#now);
    if (verdict && verdict.deviants.length > 0) this.#disagreed(verdict.deviants);
    else if (verdict) this.#agreed(verdict);
  }

  /** Not while all sets are in use: until the disk has caught up. */
  #open(): Election | undefined {
    const set = this.#freeSet();
    return set === undefined ? undefined : new Election(this.#rounds, set, this.#now);
  }

  #freeSet(): number | undefined {
    return this.#account.freeSet(this.#members.all.flatMap(({ restoring }) => restoring?.set ?? []));
  }

  #agreed({ agreed, deviceKind }: Verdict): void {
    this.#doubts.settle();
    this.#election = undefined;
    this.#account.agree(agreed);
    for (const member of this.#members.active) {
      if (member.card.deviceKind !== deviceKind) member.restore(agreed, this.#now);
    }
    if (this.#milestone?.evaluate) {
      this.#phase = "evaluating";
      this.#evaluation = new Evaluation(agreed.round, agreed.owner);
      this.goOn();
    } else {
      this.#keep(undefined);
    }
  }

  #disagreed(deviants: readonly number[]): void {
    const rounds = this.#rounds.number - this.#account.snapshot.round;
    for (const worker of deviants) this.#account.failed(worker, "its replica differs from the others", rounds);
    this.#doubt(this.#doubts.deviated(deviants));
  }

  #evaluate(): void {
    this.#evaluation?.ask(this.#members.active, this.#place.times.remind, this.#now);
  }

  /** Hands the new snapshot to the ledger, and goes on. */
  #keep(test: ReconstructionError | undefined): void {
    const { checkpoint = false, last = false } = this.#milestone ?? {};
    this.#account.report({ checkpoint, last }, test, this.#now);
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

  #remind(member: Member): void {
    const { remind, step } = this.#place.times;
    if (member.waitingSince !== undefined && this.#now - member.waitingSince > step) {
      member.waitingSince = this.#now;
      this.#account.stuck(member.card);
    }
    if (member.restoring && this.#now - member.toldAt > remind) {
      this.welcome(member);
      member.restoreAgain(this.#now);
    } else if (member.state === "active") {
      if (this.#election?.owes(member)) this.#election.remind(member, remind, this.#now);
      else this.#dispatch.remind(member, remind, this.#now);
    }
  }
}
