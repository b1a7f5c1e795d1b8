/** A worker's course through one life of a part: it reads from the servers, computes, and pushes, clock after clock. */
import type { Ref } from "../actor/ref.js";
import { askUntilAnswered } from "../actor/retry.js";
import { diverged } from "../cluster/coordinator/rollback-policy.js";
import { StrategyError } from "../strategies/rounds/guarded.js";
import type { Learner } from "../workload/learner.js";
import { vectorOps } from "../workload/vector-ops.js";
import type { Clock } from "../world/world.js";
import { PartLife } from "./part-life.js";
import type { Fetched, Life, Opened, Progress, Pushed, ToServer } from "./protocol.js";
import type { ServedRounds } from "./served-rounds.js";

interface CourseOptions {
  readonly rounds: ServedRounds;
  /** In the order of their pieces. */
  readonly servers: readonly Ref<ToServer>[];
  /** Clocks of the whole run. */
  readonly end: number;
  readonly clock: Clock;
  readonly remind: number;
  /** The end of the message about values that are not finite. */
  readonly divergenceAdvice?: string;
  /** Ends every question. */
  readonly signal: AbortSignal;
}

export class PartCourse {
  readonly part: number;
  readonly life: number;
  readonly #options: CourseOptions;
  #begun: PartLife | undefined;
  #isOver = false;
  #isOutlived = false;
  #loss: { readonly at: number; readonly share: number } | undefined;
  /** Where parts come together: all servers have this round. */
  #reached: number | undefined;
  #isAsking = false;
  #milliseconds = 0;

  constructor(options: CourseOptions, { part, life }: Life) {
    this.#options = options;
    this.part = part;
    this.life = life;
  }

  /** No clock is left, or the part has a later life. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** The clock that comes next; -1 before the life has begun. */
  get clock(): number {
    return this.#begun?.clock ?? -1;
  }

  /** Milliseconds that its last contribution took to compute. */
  get milliseconds(): number {
    return this.#milliseconds;
  }

