/**
 * The actor of a parameter server. It owns one piece of the global state. A contribution first gets an entry in the order log. The
 * server applies it when the entry is on disk, and only then can a part read the new version. A server that is started again
 * begins with the last saved state of its piece: see `order-log.ts`.
 */
import type { Behavior, Context, Start } from "../actor/behavior.js";
import type { Ref } from "../actor/ref.js";
import { askUntilAnswered, Unanswered } from "../actor/retry.js";
import type { ToJournal } from "../cluster/journal/journal-protocol.js";
import type { Collective } from "../collective/collective.js";
import { announceStage } from "../pipeline/stage-presence.js";
import { BulkServer } from "./bulk-server.js";
import { HeldPiece } from "./held-piece.js";
import { isDoubled, type Mark, note } from "./marks.js";
import type { PieceUpdate } from "./piece-update.js";
import type { Begun, Change, Fetched, Life, Over, Pushed, ToOrderLog, ToServer } from "./protocol.js";
import type { ServedRounds } from "./served-rounds.js";

export interface ServerOptions {
  readonly rounds: ServedRounds;
  readonly piece: number;
  readonly journal: Ref<ToJournal>;
  readonly log: Ref<ToOrderLog>;
  /** The run's optimizer, for this piece. */
  update(): PieceUpdate;
  /** Adds the contributions of a round. */
  readonly collective: Collective;
  /** Milliseconds after which a message without an answer is sent again. */
  readonly remind: number;
}

export function server(options: ServerOptions): Start<ToServer> {
  return async (context) => {
    const { journal, log, piece, remind } = options;
    await announceStage(context, journal, remind);
    const { incarnation } = context.system;
    const owner = context.self.toString();
    const begun = await askUntilAnswered<ToOrderLog, Begun>(
      log,
      (replyTo) => ({ kind: "begin", piece, owner, incarnation, replyTo }),
      { remind, signal: context.signal },
    );
    return options.rounds.isBulk ? new BulkServer(context, options, begun) : new Server(context, options, begun);
  };
}

/** A change that the log may not have yet. */
interface Pending {
  readonly change: Change;
  /** Absent if the change is a skip. */
  readonly contribution?: Float32Array;
}

class Server implements Behavior<ToServer> {
  readonly #context: Context<ToServer>;
  readonly #options: ServerOptions;
  readonly #update: PieceUpdate;
  readonly #held: HeldPiece;
  #version: number;
  /** How far each part is, from the changes that are applied. */
  readonly #marks: Mark[];
  /** How far each part is, from the pending changes as well. */
  readonly #next: Mark[];
  readonly #lives: number[];
  /** The changes after `#version`. */
  readonly #pending: Pending[] = [];
  /** Answers that parts wait for, to a push or an arrival: each is due at a version. */
  readonly #owed = new Map<number, { readonly version: number; readonly replyTo: Ref<Pushed> }>();
  /** Parts that wait for the parameters. */
  readonly #fetches = new Map<number, ToServer & { kind: "fetch" }>();
  readonly #sent = new Unanswered();

  constructor(context: Context<ToServer>, options: ServerOptions, { version, marks, state }: Begun) {
    this.#context = context;
    this.#options = options;
    this.#update = options.update();
    this.#held = new HeldPiece(options.rounds, state, this.#update.step);
    this.#version = version;
    this.#marks = [...marks];
    this.#next = [...marks];
    this.#lives = marks.map(({ life }) => life);
    context.every(options.remind, { kind: "look" });
  }

