/** A worker's course through one life of a part: it reads from the servers, computes, and pushes, clock after clock. */
import type { Ref } from "../actor/ref.js";
import { askUntilAnswered } from "../actor/retry.js";
import { diverged } from "../cluster/coordinator/rollback-policy.js";
import { StrategyError } from "../strategies/rounds/guarded.js";
import type { Learner } from "../workload/learner.js";
import { vectorOps } from "../workload/vector-ops.js";
import type { Clock } from "../world/world.js";
import { PartLife } from "./part-life.js";
import type { Fetched, Life, Opened, Over, Progress, Pushed, ToServer } from "./protocol.js";
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
  #loss: number | undefined;
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
    return { part, life, clock: this.#begun?.clock, loss: this.#loss, isOutlived: this.#isOutlived };
  }

  /** Begins the life, or computes one clock. @param interruption ends the wait for parameters. The clock is then computed later */
  async advance(learner: Learner, interruption: AbortSignal): Promise<void> {
    const life = this.#begun;
    if (!life) {
      // Returns here, because another part of the worker may be behind this one, and comes first then.
      this.#begun = await this.#begin();
      return;
    }
    if (life.clock >= this.#options.end) return this.#arrive(life.clock);
    if (life.mustRead && !(await this.#read(life, interruption))) return;
    const { reads, clock } = life;
    const began = this.#options.clock.now();
    const { out, loss } = await life.contribute(learner);
    this.#refuseUnlessFinite(clock, out, loss);
    this.#loss = loss;
    this.#milliseconds = this.#options.clock.now() - began;
    await this.#push(clock, reads, out);
    if (life.clock >= this.#options.end) this.#isOver = true;
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
    const { part, life } = this;
    const opened = await this.#askAll<Opened>((replyTo) => ({ kind: "open", part, life, replyTo }));
    const clocks = opened.map((answer) => (answer.kind === "opened" ? answer.clock : Number.NaN));
    if (!this.#isCurrent(opened)) return undefined;
    const clock = Math.max(...clocks);
    // Tells all servers, because another part of this worker may wait for this one on a server that has a smaller clock.
    const arrived = await this.#tellArrival(clock);
    return this.#isCurrent(arrived) ? new PartLife(this.#options.rounds, this, clock) : undefined;
  }

  /** Reads the parameters. Returns false if the wait was interrupted, or the life is over. */
  async #read(life: PartLife, interruption: AbortSignal): Promise<boolean> {
    const { part, clock } = life;
    const fetch = (replyTo: Ref<Fetched | Over>): ToServer => ({
      ...{ kind: "fetch", part, life: this.life, clock, replyTo },
    });
    const answers = await unless(interruption, this.#askAll<Fetched>(fetch, interruption));
    if (!answers || !this.#isCurrent(answers)) return false;
    const { rounds } = this.#options;
    const parameters = new Float32Array(rounds.length);
    const reads = answers.map((answer, piece) => {
      if (answer.kind === "over") return -1;
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
  async #arrive(clock: number): Promise<void> {
    await this.#tellArrival(clock);
    this.#isOver = true;
  }

  #tellArrival(clock: number): Promise<Pushed[]> {
    const { part, life } = this;
    return this.#askAll<Pushed>((replyTo) => ({ kind: "arrive", part, life, clock, replyTo }));
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
