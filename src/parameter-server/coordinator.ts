/**
 * The coordinator of a run with parameter servers. It assigns the parts to the workers, and orders snapshots and evaluations. No
 * contribution waits for it, so the workers go on while there is no coordinator.
 *
 * None of its state has to survive. A new coordinator learns from the journal which rounds are recorded, and from the workers
 * which parts they have and how far these are.
 */
import type { Behavior, Context, Start, Terminated } from "../actor/behavior.js";
import type { Ref } from "../actor/ref.js";
import { JournalClient } from "../cluster/journal/journal-client.js";
import type { Takeover, ToJournal } from "../cluster/journal/journal-protocol.js";
import type { ToCoordinator, WorkerInfo } from "../cluster/protocol.js";

import { type TriggerOptions, Triggers } from "../training/triggers.js";
import { untilBeat } from "../world/beat.js";
import { Grant } from "./grant.js";
import { PartTable } from "./part-table.js";
import type { ToServedCoordinator, ToServedWorker, ToServer } from "./protocol.js";
import { RoundRecord } from "./round-record.js";

interface ServedCoordinatorOptions {
  readonly parts: number;
  /** Whether all parts of a round come together. */
  readonly isBulk: boolean;
  readonly workers: number;
  readonly servers: readonly Ref<ToServer>[];
  readonly triggers: TriggerOptions;
  readonly journal: Ref<ToJournal>;
  readonly times: {
    /** Milliseconds after which a message without an answer is sent again. */
    readonly remind: number;
    /** Milliseconds that the parts of a lost worker wait until it is started again. */
    readonly reserve: number;
  };
}

/** Milliseconds between two checks for late messages. */
const TICK = 100;
/** Milliseconds between two status messages. */
const STATUS = 250;
const TAKEOVER_TIMEOUT = 1000;

export function servedCoordinator(options: ServedCoordinatorOptions): Start<ToServedCoordinator> {
  return async (context) => {
    const coordinator = context.self as Ref<never>;
    const takeover = await options.journal.ask<Takeover>(
      (replyTo) => ({ kind: "takeOver", coordinator, incarnation: context.system.incarnation, replyTo }),
      TAKEOVER_TIMEOUT,
    );
    return new ServedCoordinator(context, options, takeover);
  };
}

interface Member {
  readonly info: WorkerInfo;
  readonly ref: Ref<ToServedWorker>;
  /** Number of contributions that the worker has computed. */
  done: number;
  /** Milliseconds that the last of them took. */
  pace: number;
}

class ServedCoordinator implements Behavior<ToServedCoordinator> {
  readonly #context: Context<ToServedCoordinator>;
  readonly #options: ServedCoordinatorOptions;
  readonly #journal: JournalClient;
  readonly #table: PartTable;
  readonly #record: RoundRecord;
  readonly #grant: Grant | undefined;
  readonly #members = new Map<number, Member>();
  #statusAt = 0;

  constructor(context: Context<ToServedCoordinator>, options: ServedCoordinatorOptions, takeover: Takeover) {
    const { parts, isBulk, workers, journal, triggers } = options;
    const self = context.self as Ref<never>;
    this.#context = context;
    this.#options = options;
    this.#journal = new JournalClient(journal, self as Ref<ToCoordinator>, takeover);
    this.#table = new PartTable(parts, workers, takeover.committed, takeover.term, this.#now);
    const { clock } = context.system;
    this.#grant = isBulk ? new Grant(triggers, takeover.committed) : undefined;
    const own = {
      grant: this.#grant,
      clock,
      triggers: new Triggers(triggers, clock),
      journal: this.#journal,
      table: this.#table,
    };
    this.#record = new RoundRecord({ ...options, ...own }, takeover);
    this.#tickLater();
  }

