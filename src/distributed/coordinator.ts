/**
 * The coordinator turns workers that come and go into one sequence of rounds. A round is a transaction: its parts are
 * computed, inspected and combined, and then it is committed and every replica goes on by the same bits; whatever fails
 * before that is computed again, whatever fails after it has failed too late to matter.
 *
 *     gathering   until there are workers to begin with
 *     computing   a round: parts are handed out, results come in
 *     voting      a milestone: the replicas tell their state, which becomes the snapshot
 *     evaluating  one of them measures it
 *     over
 *
 * Nothing here is needed to go on: a new coordinator gets the snapshot and the log from the ledger, and the rest from
 * the workers.
 */
import type { Behavior, Context, Start, Terminated } from "../actor/behavior.js";
import type { Ref } from "../actor/ref.js";
import type { ReconstructionError } from "../analysis/reconstruction-error.js";
import { type Arena, SETS, SUMS } from "./arena.js";
import { judge, type Vote } from "./ballot.js";
import type { Collective } from "./collective.js";
import { type Member, Members } from "./members.js";
import { type Milestone, type MilestoneOptions, milestone } from "./milestones.js";
import type {
  Commit,
  Computed,
  LedgerState,
  Snapshot,
  Succession,
  Task,
  ToCoordinator,
  ToLedger,
  WorkerCard,
} from "./protocol.js";
import { type Grant, Round } from "./round.js";
import type { Strategy } from "./strategy.js";

export interface CoordinatorTimes {
  /** Milliseconds to wait for more workers once there is one. */
  readonly gather: number;
  /** Milliseconds after which what was not answered is said again. */
  readonly remind: number;
  /** Milliseconds that a vote waits for the rest once most have voted. */
  readonly grace: number;
}

export interface CoordinatorPlace {
  readonly workers: number;
  readonly strategy: Strategy;
  readonly arena: Arena;
  readonly collective: Collective;
  readonly milestones: MilestoneOptions;
  readonly times: CoordinatorTimes;
  readonly ledger: Ref<ToLedger>;
}

const TICK = 20;
const STATUS = 250;
const SUCCESSION_TIMEOUT = 1000;
/** Roll-backs to one snapshot after which the replicas will never agree. */
const MOST_ROLL_BACKS = 5;

export function coordinator(place: CoordinatorPlace): Start<ToCoordinator> {
  return async (context) => {
    const succession = await place.ledger.ask<Succession>(
      (replyTo) => ({ kind: "succeed", coordinator: context.self, replyTo }),
      SUCCESSION_TIMEOUT,
    );
    return new Coordinator(context, place, succession);
  };
}

type Phase = "gathering" | "computing" | "voting" | "evaluating" | "over";

class Coordinator implements Behavior<ToCoordinator> {
  readonly #context: Context<ToCoordinator>;
  readonly #place: CoordinatorPlace;
  readonly #members = new Members();
  #phase: Phase = "gathering";
  /** When the phase began, or the first worker came. */
  #since: number;
  #epoch: number;
  #round: Round;
  /** Slots of what was combined in the last rounds. */
  #sums = new Map<number, number>();
  /** Rounds before this one are known to the ledger. */
  readonly #committed: number;
  #commits: Commit[] = [];
  #snapshot: Snapshot;
  /** What the ledger holds. */
  #kept: LedgerState;
  #report: (ToLedger & { kind: "snapshot" }) | undefined;
  #milestone: Milestone | undefined;
  #set: number | undefined;
  #evaluator: WorkerCard | undefined;
  /** It has found out where to begin. */
  #begun = false;
  #votes = new Map<number, Vote>();
  /** A state on its way from one replica to those that need one. */
  #healing:
    | { readonly source: number; readonly round: number; readonly set: number; readonly since: number }
    | undefined;
  #rollBacks = 0;
  #stopping = false;
  #statusAt = 0;
  #reportedAt = 0;

  constructor(context: Context<ToCoordinator>, place: CoordinatorPlace, succession: Succession) {
    const { epoch, snapshot, pinned, committed, stopping } = succession;
    this.#context = context;
    this.#place = place;
    this.#epoch = epoch;
    this.#snapshot = snapshot;
    this.#committed = committed;
    this.#kept = { kind: "kept", snapshot, pinned };
    this.#stopping = stopping;
    this.#since = this.#now;
    this.#round = new Round(snapshot.round, place.strategy.parts);
    context.every(TICK, { kind: "tick" });
  }

