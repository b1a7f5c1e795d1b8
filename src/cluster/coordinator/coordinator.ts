/**
 * The coordinator turns workers that come and go into one sequence of rounds. A round is a transaction: its parts are
 * computed, inspected and combined, and then it is committed and every replica goes on by the same bits; whatever fails
 * before that is computed again, whatever fails after it has failed too late to matter.
 *
 * The actor itself knows who is there, and whose messages count; what is done with them is `Progress`. Nothing of it is
 * needed to go on: a new coordinator gets the snapshot and the log from the ledger, and the rest from the workers.
 */
import type { Behavior, Context, Start, Terminated } from "../../actor/behavior.js";
import { untilBeat } from "../../world/beat.js";
import type { Succession, ToCoordinator, WorkerCard } from "../protocol.js";
import { Progress, type ProgressPlace, type ProgressTimes } from "./coordinator-state.js";
import { isSame, Members } from "./membership.js";
import { Member } from "./worker-proxy.js";

export interface CoordinatorTimes extends ProgressTimes {
  /** Milliseconds to wait for more workers once there is one. */
  readonly gather: number;
}

export interface CoordinatorPlace extends ProgressPlace {
  readonly workers: number;
  readonly times: CoordinatorTimes;
}

/** Milliseconds between two looks at what is late, and where nothing can be late but a lease: at default heartbeats. */
const TICK = 100;
const SLOW_TICK = 400;
/** Milliseconds. */
const STATUS = 250;
const SUCCESSION_TIMEOUT = 1000;

export function coordinator(place: CoordinatorPlace): Start<ToCoordinator> {
  return async (context) => {
    const succession = await place.ledger.ask<Succession>(
      (replyTo) => ({ kind: "succeed", coordinator: context.self, session: context.system.session, replyTo }),
      SUCCESSION_TIMEOUT,
    );
    return new Coordinator(context, place, succession);
  };
}

class Coordinator implements Behavior<ToCoordinator> {
  readonly #context: Context<ToCoordinator>;
  readonly #place: CoordinatorPlace;
  readonly #members = new Members();
  readonly #progress: Progress;
  /** It has found out where to begin. */
  #begun = false;
  #statusAt = 0;

  constructor(context: Context<ToCoordinator>, place: CoordinatorPlace, succession: Succession) {
    this.#context = context;
    this.#place = place;
    this.#progress = new Progress(place, context.self, context.system.clock, this.#members, succession);
    this.#tickIn(TICK);
  }

  async receive(message: ToCoordinator): Promise<void> {
    switch (message.kind) {
      case "join":
        this.#join(message.card, message.state);
        break;
      case "gone":
        if (this.#members.get(message.worker)?.card.session === message.session) {
          this.#leave(message.worker);
        }
        break;
      case "kept":
        this.#progress.kept(message);
        break;
      case "stop":
        this.#progress.stop();
        break;
      case "tick":
        this.#tick();
        break;
      default:
        await this.#answered(message);
    }
  }

  terminated({ ref }: Terminated): void {
    const member = this.#members.all.find(({ card }) => card.ref === ref);
    if (member) this.#leave(member.index);
  }

  /** What a worker answers counts if it is of now, and from one who belongs. */
  async #answered(message: Extract<ToCoordinator, { readonly epoch: number }>): Promise<void> {
    const member = this.#members.get(message.worker);
    if (!member || message.epoch !== this.#progress.account.epoch) return;
    member.hear("round" in message ? message.round : message.snapshot.round);
    switch (message.kind) {
      case "computed":
        return this.#progress.computed(member, message);
      case "led":
        return this.#progress.led(member, message);
      case "ready":
        return this.#ready(member, message.round);
      case "saved":
        return this.#progress.saved(member, message.snapshot);
      case "evaluated":
        return this.#progress.evaluated(message.round, message.errors);
    }
  }

  /** That a worker is back is told at once. */
  #ready(member: Member, round: number): void {
    const wasRestoring = member.state === "restoring";
    this.#progress.ready(member, round);
    if (wasRestoring && member.state === "active") this.#tellStatus();
  }

  #join(card: WorkerCard, state: Member["reported"]): void {
    const known = this.#members.get(card.index);
    if (known && isSame(known.card, card)) {
      // Nothing more was sent to it if it had not said where it is; now it is given a state.
      known.hear(known.heard);
      this.#progress.welcome(known);
      this.#progress.goOn();
      return;
    }
    if (known) this.#leave(card.index);
    if (this.#isGathering && this.#members.all.length === 0) this.#progress.gather();
    const member = new Member(card, state);
    this.#members.add(member);
    this.#context.watch(card.ref);
    this.#progress.welcome(member);
    this.#tellStatus();
    if (this.#isGathering && this.#members.all.length === this.#place.workers) this.#begin();
    else this.#progress.goOn();
  }

  /** What became of it the ledger hears by itself. */
  #leave(worker: number): void {
    const member = this.#members.get(worker);
    if (!member) return;
    this.#context.unwatch(member.card.ref);
    this.#members.remove(worker);
    this.#progress.release(worker);
  }

  get #isGathering(): boolean {
    return this.#progress.phase === "gathering";
  }

  #tick(): void {
    if (this.#isGathering && this.#progress.waited > this.#place.times.gather) this.#gathered();
    this.#progress.remind();
    // Every wakeup takes a core from the kernels for a moment.
    this.#tickIn(this.#progress.isLeased ? SLOW_TICK : TICK);
    if (this.#context.system.clock.now() - this.#statusAt >= STATUS) this.#tellStatus();
  }

  /** Those who are there have to do. */
  #gathered(): void {
    if (this.#members.all.length > 0) this.#begin();
    else this.#progress.stopHere();
  }

  #tickIn(milliseconds: number): void {
    this.#context.after(untilBeat(this.#context.system.clock, milliseconds), { kind: "tick" });
  }

  #begin(): void {
    this.#progress.begin(!this.#begun);
    this.#begun = true;
  }

  #tellStatus(): void {
    this.#statusAt = this.#context.system.clock.now();
    const workers = this.#members.status((worker) => this.#progress.outstanding(worker));
    const cards = this.#members.all.map(({ card }) => card);
    this.#place.ledger.tell({ kind: "status", epoch: this.#progress.account.epoch, workers, cards });
  }
}
