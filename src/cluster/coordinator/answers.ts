/** Handles the answers of workers and of the journal, and asks again when an answer does not come. */
import type { Evaluation } from "../../training/evaluate.js";
import type { JournalState } from "../journal/journal-protocol.js";
import type { Computed, LeaseReport, Snapshot } from "../protocol.js";
import type { CoordinatorParts } from "./coordinator-parts.js";
import type { CoordinatorState } from "./coordinator-state.js";
import type { Outcome } from "./round-history.js";
import type { WorkerProxy } from "./worker-proxy.js";

export class Answers {
  readonly #parts: CoordinatorParts;
  readonly #state: CoordinatorState;

  constructor(parts: CoordinatorParts, state: CoordinatorState) {
    this.#parts = parts;
    this.#state = state;
  }

  /** A worker is gone: its parts go to other workers. */
  release(worker: number): void {
    this.#state.check?.disturb();
    this.#parts.dispatch.release(worker);
    this.#settleLease();
    this.#state.goOn();
  }

  async computed(member: WorkerProxy, message: Computed): Promise<void> {
    member.measured(message.milliseconds);
    if (this.#state.phase !== "computing" || message.round !== this.#parts.rounds.number) return;
    // The worker computed a part, so the message with the lease of this round was lost.
    if (this.#parts.leases.isOut) this.#parts.leases.refuse(message.round);
    this.#parts.rounds.scheduler.settle(message, message);
    if (this.#parts.rounds.scheduler.results) this.#take(await this.#parts.rounds.combine());
    else this.#state.goOn();
  }

  /** A worker reports rounds that it did under a lease. */
  leaseReport(member: WorkerProxy, message: LeaseReport): void {
    const { number } = this.#parts.rounds;
    if (this.#parts.leases.take(message, number, this.#now)) this.#settleLease();
    else if (message.round > number) this.#diverged(member);
  }

  ready(member: WorkerProxy, round: number): void {
    if (member.restoring?.round === round) member.activate(round);
    else if (round > this.#parts.rounds.number || (member.state === "active" && round < member.heard))
      this.#diverged(member);
    this.#state.goOn();
  }

  saved(member: WorkerProxy, snapshot: Snapshot): void {
    this.#state.check?.saved(member, snapshot);
    this.#state.goOn();
  }

  evaluated(round: number, errors: Evaluation): void {
    if (this.#state.phase === "evaluating" && round === this.#parts.rounds.number) this.#state.keep(errors);
  }

  kept(state: JournalState): void {
    this.#parts.journal.confirm(state);
    this.#state.goOn();
  }

  /** Sends again what may have been lost. */
  remind(): void {
    this.#parts.journal.remind(this.#parts.options.times.remind, this.#now);
    if (this.#state.phase === "over" || this.#state.phase === "gathering") return;
    this.#settleLease();
    for (const member of this.#parts.members.all) this.#lookAfter(member);
    if (this.#state.phase === "computing") this.#parts.dispatch.handLate(this.#now);
    this.#state.goOn();
  }

  /** Ends a lease whose outcome is known, and goes on from the round that it reached. */
  #settleLease(): void {
    const { number } = this.#parts.rounds;
    const settled = this.#parts.dispatch.settleLease(this.#parts.options.times.grace, this.#now);
    if (!settled) return;
    this.#parts.journal.commit(settled.commits);
    if (settled.round > number) this.#state.arrive(settled.round);
    else this.#state.goOn();
  }

  /** The replica has diverged: it went on under a lease without the others, or for another coordinator. */
  #diverged(member: WorkerProxy): void {
    member.reset();
    this.release(member.index);
  }

  #take(outcome: Outcome): void {
    if (outcome.kind === "diverged") {
      this.#state.rollBackOrEnd(
        this.#parts.rollbackPolicy.diverged(
          this.#parts.options.strategy.stepAt(this.#parts.rounds.number),
          outcome.what,
        ),
      );
    } else if (outcome.kind === "fatal") {
      this.#state.rollBackOrEnd(outcome.why);
    } else if (outcome.kind === "refused") {
      for (const { worker, what, fault } of outcome.damaged) this.#parts.journal.failed(worker, what, { fault });
      this.#state.goOn();
    } else {
      this.#parts.journal.commit([outcome.commit]);
      this.#state.arrive(outcome.commit.round + 1);
    }
  }

  #lookAfter(member: WorkerProxy): void {
    const { remind, step } = this.#parts.options.times;
    if (member.asked.hasWaited(step, this.#now)) this.#parts.journal.stuck(member.info);
    if (member.state === "active" && this.#state.check?.remind(member, remind, this.#now)) return;
    if (member.state === "active") this.#parts.dispatch.remind(member, remind, this.#now);
    else this.#parts.healing.remind(member, remind, this.#now);
  }

  get #now(): number {
    return this.#parts.clock.now();
  }
}
