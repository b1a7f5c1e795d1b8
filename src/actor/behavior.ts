/**
 * An actor is a function from its context to a behavior. The function runs for every incarnation, so the state of an
 * actor is that function's local variables, and a restart begins with fresh ones.
 */
import type { Ending, Ref } from "./ref.js";
import type { ChildOptions, Supervision } from "./supervision.js";
import type { ActorSystem } from "./system.js";

/**
 * The functions of an actor. They are called one at a time: while a promise of one call is pending, the actor takes nothing else
 * from its mailbox. An error that a call throws, or rejects with, is a failure of the actor, which its parent handles.
 */
export interface Behavior<M> {
  /** Handles one message. If it returns a promise, the next message waits until that is settled. */
  receive(message: M): void | Promise<void>;
  /** A watched actor has ended. An actor that watches others needs this function; without it the signal is a failure. */
  terminated?(signal: Terminated): void | Promise<void>;
  /** Called last, when all children have ended. It releases the actor's resources. It is not called when the actor is killed. */
  ended?(ending: Ending): void | Promise<void>;
}

/** Makes the behavior of an actor, when it starts and whenever it starts again. */
export type Start<M> = (context: Context<M>) => Behavior<M> | Promise<Behavior<M>>;

/** The end of a watched actor. */
export interface Terminated extends Ending {
  /** The ref that was passed to `watch`. */
  readonly ref: Ref<never>;
}

/** What an actor can do. After the actor's end each method does nothing or, if it returns a value, throws. */
export interface Context<M> {
  /** A ref to this incarnation. */
  readonly self: Ref<M>;
  readonly system: ActorSystem;
  /** Aborted as soon as the actor begins to end. Pass it to the functions that the actor awaits. */
  readonly signal: AbortSignal;

  /** Sets how failures of the children are handled from now on. */
  supervise(supervision: Supervision): void;
  /**
   * Makes a child. It starts after its older siblings have started. Messages wait in its mailbox until then.
   *
   * @returns a ref to the child's path, which stays valid across restarts
   * @throws UsageError when the name is taken, or the actor is ending
   */
  spawn<C>(name: string, start: Start<C>, options?: ChildOptions): Ref<C>;
  /** Ends a child for good; without an argument, ends this actor as finished. */
  stop(child?: Ref<never>): void;

  /**
   * Calls `terminated` once: when the actor that `ref` refers to now ends, or at once if it has ended. A second watch of the same
   * actor changes nothing.
   */
  watch(ref: Ref<never>): void;
  /** Ends a watch: `terminated` is not called for it any more, even if the actor has just ended. */
  unwatch(ref: Ref<never>): void;

  /** Sends this actor `message` after `milliseconds`. The returned function cancels that, even if the time is just up. */
  after(milliseconds: number, message: M): () => void;
  /** As `after`, repeatedly. */
  every(milliseconds: number, message: M): () => void;
}
