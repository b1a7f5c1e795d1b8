/**
 * A worker's link to its coordinator: which coordinator the worker follows, in which term, and how it looks for one. The worker
 * sends `join` until a coordinator welcomes it, and again when its coordinator has been silent for a while. Without a
 * coordinator it gives up after some time, because the worker itself may be cut off.
 */
import type { Context } from "../../actor/behavior.js";
import type { Ref } from "../../actor/ref.js";
import { DawnpourError } from "../../error.js";
import type { ToCoordinator } from "../protocol.js";

/** Milliseconds between two checks for a coordinator. */
const LOOK = 100;
/** Milliseconds without a message of the coordinator after which the worker joins again. */
const SILENCE = 2000;

/** The part of an actor's context that the link uses. */
type LinkContext = Pick<Context<{ readonly kind: "look" }>, "after" | "watch" | "unwatch" | "system">;

export class CoordinatorLink<M = ToCoordinator> {
  readonly #context: LinkContext;
  /** Milliseconds without a coordinator after which the worker gives up. */
  readonly #patience: number;
  /** The newest term heard of. */
  #term = 0;
  #coordinator: Ref<M> | undefined;
  /** When the worker last had a coordinator. */
  #last: number;
  /** When the last message of the coordinator came. */
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
   * Whether a message counts. Without a coordinator the worker ignores late messages, because they would change the state that
   * it reports.
   */
  hears(term: number): boolean {
    if (term !== this.#term || !this.#coordinator) return false;
    this.#heard = this.#now;
    return true;
  }

  /** Follows a coordinator. Returns false if its term is over, or the worker follows it already. */
  follow(term: number, coordinator: Ref<M>): boolean {
    if (term < this.#term || (term === this.#term && this.#coordinator)) return false;
    if (this.#coordinator) this.#context.unwatch(this.#coordinator);
    this.#context.watch(coordinator);
    this.#coordinator = coordinator;
    this.#term = term;
    return true;
  }

  /** An actor has ended. If it was the coordinator, looks for another one at once and returns true. */
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
