/**
 * The coordinator leads workers, which come and go, through one sequence of rounds. A round is a transaction: its parts are
 * computed, inspected and combined; then the round is committed, and every replica applies the same bits. A part that fails
 * before the commit is computed again. A failure after the commit does not touch the round.
 *
 * The actor decides which workers are members and which messages count. `Answers` handles the messages, and
 * `CoordinatorState` decides what comes next. None of its state has to survive: a new coordinator gets the snapshot and the
 * log from the journal, and the rest from the workers.
 */
import type { Behavior, Context, Start, Terminated } from "../../actor/behavior.js";
import { untilBeat } from "../../world/beat.js";
import type { Takeover } from "../journal/journal-protocol.js";
import type { Computed, ToCoordinator, WorkerInfo } from "../protocol.js";
import { Answers } from "./answers.js";
import { type CoordinatorParts, coordinatorParts } from "./coordinator-parts.js";
import { CoordinatorState } from "./coordinator-state.js";
import { isSame } from "./membership.js";
import type { StateOptions, StateTimes } from "./state-options.js";
import { WorkerProxy } from "./worker-proxy.js";

export interface CoordinatorTimes extends StateTimes {
  /** Milliseconds to wait for more workers once there is one. */
  readonly gather: number;
}

export interface CoordinatorOptions extends StateOptions {
  /** The most workers. */
  readonly workers: number;
  readonly times: CoordinatorTimes;
}

/** Milliseconds between two checks for late messages. */
const TICK = 100;
/** As TICK, while all workers run under a lease: the default time between heartbeats. */
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
  readonly #parts: CoordinatorParts;
  readonly #state: CoordinatorState;
  readonly #answers: Answers;
  /** The run begins at once when this many workers have joined. */
  readonly #expected: number;
  /** Whether the run has begun, at a snapshot or at a recovery point. */
  #begun = false;
  #statusAt = 0;

  constructor(context: Context<ToCoordinator>, options: CoordinatorOptions, takeover: Takeover) {
    this.#context = context;
    this.#options = options;
    this.#parts = coordinatorParts(options, context.self, context.system, takeover);
    this.#state = new CoordinatorState(this.#parts, takeover);
    this.#answers = new Answers(this.#parts, this.#state);
    this.#expected = takeover.workers ?? options.workers;
    this.#tickIn(TICK);
  }

  async receive(message: ToCoordinator): Promise<void> {
    switch (message.kind) {
      case "join":
        this.#join(message.info, message.state);
        break;
      case "gone":
        if (this.#parts.members.get(message.worker)?.info.incarnation === message.incarnation) {
          this.#leave(message.worker);
        }
        break;
      case "arrived":
        await this.#arrived(message.computed);
        break;
      case "leave":
        this.#letGo(message.worker);
        break;
      case "kept":
        this.#answers.kept(message);
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

  ended(): void {
    this.#parts.traffic.close();
  }

  terminated({ ref }: Terminated): void {
    const member = this.#parts.members.all.find(({ info }) => info.ref === ref);
    if (member) this.#leave(member.index);
  }

  /** An answer counts if it is of this term and from a member. */
  async #answered(message: Extract<ToCoordinator, { readonly term: number }>): Promise<void> {
    const member = this.#parts.members.get(message.worker);
    if (!member || message.term !== this.#parts.journal.term) return;
    member.hear("round" in message ? message.round : message.snapshot.round);
    switch (message.kind) {
      case "computed":
        return this.#come(message);
      case "leaseReport":
        return this.#answers.leaseReport(member, message);
      case "ready":
        return this.#ready(member, message.round);
      case "saved":
        return this.#answers.saved(member, message.snapshot);
      case "evaluated":
        return this.#answers.evaluated(message.round, message.errors);
    }
  }

  /** A worker has computed a part. Its vector arrives once the link has carried it. */
  #come(computed: Computed): Promise<void> | undefined {
    if (!this.#options.link) return this.#arrived(computed);
    const { round, worker, part, attempt, bytes } = computed;
    const { self } = this.#context;
    const name = `${worker} ${part} ${attempt}`;
    this.#parts.traffic.receive(round, name, bytes, () => self.tell({ kind: "arrived", computed }));
    return undefined;
  }

  /** The vector of a part has arrived. */
  async #arrived(computed: Computed): Promise<void> {
    const member = this.#parts.members.get(computed.worker);
    if (member && computed.term === this.#parts.journal.term) await this.#answers.computed(member, computed);
  }

  /** Tells the journal at once that a worker is back. */
  #ready(member: WorkerProxy, round: number): void {
    const wasRestoring = member.state === "restoring";
    this.#answers.ready(member, round);
    if (wasRestoring && member.state === "active") this.#tellStatus();
  }

  #join(info: WorkerInfo, state: WorkerProxy["reported"]): void {
    const known = this.#parts.members.get(info.index);
    if (known && isSame(known.info, info)) {
      // A silent worker gets no messages. Now that it has joined again, it is restored.
      known.hear(known.heard);
      this.#parts.healing.welcome(known);
      this.#state.goOn();
      return;
    }
    if (known) this.#leave(info.index);
    if (this.#isGathering && this.#parts.members.all.length === 0) this.#state.gather();
    const { traffic } = this.#parts;
    const member = new WorkerProxy(info, state, (bytes, then) => traffic.send(info.index, bytes, then));
    this.#parts.members.add(member);
    this.#context.watch(info.ref);
    this.#parts.healing.welcome(member);
    this.#tellStatus();
    if (this.#isGathering && this.#parts.members.all.length === this.#expected) this.#begin();
    else this.#state.goOn();
  }

  /** Removes a worker. The journal is not told, because it watches the worker itself. */
  #leave(worker: number): void {
    const member = this.#parts.members.get(worker);
    if (!member) return;
    this.#context.unwatch(member.info.ref);
    this.#parts.members.remove(worker);
    this.#answers.release(worker);
  }

  #letGo(worker: number): void {
    const member = this.#parts.members.get(worker);
    if (!member) {
      this.#parts.journal.released(worker);
      return;
    }
    member.leaving = true;
    this.#state.goOn();
  }

  get #isGathering(): boolean {
    return this.#state.phase === "gathering";
  }

  #tick(): void {
    if (this.#isGathering && this.#state.waited > this.#options.times.gather) this.#gathered();
    this.#answers.remind();
    // Every wakeup takes a core from the kernels for a moment.
    this.#tickIn(this.#parts.leases.isOut ? SLOW_TICK : TICK);
    if (this.#context.system.clock.now() - this.#statusAt >= STATUS) this.#tellStatus();
  }

  /** Begins with the workers that have joined. Without any, ends the run if a stop was asked for. */
  #gathered(): void {
    if (this.#parts.members.staying.length >= (this.#options.least ?? 1)) this.#begin();
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
    const workers = this.#parts.members.status((worker) => this.#parts.rounds.scheduler.outstanding(worker).length);
    const infos = this.#parts.members.all.map(({ info }) => info);
    this.#options.journal.tell({ kind: "status", term: this.#parts.journal.term, workers, infos });
  }
}
