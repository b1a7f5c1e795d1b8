/**
 * The coordinator turns workers that come and go into one sequence of rounds. A round is a transaction: its parts are
 * computed, inspected and combined; then the round is committed, and every replica applies the same bits. What fails
 * before the commit is computed again; what fails after it does not touch the round.
 *
 * The actor decides which workers are members and whose messages count; `CoordinatorState` handles the messages. None
 * of its state has to survive: a new coordinator gets the snapshot and the log from the journal, and the rest from the
 * workers.
 */
import type { Behavior, Context, Start, Terminated } from "../../actor/behavior.js";
import { untilBeat } from "../../world/beat.js";
import type { Takeover, ToCoordinator, WorkerInfo } from "../protocol.js";
import { CoordinatorState, type StateOptions, type StateTimes } from "./coordinator-state.js";
import { isSame, Membership } from "./membership.js";
import { WorkerProxy } from "./worker-proxy.js";

export interface CoordinatorTimes extends StateTimes {
  /** Milliseconds to wait for more workers once there is one. */
  readonly gather: number;
}

export interface CoordinatorOptions extends StateOptions {
  readonly workers: number;
  readonly times: CoordinatorTimes;
}

/**
 * Milliseconds between two checks for late messages, and while all workers run under a lease: at the default
 * heartbeats.
 */
const TICK = 100;
const SLOW_TICK = 400;
/** Milliseconds between two status messages. */
const STATUS = 250;
const TAKEOVER_TIMEOUT = 1000;

export function coordinator(options: CoordinatorOptions): Start<ToCoordinator> {
  return async (context) => {
    const takeover = await options.journal.ask<Takeover>(
      (replyTo) => ({ kind: "takeOver", coordinator: context.self, incarnation: context.system.incarnation, replyTo }),
      TAKEOVER_TIMEOUT,
    );
    return new Coordinator(context, options, takeover);
  };
}

class Coordinator implements Behavior<ToCoordinator> {
  readonly #context: Context<ToCoordinator>;
  readonly #options: CoordinatorOptions;
  readonly #members = new Membership();
  readonly #state: CoordinatorState;
  /** It has begun at a snapshot or at a recovery point. */
  #begun = false;
  #statusAt = 0;

  constructor(context: Context<ToCoordinator>, options: CoordinatorOptions, takeover: Takeover) {
    this.#context = context;
    this.#options = options;
    this.#state = new CoordinatorState(options, context.self, context.system.clock, this.#members, takeover);
    this.#tickIn(TICK);
  }

  async receive(message: ToCoordinator): Promise<void> {
    switch (message.kind) {
      case "join":
        this.#join(message.info, message.state);
        break;
      case "gone":
        if (this.#members.get(message.worker)?.info.incarnation === message.incarnation) {
          this.#leave(message.worker);
        }
        break;
      case "kept":
        this.#state.kept(message);
        break;
      case "stop":
        this.#state.stop();
        break;
      case "tick":
        this.#tick();
        break;
      default:
        await this.#answered(message);
    }
  }

  terminated({ ref }: Terminated): void {
    const member = this.#members.all.find(({ info }) => info.ref === ref);
    if (member) this.#leave(member.index);
  }

  /** An answer counts if it is of this term and from a member. */
  async #answered(message: Extract<ToCoordinator, { readonly term: number }>): Promise<void> {
    const member = this.#members.get(message.worker);
    if (!member || message.term !== this.#state.journal.term) return;
    member.hear("round" in message ? message.round : message.snapshot.round);
    switch (message.kind) {
      case "computed":
        return this.#state.computed(member, message);
      case "leaseReport":
        return this.#state.leaseReport(member, message);
      case "ready":
        return this.#ready(member, message.round);
      case "saved":
        return this.#state.saved(member, message.snapshot);
      case "evaluated":
        return this.#state.evaluated(message.round, message.errors);
    }
  }

  /** Tells the journal at once that a worker is back. */
  #ready(member: WorkerProxy, round: number): void {
    const wasRestoring = member.state === "restoring";
    this.#state.ready(member, round);
    if (wasRestoring && member.state === "active") this.#tellStatus();
  }

  #join(info: WorkerInfo, state: WorkerProxy["reported"]): void {
    const known = this.#members.get(info.index);
    if (known && isSame(known.info, info)) {
      // A silent worker got no more messages; now it is given a state.
      known.hear(known.heard);
      this.#state.welcome(known);
      this.#state.goOn();
      return;
    }
    if (known) this.#leave(info.index);
    if (this.#isGathering && this.#members.all.length === 0) this.#state.gather();
    const member = new WorkerProxy(info, state);
    this.#members.add(member);
    this.#context.watch(info.ref);
    this.#state.welcome(member);
    this.#tellStatus();
    if (this.#isGathering && this.#members.all.length === this.#options.workers) this.#begin();
    else this.#state.goOn();
  }

  /** The journal learns the fate of the worker by other ways. */
  #leave(worker: number): void {
    const member = this.#members.get(worker);
    if (!member) return;
    this.#context.unwatch(member.info.ref);
    this.#members.remove(worker);
    this.#state.release(worker);
  }

  get #isGathering(): boolean {
    return this.#state.phase === "gathering";
  }

  #tick(): void {
    if (this.#isGathering && this.#state.waited > this.#options.times.gather) this.#gathered();
    this.#state.remind();
    // Every wakeup takes a core from the kernels for a moment.
    this.#tickIn(this.#state.isLeased ? SLOW_TICK : TICK);
    if (this.#context.system.clock.now() - this.#statusAt >= STATUS) this.#tellStatus();
  }

  /** Begins with the workers that there are. */
  #gathered(): void {
    if (this.#members.all.length > 0) this.#begin();
    else this.#state.stopHere();
  }

  #tickIn(milliseconds: number): void {
    this.#context.after(untilBeat(this.#context.system.clock, milliseconds), { kind: "tick" });
  }

  #begin(): void {
    this.#state.begin(!this.#begun);
    this.#begun = true;
  }

  #tellStatus(): void {
    this.#statusAt = this.#context.system.clock.now();
    const workers = this.#members.status((worker) => this.#state.outstanding(worker));
    const infos = this.#members.all.map(({ info }) => info);
    this.#options.journal.tell({ kind: "status", term: this.#state.journal.term, workers, infos });
  }
}
