/**
 * What an actor is made of: a function from its context to a behavior. The function runs anew for every incarnation, so
 * the state of an actor is that function's local variables, and a restart begins with fresh ones.
 */
import type { Ending, Ref } from "./ref.js";
import type { ChildOptions, Supervision } from "./supervision.js";
import type { ActorSystem } from "./system.js";

/**
 * One call at a time: while a promise returned by any of these is pending, the actor takes nothing else from its mailbox.
 * What they throw, or reject with, is a failure of the actor, for its parent to deal with.
 */
export interface Behavior<M> {
  receive(message: M): void | Promise<void>;
  /** An actor that this one watches has ended. Needed by all who watch: a signal that nobody handles is a failure. */
  terminated?(signal: Terminated): void | Promise<void>;
  /** The last call, when all children have ended: release what was held. Not made when the actor is killed. */
  ended?(ending: Ending): void | Promise<void>;
}

export type Start<M> = (context: Context<M>) => Behavior<M> | Promise<Behavior<M>>;

export interface Terminated extends Ending {
  /** As it was passed to `watch`. */
  readonly ref: Ref<never>;
}

/** What an actor can do. Once it has ended, everything here either does nothing or, where a result is due, throws. */
export interface Context<M> {
  /** This incarnation. */
  readonly self: Ref<M>;
  readonly system: ActorSystem;
  /** Aborted as soon as the actor begins to end: for what it waits for. */
  readonly signal: AbortSignal;

  /** How failures of the children are dealt with, from now on. */
  supervise(supervision: Supervision): void;
  /**
   * A new child, after those before it have started. Messages to it wait in its mailbox until then.
   *
   * @returns the place of the child: good across its restarts
   * @throws UsageError when the name is taken, or the actor ends
   */
  spawn<C>(name: string, start: Start<C>, options?: ChildOptions): Ref<C>;
  /** Ends a child, which is not restarted; or, without one, this actor, as finished. */
  stop(child?: Ref<never>): void;

  /** One `terminated` call when the actor that `ref` now means ends; also if it has. Twice is as good as once. */
  watch(ref: Ref<never>): void;
  /** No `terminated` call from now on, even if one is due. */
  unwatch(ref: Ref<never>): void;

  /** Tells this actor `message` after so many milliseconds; returns what cancels it, for certain. */
  after(milliseconds: number, message: M): () => void;
  /** As `after`, again and again. */
  every(milliseconds: number, message: M): () => void;
}