  async receive(message: ToCoordinator): Promise<void> {
    if ("epoch" in message && !this.#heard(message)) return;
    switch (message.kind) {
      case "join":
        return this.#join(message.card, message.state);
      case "computed":
        return this.#computed(message);
      case "ready":
        return this.#ready(message.worker, message.round);
      case "saved":
        return this.#saved(message.worker, message.snapshot);
      case "evaluated":
        if (this.#phase === "evaluating" && message.round === this.#number) this.#keep(message.test);
        return;
      case "gone":
        if (this.#members.get(message.worker)?.card.session === message.session)
          this.#leave(message.worker, message.why);
        return;
      case "kept":
        return this.#noteKept(message);
      case "stop":
        this.#stopping = true;
        return;
      case "tick":
        return this.#tick();
    }
  }

  terminated({ ref, reason, error }: Terminated): void {
    const member = this.#members.all.find(({ card }) => card.ref === ref);
    if (!member) return;
    if (reason === "unreachable") {
      this.#leave(member.index, "it gave no sign of life");
    } else {
      this.#leave(member.index, error === undefined ? `it was ${reason}` : textOf(error));
    }
  }

  get #now(): number {
    return this.#context.system.clock.now();
  }

  /** The state that active replicas are in, or on their way to. */
  get #number(): number {
    return this.#round.number;
  }

  /** Whether a message is of now, from someone who belongs. */
  #heard(message: { readonly epoch: number; readonly worker: number; readonly round?: number }): boolean {
    const member = this.#members.get(message.worker);
    if (message.epoch !== this.#epoch || !member) return false;
    member.silent = false;
    member.heard = Math.max(member.heard, message.round ?? -1);
    return true;
  }

  // Who is there

  #join(card: WorkerCard, state: { readonly round: number; readonly digest: string } | undefined): void {
    const known = this.#members.get(card.index);
    if (known && known.card.ref.toString() === card.ref.toString()) return this.#welcome(known);
    if (known) this.#leave(card.index, "it started anew");
    if (this.#phase === "gathering" && this.#members.all.length === 0) this.#since = this.#now;
    const member = this.#members.add(card);
    if (!this.#begun) member.reported = state;
    this.#context.watch(card.ref);
    this.#place.ledger.tell({ kind: "joined", card });
    this.#welcome(member);
    if (this.#phase === "gathering" && this.#members.all.length === this.#place.workers) this.#begin();
  }

  #welcome({ card }: Member): void {
    card.ref.tell({ kind: "welcome", epoch: this.#epoch, coordinator: this.#context.self });
  }

  #leave(worker: number, failure: string): void {
    const member = this.#members.get(worker);
    if (!member) return;
    this.#context.unwatch(member.card.ref);
    this.#members.remove(worker);
    this.#round.release(worker);
    if (this.#healing?.source === worker) this.#healing = undefined;
    if (this.#evaluator === member.card) this.#evaluator = undefined;
    if (this.#phase !== "over") this.#failed(`worker-${worker}`, failure, 0);
    this.#goOn();
  }

  #failed(target: string, failure: string, rounds: number): void {
    const stepsLost = rounds * this.#place.strategy.stepsPerRound;
    this.#place.ledger.tell({ kind: "failed", target, failure, stepsLost });
  }

  /** Chooses the state to begin with: the one that most replicas have, if the log knows how it came about. */
  #begin(): void {
    this.#begun = true;
    const groups = new Map<string, Member[]>();
    for (const member of this.#members.all) {
      const { reported } = member;
      if (!reported || reported.round <= this.#snapshot.round || reported.round > this.#committed) continue;
      const key = `${reported.round} ${reported.digest}`;
      groups.set(key, [...(groups.get(key) ?? []), member]);
    }
    const roundOf = (group: readonly Member[]): number => group[0].reported?.round ?? 0;
    const [best] = [...groups.values()].sort((a, b) => b.length - a.length || roundOf(b) - roundOf(a));
    if (!best) return this.#rollBack();
    const round = roundOf(best);
    for (const member of best) {
      Object.assign(member, { state: "active", told: round, heard: round });
    }
    this.#arrive(round);
  }

  // Rounds

  /** The replicas are in state `round`, or will be. */
  #arrive(round: number): void {
    this.#round = new Round(round, this.#place.strategy.parts);
    this.#milestone = milestone(this.#place.milestones, round);
    if (this.#stopping) this.#milestone = { evaluate: false, checkpoint: true, last: true };
    if (this.#milestone && (round > this.#snapshot.round || this.#milestone.last)) {
      this.#enter("voting");
      this.#votes.clear();
      this.#set = undefined;
    } else {
      this.#enter("computing");
    }
    this.#goOn();
  }

  #enter(phase: Phase): void {
    this.#phase = phase;
    this.#since = this.#now;
  }

  /** Does what can be done next. Safe to call at any time. */
  #goOn(): void {
    if (this.#phase === "over" || this.#phase === "gathering") return;
    this.#heal();
    if (this.#members.active.length === 0 && this.#members.in("restoring").length === 0)
      return this.#enter("gathering");
    if (this.#phase === "computing" && !this.#held) this.#hand(this.#round.assign(this.#free, this.#now));
    if (this.#phase === "voting") this.#vote();
    if (this.#phase === "evaluating") this.#evaluate();
  }

  /** Someone who is being healed still needs what the next rounds would overwrite. */
  get #held(): boolean {
    const rounds = this.#members.in("restoring").flatMap(({ restore }) => restore?.snapshot.round ?? []);
    if (this.#healing) rounds.push(this.#healing.round);
    return rounds.some((round) => this.#number - round >= SUMS - 2);
  }

  /** Those that keep up. */
  get #free() {
    return this.#members.hands.filter(({ index }) => !this.#members.get(index)?.silent);
  }

  /** Tells everyone about the round, and about the parts that are theirs. */
  #hand(grants: readonly Grant[]): void {
    for (const member of this.#members.active) {
      const parts = grants.filter(({ worker }) => worker === member.index);
      if (parts.length > 0 || member.told < this.#number) this.#advance(member, parts);
    }
  }

  /** Takes a replica to the round, from wherever it was told to be, and has it compute `parts`. */
  #advance(member: Member, parts: readonly Task[], from = member.told + 1): void {
    if (this.#number - member.heard > SUMS - 2) {
      // It has not answered for rounds: what it would need is not kept for ever.
      member.silent = true;
      member.state = "waiting";
      this.#round.release(member.index);
      return;
    }
    this.#lead(member, from, parts);
  }

  /** Says again what may have been lost: from the round on in which it was last heard of. */
  #remind(member: Member): void {
    this.#advance(member, this.#round.outstanding(member.index), member.heard + 1);
    if (this.#phase === "voting" && this.#set !== undefined && !this.#votes.has(member.index)) {
      this.#askToSave(member, this.#set);
    }
  }

  #lead(member: Member, from: number, parts: readonly Task[]): void {
    const epoch = this.#epoch;
    const { ref } = member.card;
    for (let round = Math.min(from, this.#number); round <= this.#number; round++) {
      const last = round === this.#number;
      ref.tell({ kind: "advance", epoch, round, sum: this.#sums.get(round - 1), parts: last ? parts : [] });
    }
    member.told = this.#number;
    member.toldAt = this.#now;
  }

  async #computed(message: Computed): Promise<void> {
    const { worker, round, slot, loss, checksum, milliseconds } = message;
    this.#members.get(worker)?.measured(milliseconds);
    if (this.#phase !== "computing" || round !== this.#number) return;
    this.#round.settle(message, { worker, slot, loss, checksum });
    if (this.#round.results) await this.#combine();
    else this.#goOn();
  }

  async #combine(): Promise<void> {
    const { strategy, arena, collective } = this.#place;
    const results = this.#round.results ?? [];
    const slot = results.length === 1 ? results[0].slot : arena.sum(this.#number);
    const parts = results.map((result) => arena.slot(result.slot));
    const inspections = await strategy.combine(collective, parts, arena.slot(slot));
    for (const [part, { checksum, finite }] of inspections.entries()) {
      const { worker, checksum: told } = results[part];
      if (checksum === told && (finite || !strategy.finite)) continue;
      const again = this.#round.refuse(part).some((before) => before.checksum === checksum);
      if (again && checksum === told) return this.#diverged(`the gradient of part ${part}`);
      this.#failed(
        `worker-${worker}`,
        checksum === told ? "its gradient was not finite" : "its gradient was damaged",
        0,
      );
    }
    if (!this.#round.results) return this.#goOn();
    const loss = results.reduce((sum, result) => sum + result.loss, 0);
    if (strategy.finite && !Number.isFinite(loss)) return this.#diverged(`the loss, ${loss},`);
    this.#sums.set(this.#number, slot);
    this.#sums.delete(this.#number - SUMS);
    this.#commit({ round: this.#number, loss, workers: results.map(({ worker }) => worker) });
  }

  #commit(commit: Commit): void {
    this.#commits.push(commit);
    this.#place.ledger.tell({ kind: "committed", epoch: this.#epoch, commit });
    this.#arrive(commit.round + 1);
  }

  #diverged(what: string): void {
    const step = this.#number * this.#place.strategy.stepsPerRound;
    this.#hopeless(`training diverged: ${what} is not finite at step ${step}: lower lr or set clip`);
  }

  #hopeless(why: string): void {
    this.#enter("over");
    this.#place.ledger.tell({ kind: "hopeless", epoch: this.#epoch, why });
  }

  // Milestones

  /** Asks everyone who was not asked yet. */
  #vote(): void {
    if (this.#votes.size === 0 && this.#set === undefined) this.#set = this.#freeSet();
    // Without a set: all are in use for a moment, until the disk has caught up.
    if (this.#set === undefined) return;
    for (const member of this.#members.active) {
      if (member.asked === this.#number) continue;
      if (member.told < this.#number) this.#advance(member, []);
      if (member.state === "active") this.#askToSave(member, this.#set);
    }
    this.#count();
  }

  #askToSave(member: Member, set: number): void {
    member.asked = this.#number;
    member.toldAt = this.#now;
    member.card.ref.tell({ kind: "save", epoch: this.#epoch, round: this.#number, set });
  }

  #saved(worker: number, snapshot: Snapshot): void {
    const member = this.#members.get(worker);
    if (!member) return;
    if (
      this.#healing?.source === worker &&
      this.#healing.set === snapshot.set &&
      this.#healing.round === snapshot.round
    ) {
      this.#spread(snapshot);
    }
    if (this.#phase === "voting" && snapshot.round === this.#number && snapshot.set === this.#set) {
      this.#votes.set(worker, { worker, deviceKind: member.card.deviceKind, snapshot });
      this.#count();
    }
  }

  /** Ends the vote when all have voted, or most have and the others take too long. */
  #count(): void {
    const { active } = this.#members;
    const missing = active.filter(({ index }) => !this.#votes.has(index)).length;
    const late = this.#now - this.#since > this.#place.times.grace && 2 * missing < active.length;
    if (this.#votes.size === 0 || (missing > 0 && !late)) return;
    const { agreed, deviceKind, deviants } = judge([...this.#votes.values()]);
    if (deviants.length > 0) {
      this.#rollBacks++;
      for (const worker of deviants) {
        this.#failed(`worker-${worker}`, "its replica differs from the others", this.#number - this.#snapshot.round);
      }
      if (this.#rollBacks > MOST_ROLL_BACKS) {
        return this.#hopeless(`workers ${deviants} differ from the others again and again: take them out of --devices`);
      }
      return this.#rollBack();
    }
    this.#snapshot = agreed;
    this.#rollBacks = 0;
    for (const member of active) {
      if (member.card.deviceKind !== deviceKind) this.#restore(member, agreed);
    }
    this.#enter("evaluating");
    if (this.#milestone?.evaluate) this.#evaluate();
    else this.#keep(undefined);
  }

  #sendReport(): void {
    if (this.#report) this.#place.ledger.tell(this.#report);
    this.#reportedAt = this.#now;
  }

  #evaluateAgain(): void {
    this.#since = this.#now;
    this.#evaluator = undefined;
    this.#evaluate();
  }

  #evaluate(): void {
    const able = this.#members.active.filter(({ told }) => told === this.#number);
    const chosen = able.find(({ index }) => index === this.#snapshot.owner) ?? able[0];
    if (!chosen || this.#evaluator === chosen.card) return;
    this.#evaluator = chosen.card;
    chosen.toldAt = this.#now;
    chosen.card.ref.tell({ kind: "evaluate", epoch: this.#epoch, round: this.#number });
  }

  /** Hands the new snapshot to the ledger, and goes on. */
  #keep(test: ReconstructionError | undefined): void {
    const { checkpoint = false, last = false } = this.#milestone ?? {};
    this.#evaluator = undefined;
    this.#report = {
      kind: "snapshot",
      epoch: this.#epoch,
      snapshot: this.#snapshot,
      commits: this.#commits,
      test,
      occasion: { checkpoint, last },
      replyTo: this.#context.self,
    };
    this.#commits = [];
    this.#sendReport();
    if (last) return this.#enter("over");
    this.#enter("computing");
    this.#goOn();
  }

  // Healing

  /** Gives everyone who needs one the state of the round, from the snapshot or from a replica. */
  #heal(): void {
    const needy = this.#needy;
    if (needy.length === 0) return;
    if (this.#number === this.#snapshot.round) {
      for (const member of needy) this.#restore(member, this.#snapshot);
    } else if (!this.#healing) {
      const source = this.#members.active.find(({ told }) => told === this.#number);
      const set = this.#freeSet();
      if (!source || set === undefined) return;
      this.#healing = { source: source.index, round: this.#number, set, since: this.#now };
      source.card.ref.tell({ kind: "save", epoch: this.#epoch, round: this.#number, set });
    }
  }

  get #needy(): readonly Member[] {
    return this.#members.in("waiting").filter(({ silent }) => !silent);
  }

  #spread(snapshot: Snapshot): void {
    for (const member of this.#needy) this.#restore(member, snapshot);
    this.#healing = undefined;
  }

  #restore(member: Member, snapshot: Snapshot): void {
    member.state = "restoring";
    member.toldAt = this.#now;
    member.restore = { kind: "restore", epoch: this.#epoch, snapshot };
    member.card.ref.tell(member.restore);
  }

  #ready(worker: number, round: number): void {
    const member = this.#members.get(worker);
    if (member?.state !== "restoring" || round !== member.restore?.snapshot.round) return;
    Object.assign(member, { state: "active", told: round, heard: round, restore: undefined });
    this.#goOn();
  }

  /** All go back to the snapshot: what was done since is in doubt, or lost. */
  #rollBack(): void {
    const { round } = this.#snapshot;
    this.#epoch++;
    if (this.#number > round) this.#place.ledger.tell({ kind: "rolledBack", epoch: this.#epoch, round });
    this.#commits = [];
    this.#sums.clear();
    this.#healing = undefined;
    this.#evaluator = undefined;
    for (const member of this.#members.all) {
      Object.assign(member, { state: "waiting", silent: false, told: -1, heard: -1, asked: undefined });
      this.#welcome(member);
    }
    this.#arrive(round);
  }

  /** A set that nothing needs any more. */
  #freeSet(): number | undefined {
    const restoring = this.#members.in("restoring").flatMap(({ restore }) => restore?.snapshot.set ?? []);
    const used = [
      this.#snapshot.set,
      this.#kept.snapshot.set,
      ...this.#kept.pinned.map(({ set }) => set),
      ...(this.#report ? [this.#report.snapshot.set] : []),
      ...(this.#healing ? [this.#healing.set] : []),
      ...(this.#phase === "voting" && this.#set !== undefined ? [this.#set] : []),
      ...restoring,
    ];
    return Array.from({ length: SETS }, (_, set) => set).find((set) => !used.includes(set));
  }

  #noteKept(kept: LedgerState): void {
    this.#kept = kept;
    if (this.#report && kept.snapshot.round >= this.#report.snapshot.round) this.#report = undefined;
    this.#goOn();
  }

  // Time

  #tick(): void {
    const { gather, remind } = this.#place.times;
    if (this.#phase === "gathering" && this.#now - this.#since > gather) this.#gathered();
    if (this.#report && this.#now - this.#reportedAt > remind) this.#sendReport();
    if (this.#phase === "over" || this.#phase === "gathering") return;
    for (const member of this.#members.all) this.#lookAfter(member, remind);
    if (this.#healing && this.#now - this.#healing.since > remind) this.#healing = undefined;
    if (this.#phase === "computing" && !this.#held) this.#hand(this.#round.assignLate(this.#free, this.#now));
    if (this.#phase === "evaluating" && this.#now - this.#since > remind) this.#evaluateAgain();
    this.#goOn();
    this.#tellStatus();
  }

  #gathered(): void {
    if (this.#members.all.length > 0) this.#begin();
    else if (this.#stopping) this.#endHere();
  }

  /** There is nobody left to go on, and nobody is to come. */
  #endHere(): void {
    this.#milestone = { evaluate: false, checkpoint: true, last: true };
    this.#keep(undefined);
  }

  #lookAfter(member: Member, remind: number): void {
    const waited = this.#now - member.toldAt;
    if (member.state === "restoring" && member.restore && waited > remind) {
      this.#welcome(member);
      member.card.ref.tell(member.restore);
      member.toldAt = this.#now;
    }
    const outstanding = this.#round.outstanding(member.index).length;
    const asked = this.#phase === "voting" && member.asked === this.#number && !this.#votes.has(member.index);
    const expects = outstanding > 0 || asked || member.heard < this.#number;
    if (member.state === "active" && expects && waited > Math.max(remind, 4 * outstanding * member.pace)) {
      this.#remind(member);
    }
  }

  #tellStatus(): void {
    if (this.#now - this.#statusAt < STATUS) return;
    this.#statusAt = this.#now;
    const workers = this.#members.status((worker) => this.#round.outstanding(worker).length);
    this.#place.ledger.tell({ kind: "status", epoch: this.#epoch, workers });
  }
}

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