  async receive(message: ToServer): Promise<void> {
    switch (message.kind) {
      case "open":
        if (this.#isCurrent(message)) message.replyTo.tell({ kind: "opened", clock: this.#next[message.part].clock });
        return;
      case "fetch":
        if (!this.#isCurrent(message)) return;
        this.#skipTo(message);
        this.#fetches.set(message.part, message);
        return this.#serve();
      case "push":
        if (this.#isCurrent(message)) this.#push(message);
        return;
      case "arrive":
        if (!this.#isCurrent(message)) return;
        this.#skipTo(message);
        return this.#owe(message);
      case "save":
        return this.#save(message);
      case "logged":
        return this.#logged(message.version);
      case "look":
        if (this.#pending.length > 0 && this.#sent.isLate(this.#options.remind, this.#now)) this.#append();
    }
  }

  ended(): void {
    this.#update.destroy();
  }

  get #now(): number {
    return this.#context.system.clock.now();
  }

  /** Whether the part has no later life. If it has one, the sender is told. */
  #isCurrent({ part, life, replyTo }: Life & { readonly replyTo: Ref<Over> }): boolean {
    if (life < this.#lives[part]) {
      replyTo.tell({ kind: "over" });
      return false;
    }
    if (life > this.#lives[part]) {
      this.#lives[part] = life;
      this.#owed.delete(part);
      this.#fetches.delete(part);
    }
    return true;
  }

  /** The part is at this clock. Contributions of earlier clocks that have not come will not come any more. */
  #skipTo({ part, clock }: { readonly part: number; readonly clock: number }): void {
    if (clock > this.#next[part].clock) this.#add({ change: { part, skip: clock } });
  }

  #push(message: ToServer & { kind: "push" }): void {
    const { part, life, clock, reads, contribution } = message;
    this.#skipTo(message);
    if (!isDoubled(this.#next[part], message)) this.#add({ change: { part, life, clock, reads }, contribution });
    this.#owe(message);
  }

  #add(pending: Pending): void {
    this.#pending.push(pending);
    note(this.#next, pending.change);
    this.#append();
  }

  /** Sends the log all changes that it may not have. */
  #append(): void {
    const { log, piece } = this.#options;
    const { self } = this.#context;
    const changes = this.#pending.map(({ change }) => change);
    this.#sent.sent(this.#now);
    log.tell({
      ...{ kind: "append", piece, owner: self.toString(), first: this.#version + 1 },
      ...{ changes, replyTo: self },
    });
  }

  /** The part gets its answer when all changes so far are applied. */
  #owe({ part, replyTo }: { readonly part: number; readonly replyTo: Ref<Pushed> }): void {
    this.#owed.set(part, { version: this.#version + this.#pending.length, replyTo });
    this.#pay();
  }

  async #logged(version: number): Promise<void> {
    while (this.#version < version) {
      const { change, contribution } = this.#pending[0];
      if (contribution && "clock" in change) await this.#held.apply(change.part, change.clock, contribution);
      this.#pending.shift();
      this.#version++;
      note(this.#marks, change);
    }
    this.#pay();
    this.#serve();
  }

  #pay(): void {
    for (const [part, { version, replyTo }] of this.#owed) {
      if (version > this.#version) continue;
      this.#owed.delete(part);
      replyTo.tell({ kind: "pushed" });
    }
  }

  /** Answers the fetches that the bound on staleness allows. */
  #serve(): void {
    for (const [part, message] of this.#fetches) {
      if (!this.#isFresh(message)) continue;
      this.#fetches.delete(part);
      const fetched: Fetched = { kind: "fetched", version: this.#version, values: this.#held.parameters };
      message.replyTo.tell(fetched);
    }
  }

  /** Whether the piece has all contributions that the part must see at its clock. */
  #isFresh({ part, clock }: { readonly part: number; readonly clock: number }): boolean {
    const { consistency } = this.#options.rounds.strategy;
    if (consistency?.kind !== "stale") return true;
    return this.#marks.every((other, i) => i === part || other.clock >= clock - consistency.bound);
  }

  #save({ term, id, round, set, replyTo }: ToServer & { kind: "save" }): void {
    const { log, piece } = this.#options;
    log.tell({
      ...{ kind: "save", piece, owner: this.#context.self.toString() },
      ...{ version: this.#version, state: this.#held.saved, order: { term, id, round, set }, replyTo },
    });
  }
}