  receive(message: ToServedCoordinator): void {
    switch (message.kind) {
      case "join":
        this.#join(message);
        break;
      case "progress":
        this.#progress(message);
        break;
      case "gone":
        if (this.#members.get(message.worker)?.info.incarnation === message.incarnation) this.#leave(message.worker);
        return;
      case "saved":
        if (message.order.term !== this.#journal.term) return;
        this.#record.saved(message.piece, message.order);
        this.#goOn();
        break;
      case "evaluated":
        if (message.term !== this.#journal.term) return;
        this.#record.evaluated(message.round, message.errors);
        this.#goOn();
        break;
      case "kept":
        this.#journal.confirm(message);
        break;
      case "stop":
        this.#record.stop();
        this.#goOn();
        break;
      case "tick":
        this.#tick();
        break;
    }
  }

  terminated({ ref }: Terminated): void {
    for (const [worker, { info }] of this.#members) {
      if (info.ref === ref) this.#leave(worker);
    }
  }

  get #now(): number {
    return this.#context.system.clock.now();
  }

  #join({ info, parts, until }: ToServedCoordinator & { kind: "join" }): void {
    const { index } = info;
    const known = this.#members.get(index);
    const isNew = known?.info.ref.toString() !== info.ref.toString();
    if (known && isNew) this.#leave(index);
    if (isNew) {
      this.#members.set(index, { info, ref: info.ref as Ref<never>, done: 0, pace: 0 });
      this.#context.watch(info.ref as Ref<never>);
    }
    this.#grant?.heard(until);
    for (const part of parts) {
      if (isNew) this.#table.keep(index, part);
      this.#table.note(part);
    }
    this.#table.adopt(index);
    // This worker may have a later life of a part that a worker has which joined earlier. Each worker gets its own parts back.
    if (isNew) for (const worker of this.#members.keys()) this.#table.reclaim(worker);
    for (const worker of this.#members.keys()) this.#assign(worker);
    if (isNew) this.#tellStatus();
    this.#goOn();
  }

  #assign(worker: number): void {
    const coordinator = this.#context.self;
    const { term } = this.#journal;
    const lives = this.#record.isEnding ? [] : this.#table.livesOf(worker);
    this.#members.get(worker)?.ref.tell({ kind: "assign", term, coordinator, lives, until: this.#grant?.until });
  }

  /** Removes a worker. The journal is not told, because it watches the worker itself. */
  #leave(worker: number): void {
    const member = this.#members.get(worker);
    if (!member) return;
    this.#context.unwatch(member.info.ref);
    this.#members.delete(worker);
    this.#table.orphan(worker, this.#now);
  }

  #progress({ term, worker, parts, done, pace }: ToServedCoordinator & { kind: "progress" }): void {
    const member = this.#members.get(worker);
    if (!member || term !== this.#journal.term) return;
    member.done = done;
    member.pace = pace;
    for (const part of parts) this.#table.note(part);
    this.#goOn();
  }

  #goOn(): void {
    const workers = [...this.#members.values()].map(({ ref }) => ref);
    const until = this.#grant?.until;
    this.#record.goOn(workers, this.#context.self);
    if (this.#grant?.until !== until) for (const worker of this.#members.keys()) this.#assign(worker);
  }

  #tick(): void {
    const { remind, reserve } = this.#options.times;
    this.#table.settle([...this.#members.keys()], reserve, this.#now);
    this.#journal.remind(remind, this.#now);
    if (this.#now - this.#statusAt >= STATUS) {
      this.#tellStatus();
      for (const worker of this.#members.keys()) this.#assign(worker);
    }
    this.#goOn();
    this.#tickLater();
  }

  #tickLater(): void {
    this.#context.after(untilBeat(this.#context.system.clock, TICK), { kind: "tick" });
  }

  #tellStatus(): void {
    this.#statusAt = this.#now;
    const members = [...this.#members.values()];
    const workers = members.map(({ info: { index }, done, pace }) => ({
      ...{
        worker: index,
        parts: done,
        pace,
        state: this.#table.livesOf(index).length > 0 ? ("working" as const) : ("idle" as const),
      },
    }));
    const infos = members.map(({ info }) => info);
    this.#options.journal.tell({ kind: "status", term: this.#journal.term, workers, infos });
  }
}
