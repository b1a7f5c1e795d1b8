/**
 * A worker's coordinator: the one that the worker follows, in which term, and how it looks for one. It joins again and again
 * until a coordinator welcomes it, and after a silence of the one that it has. Without a coordinator it gives up after a
 * while, because the worker itself may be cut off.
 */
import type { Context } from "../../actor/behavior.js";
import type { Ref } from "../../actor/ref.js";
import { DawnpourError } from "../../error.js";
import type { ToCoordinator } from "../protocol.js";

/** Milliseconds between two checks for a coordinator. */
const LOOK = 100;
/** Milliseconds without a message of the coordinator after which the worker joins again. */
const SILENCE = 2000;

/** What a worker's link needs of its context. */
type LinkContext = Pick<Context<{ readonly kind: "look" }>, "after" | "watch" | "unwatch" | "system">;

export class CoordinatorLink<M = ToCoordinator> {
  readonly #context: LinkContext;
  /** Milliseconds without a coordinator after which the worker gives up. */
  readonly #patience: number;
  /** The newest term heard of. */
  #term = 0;
  #coordinator: Ref<M> | undefined;
  /** When the worker last had a coordinator; `#heard`: when a message of the coordinator last came. */
  #last: number;
  #heard: number;
  #cancelLook: () => void = () => undefined;

  constructor(context: LinkContext, patience: number) {
    this.#context = context;
    this.#patience = patience;
    this.#last = this.#heard = this.#now;
    this.#lookIn(0);
  }

  get term(): number {
    return this.#term;
  }

  /** Whether the worker has a coordinator. */
  get isUp(): boolean {
    return this.#coordinator !== undefined;
  }

  /**
   * Whether a message counts. Without a coordinator the worker ignores late messages, so that the state that it reports
   * stays true.
   */
  hears(term: number): boolean {
    if (term !== this.#term || !this.#coordinator) return false;
    this.#heard = this.#now;
    return true;
  }

  /** Follows a coordinator, unless its term is over, or it is followed already: then false. */
  follow(term: number, coordinator: Ref<M>): boolean {
    if (term < this.#term || (term === this.#term && this.#coordinator)) return false;
    if (this.#coordinator) this.#context.unwatch(this.#coordinator);
    this.#context.watch(coordinator);
    this.#coordinator = coordinator;
    this.#term = term;
    return true;
  }

  /** An actor has ended. Whether it was the coordinator: then the worker looks for another one at once. */
  lost(ref: Ref<never>): boolean {
    if (ref !== this.#coordinator) return false;
    this.#coordinator = undefined;
    this.#lookIn(0);
    return true;
  }

  /**
   * Whether to join now.
   * @throws DawnpourError when there was no coordinator for so long that the worker gives up
   */
  isToJoin(): boolean {
    const now = this.#now;
    if (this.#coordinator) this.#last = now;
    else if (now - this.#last > this.#patience) throw new DawnpourError(`no coordinator for ${this.#patience} ms`);
    const isToJoin = !this.#coordinator || now - this.#heard > SILENCE;
    if (isToJoin) this.#heard = now;
    return isToJoin;
  }

  /** Looks again later. Every wakeup takes a core from the kernels for a moment. */
  lookLater(): void {
    this.#lookIn(this.#coordinator ? SILENCE / 2 : LOOK);
  }

  tell(message: M): void {
    this.#coordinator?.tell(message);
  }

  get #now(): number {
    return this.#context.system.clock.now();
  }

  #lookIn(milliseconds: number): void {
    this.#cancelLook();
    this.#cancelLook = this.#context.after(milliseconds, { kind: "look" });
  }
}
