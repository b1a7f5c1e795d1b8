/**
 * An actor is a function from its context to a behavior. The function runs for every incarnation, so the state of an
 * actor is that function's local variables, and a restart begins with fresh ones.
 */
import type { Ending, Ref } from "./ref.js";
import type { ChildOptions, Supervision } from "./supervision.js";
import type { ActorSystem } from "./system.js";

/**
 * One call at a time: while a promise of one call is pending, the actor takes nothing else from its mailbox. An error
 * that a call throws, or rejects with, is a failure of the actor; its parent deals with it.
 */
export interface Behavior<M> {
  /** Handles one message. The next one waits until a promise that it returns is settled; an error is a failure of the actor. */
  receive(message: M): void | Promise<void>;
  /** A watched actor has ended. Every actor that watches needs it: a signal without a handler is a failure. */
  terminated?(signal: Terminated): void | Promise<void>;
  /** Called last, when all children have ended: release resources here. Not called when the actor is killed. */
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
  /** Aborted as soon as the actor begins to end: pass it to whatever the actor awaits. */
  readonly signal: AbortSignal;

  /** How failures of the children are handled, from now on. */
  supervise(supervision: Supervision): void;
  /**
   * A new child, started after its older siblings. Messages wait in its mailbox until then.
   *
   * @returns a ref to the child's place: it stays valid across restarts
   * @throws UsageError when the name is taken, or the actor is ending
   */
  spawn<C>(name: string, start: Start<C>, options?: ChildOptions): Ref<C>;
  /** Ends a child for good; without an argument, ends this actor as finished. */
  stop(child?: Ref<never>): void;

  /**
   * Calls `terminated` once, when the actor that `ref` means now ends, or at once if it has ended. A second watch of
   * the same actor changes nothing.
   */
  watch(ref: Ref<never>): void;
  /** No `terminated` call from now on, even if one is due. */
  unwatch(ref: Ref<never>): void;

  /** Sends this actor `message` after `milliseconds`; the returned function cancels it reliably. */
  after(milliseconds: number, message: M): () => void;
  /** As `after`, repeatedly. */
  every(milliseconds: number, message: M): () => void;
}