  get progress(): Progress {
    const { part, life } = this;
    const clock = this.#options.rounds.isBulk ? this.#reached : this.#begun?.clock;
    return { part, life, clock, loss: this.#loss?.share, lossAt: this.#loss?.at, isOutlived: this.#isOutlived };
  }

  /** Whether all servers have the round in which the part waits for its coordinator. */
  isWaiting(until: number): boolean {
    return this.#options.rounds.isBulk && this.#reached !== undefined && this.#reached >= until;
  }

  /**
   * Begins the life, or computes one clock.
   * @param interruption ends the wait for parameters. The clock is then computed later
   * @param until the clock that the part may not compute yet
   */
  async advance(learner: Learner, interruption: AbortSignal, until: number): Promise<void> {
    const life = this.#begun;
    if (!life) {
      // Returns here, because another part of the worker may be behind this one, and comes first then.
      this.#begun = await this.#begin();
      return;
    }
    if (life.clock >= Math.min(until, this.#options.end)) return this.#arrive(life.clock, interruption);
    if (life.mustRead && !(await this.#read(life, interruption))) return;
    const { reads, clock } = life;
    const began = this.#options.clock.now();
    const { out, loss } = await life.contribute(learner);
    this.#refuseUnlessFinite(clock, out, loss);
    this.#loss = { at: clock, share: loss };
    this.#milliseconds = this.#options.clock.now() - began;
    await this.#push(clock, reads, out);
    if (!this.#options.rounds.isBulk && life.clock >= this.#options.end) this.#isOver = true;
  }

  /**
   * Throws if a contribution is not finite, because no server may apply it. The worker is then restarted and computes the
   * contribution again. If that is not finite either, the run ends.
   */
  #refuseUnlessFinite(clock: number, out: Float32Array, loss: number): void {
    const isSound = Number.isFinite(vectorOps.dot(out, out));
    if (isSound && Number.isFinite(loss)) return;
    const { rounds, divergenceAdvice = "lower lr" } = this.#options;
    const what = isSound ? `the loss, ${loss},` : `the gradient of part ${this.part}`;
    throw new StrategyError(diverged(rounds.stepAt(clock), what, divergenceAdvice));
  }

  /** A life begins at the largest clock that a server has for the part. */
  async #begin(): Promise<PartLife | undefined> {
    const clocks = await this.#clocks();
    if (this.#isOver) return undefined;
    // Where parts come together, no server may lack what the part did.
    if (this.#options.rounds.isBulk) return new PartLife(this.#options.rounds, this, Math.min(...clocks));
    const clock = Math.max(...clocks);
    // Tells all servers, because another part of this worker may wait for this one on a server that has a smaller clock.
    const arrived = await this.#tellArrival(clock);
    return this.#isCurrent(arrived) ? new PartLife(this.#options.rounds, this, clock) : undefined;
  }

  /** Reads the parameters. Returns false if the wait was interrupted, or the life is over. */
  async #read(life: PartLife, interruption: AbortSignal): Promise<boolean> {
    const { part, clock } = life;
    const fetch = (replyTo: Ref<Fetched>): ToServer => ({
      ...{ kind: "fetch", part, life: this.life, clock, replyTo },
    });
    const answers = await unless(interruption, this.#askAll<Fetched>(fetch, interruption));
    if (!answers || !this.#isCurrent(answers) || !this.#hasReached(clock, answers)) return false;
    const { rounds } = this.#options;
    const parameters = new Float32Array(rounds.length);
    const reads = answers.map((answer, piece) => {
      if (answer.kind !== "fetched") return -1;
      rounds.pieceOf(parameters, piece).set(answer.values);
      return answer.version;
    });
    life.read(parameters, reads);
    return true;
  }

  async #push(clock: number, reads: readonly number[], out: Float32Array): Promise<void> {
    const { part, life } = this;
    const { rounds } = this.#options;
    const answers = await this.#askAll<Pushed>((replyTo, piece) => ({
      ...{ kind: "push", part, life, clock, reads, contribution: rounds.pieceOf(out, piece), replyTo },
    }));
    this.#isCurrent(answers);
  }

  /** Tells all servers that the part is done, because others may wait for it. */
  async #arrive(clock: number, interruption: AbortSignal): Promise<void> {
    const { end, rounds } = this.#options;
    const answers = await unless(interruption, this.#tellArrival(clock, interruption));
    if (!answers || (rounds.isBulk && !this.#hasReached(clock, answers))) return;
    if (clock >= end) this.#isOver = true;
  }

  /**
   * Where parts come together: asks whether a server that began anew lacks what the part did, which then begins again. Another part of
   * the worker may wait for that.
   */
  async isLost(): Promise<boolean> {
    const life = this.#begun;
    if (!life || this.#isOver || this.#isAsking) return false;
    // Answers may be late: they are about what the part had done when it asked.
    const { clock } = life;
    this.#isAsking = true;
    const least = Math.min(...(await this.#clocks()));
    this.#isAsking = false;
    if (least >= clock || this.#begun !== life) return false;
    this.#begun = undefined;
    return true;
  }

  /** The clock of the part on each server. */
  async #clocks(): Promise<number[]> {
    const { part, life } = this;
    const opened = await this.#askAll<Opened>((replyTo) => ({ kind: "open", part, life, replyTo }));
    this.#isCurrent(opened);
    return opened.map((answer) => (answer.kind === "opened" ? answer.clock : Number.NaN));
  }

  /** Whether all servers have the round. If one lacks it, the part begins again: it may have to compute what is lost. */
  #hasReached(clock: number, answers: readonly { readonly kind: string }[]): boolean {
    const isMissing = answers.some(({ kind }) => kind === "missing");
    if (isMissing) this.#begun = undefined;
    else this.#reached = Math.max(this.#reached ?? 0, clock);
    return !isMissing;
  }

  #tellArrival(clock: number, interruption?: AbortSignal): Promise<Pushed[]> {
    const { part, life } = this;
    return this.#askAll<Pushed>((replyTo) => ({ kind: "arrive", part, life, clock, replyTo }), interruption);
  }

  #isCurrent(answers: readonly { readonly kind: string }[]): boolean {
    if (answers.some(({ kind }) => kind === "over")) this.#isOver = this.#isOutlived = true;
    return !this.#isOver;
  }

  #askAll<R>(make: (replyTo: Ref<R>, piece: number) => ToServer, interruption?: AbortSignal): Promise<R[]> {
    const { servers, remind, signal } = this.#options;
    const limits = { remind, signal: interruption ? AbortSignal.any([signal, interruption]) : signal };
    const ask = (ref: Ref<ToServer>, piece: number): Promise<R> =>
      askUntilAnswered<ToServer, R>(ref, (replyTo) => make(replyTo, piece), limits);
    return Promise.all(servers.map(ask));
  }
}

/** The result of `doing`, or undefined if the signal is aborted first. The result of `doing` is then ignored. */
function unless<T>(signal: AbortSignal, doing: Promise<T>): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const end = (): void => resolve(undefined);
    if (signal.aborted) end();
    signal.addEventListener("abort", end);
    doing
      .then(resolve, (error) => (signal.aborted ? end() : reject(error)))
      .finally(() => signal.removeEventListener("abort", end));
  });
}
