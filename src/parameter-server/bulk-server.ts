/**
 * A parameter server of a strategy whose parts come together. It owns one piece of the global state, and takes it from round to
 * round: when it has the contributions of all parts, it adds them in the order of the parts and makes the strategy's step.
 *
 * Nothing depends on lives of parts, because a part is a pure function of the round: whichever worker computes it, and however
 * often, its bits are the same. A server may be one round ahead of another one, so it keeps the parameters of the round before, too.
 */
import type { Behavior, Context } from "../actor/behavior.js";
import { Unanswered } from "../actor/retry.js";
import { HeldPiece } from "./held-piece.js";
import type { PieceUpdate } from "./piece-update.js";
import type { Begun, ToServer } from "./protocol.js";
import type { ServerOptions } from "./server.js";

type Waiting = ToServer & { kind: "fetch" | "arrive" };

export class BulkServer implements Behavior<ToServer> {
  readonly #context: Context<ToServer>;
  readonly #options: ServerOptions;
  readonly #update: PieceUpdate;
  readonly #held: HeldPiece;
  /** Rounds that are applied. */
  #round: number;
  /** The round that the keeper has, and that parts may read. */
  #readable: number;
  /** The parameters of `#readable`, and of the round before. */
  #parameters: Float32Array;
  #before: Float32Array;
  readonly #contributions = new Map<number, Float32Array>();
  readonly #waiting = new Map<number, Waiting>();
  #order: (ToServer & { kind: "save" }) | undefined;
  readonly #sent = new Unanswered();

  constructor(context: Context<ToServer>, options: ServerOptions, { version, state, before }: Begun) {
    this.#context = context;
    this.#options = options;
    this.#update = options.update();
    this.#held = new HeldPiece(options.rounds, state, this.#update.step);
    this.#round = this.#readable = version;
    this.#parameters = this.#held.parameters;
    this.#before = before ?? this.#parameters;
    context.every(options.remind, { kind: "look" });
  }

  async receive(message: ToServer): Promise<void> {
    switch (message.kind) {
      case "open":
        message.replyTo.tell({ kind: "opened", clock: this.#clockOf(message.part) });
        return;
      case "fetch":
      case "arrive":
        this.#waiting.set(message.part, message);
        return this.#serve();
      case "push":
        return this.#push(message);
      case "save":
        this.#order = message;
        return this.#save();
      case "logged":
        return this.#kept(message.version);
      case "look":
        if (this.#round > this.#readable && this.#sent.isLate(this.#options.remind, this.#now)) this.#keep();
    }
  }

  ended(): void {
    this.#update.destroy();
  }

  get #now(): number {
    return this.#context.system.clock.now();
  }

  /** The clock at which the part goes on, as far as this server knows. */
  #clockOf(part: number): number {
    return this.#round + (this.#contributions.has(part) ? 1 : 0);
  }

  async #push({ part, clock, contribution, replyTo }: ToServer & { kind: "push" }): Promise<void> {
    if (clock === this.#round && !this.#contributions.has(part)) {
      this.#contributions.set(part, contribution);
      if (this.#contributions.size === this.#options.rounds.parts) await this.#step();
    }
    replyTo.tell({ kind: "pushed" });
  }

  async #step(): Promise<void> {
    const { rounds, collective } = this.#options;
    const parts = Array.from({ length: rounds.parts }, (_, part) => this.#contributions.get(part) as Float32Array);
    this.#contributions.clear();
    await this.#held.applyAll(this.#round, parts, collective);
    this.#round++;
    this.#keep();
  }

  #keep(): void {
    const { log, piece } = this.#options;
    const { self } = this.#context;
    this.#sent.sent(this.#now);
    log.tell({
      ...{ kind: "keep", piece, owner: self.toString(), round: this.#round, state: this.#held.saved, replyTo: self },
    });
  }

  #kept(round: number): void {
    if (round !== this.#round || round === this.#readable) return;
    this.#readable = round;
    this.#before = this.#parameters;
    this.#parameters = this.#held.parameters;
    this.#serve();
    this.#save();
  }

  #serve(): void {
    for (const [part, message] of this.#waiting) {
      const { clock } = message;
      const isComing = clock > this.#readable && clock <= this.#clockOf(part);
      if (isComing) continue;
      this.#waiting.delete(part);
      const values = this.#valuesAt(clock);
      if (!values) message.replyTo.tell({ kind: "missing" });
      else if (message.kind === "arrive") message.replyTo.tell({ kind: "pushed" });
      else message.replyTo.tell({ kind: "fetched", version: clock, values });
    }
  }

  /** Undefined for a round that is over, and for one that cannot come, because the part's contribution is lost. */
  #valuesAt(clock: number): Float32Array | undefined {
    if (clock === this.#readable) return this.#parameters;
    return clock === this.#readable - 1 ? this.#before : undefined;
  }

  /** Has the piece saved, once it is in the round of the order. */
  #save(): void {
    const { log, piece } = this.#options;
    if (this.#order?.round !== this.#readable) return;
    const { term, id, round, set, replyTo } = this.#order;
    this.#order = undefined;
    log.tell({
      ...{ kind: "store", piece, owner: this.#context.self.toString() },
      ...{ order: { term, id, round, set }, replyTo },
    });
  }
}
