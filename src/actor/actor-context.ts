/** The context of one incarnation of an actor. It owns the incarnation's watches and timers, which end with it. */
import { DawnpourError, UsageError } from "../error.js";
import type { Actor } from "./actor.js";
import type { Behavior, Context, Start, Terminated } from "./behavior.js";
import type { Ref } from "./ref.js";
import type { ChildOptions, Supervision } from "./supervision.js";
import type { ActorSystem } from "./system.js";
import type { Signal } from "./system-message.js";

export class ActorContext implements Context<unknown> {
  readonly #actor: Actor;
  /** By the text of the watched address. */
  readonly #watches = new Map<string, Watch>();
  readonly #timers = new Set<Timer>();
  #abort: AbortController | undefined;

  constructor(actor: Actor) {
    this.#actor = actor;
  }

  get self(): Ref<unknown> {
    return this.#actor.ref;
  }

  get system(): ActorSystem {
    return this.#actor.system;
  }

  get signal(): AbortSignal {
    if (!this.#abort) {
      this.#abort = new AbortController();
      if (this.#actor.isEnding) {
        this.#abort.abort();
      }
    }
    return this.#abort.signal;
  }

  supervise(supervision: Supervision): void {
    this.#actor.children.supervise(supervision);
  }

  spawn<C>(name: string, start: Start<C>, options: ChildOptions = {}): Ref<C> {
    if (this.#actor.isEnding) {
      throw new UsageError(`${this.#actor.path} cannot spawn "${name}": it is ending; check Context.signal first`);
    }
    return this.system.at(this.#actor.children.spawn(name, start, options).path);
  }

  stop(child?: Ref<never>): void {
    if (!child) {
      this.#actor.end({ reason: "finished" });
    } else if (!this.#actor.children.stop(this.system.find(child.address))) {
      const living = this.system.find(child.address);
      if (living) {
        throw new UsageError(`${this.#actor.path} cannot stop ${child}: only the parent can`);
      }
    }
  }

  watch(ref: Ref<never>): void {
    const key = ref.toString();
    if (!this.#actor.isEnding && !this.#watches.has(key)) {
      const watch = new Watch(ref, () => this.#watches.delete(key));
      this.#watches.set(key, watch);
      watch.cancel = ref.onEnd((ending) => {
        watch.signal = { ref, ...ending };
        this.#actor.signal(watch);
      });
    }
  }

  unwatch(ref: Ref<never>): void {
    const watch = this.#watches.get(ref.toString());
    if (watch) {
      watch.wanted = false;
      watch.cancel();
      this.#watches.delete(ref.toString());
    }
  }

  after(milliseconds: number, message: unknown): () => void {
    return this.#timer(milliseconds, message, false);
  }

  every(milliseconds: number, message: unknown): () => void {
    return this.#timer(milliseconds, message, true);
  }

  #timer(milliseconds: number, message: unknown, again: boolean): () => void {
    if (this.#actor.isEnding) {
      return () => undefined;
    }
    const timer = new Timer(this.#actor, milliseconds, message, again, () => this.#timers.delete(timer));
    this.#timers.add(timer);
    timer.set();
    return () => timer.cancel();
  }

  close(): void {
    this.#abort?.abort();
    for (const { cancel } of this.#watches.values()) {
      cancel();
    }
    this.#watches.clear();
    for (const timer of this.#timers) {
      timer.cancel();
    }
  }
}

/** A watched actor ended and its watcher has no `terminated`. */
export class WatchError extends DawnpourError {
  override name = "WatchError";
}

class Watch implements Signal {
  readonly #ref: Ref<never>;
  readonly #done: () => void;
  wanted = true;
  signal: Terminated | undefined;
  cancel = (): void => undefined;

  constructor(ref: Ref<never>, done: () => void) {
    this.#ref = ref;
    this.#done = done;
  }

  deliver(behavior: Behavior<unknown>): void | Promise<void> {
    if (!this.wanted || !this.signal) {
      return;
    }
    this.#done();
    if (!behavior.terminated) {
      throw new WatchError(
        `${this.#ref} has ended (${this.signal.reason}), and its watcher has no "terminated"; add one`,
      );
    }
    return behavior.terminated(this.signal);
  }
}

class Timer implements Signal {
  readonly #actor: Actor;
  readonly #milliseconds: number;
  readonly #message: unknown;
  readonly #again: boolean;
  readonly #done: () => void;
  #cancelled = false;
  #clear = (): void => undefined;

  constructor(actor: Actor, milliseconds: number, message: unknown, again: boolean, done: () => void) {
    this.#actor = actor;
    this.#milliseconds = milliseconds;
    this.#message = message;
    this.#again = again;
    this.#done = done;
  }

  set(): void {
    this.#clear = this.#actor.system.timers.after(this.#milliseconds, () => this.#actor.signal(this));
  }

  cancel(): void {
    this.#cancelled = true;
    this.#clear();
    this.#done();
  }

  /** The next interval begins here, so that messages of a timer never pile up. */
  deliver(behavior: Behavior<unknown>): void | Promise<void> {
    if (this.#cancelled) {
      return;
    }
    if (this.#again) {
      this.set();
    } else {
      this.#done();
    }
    return behavior.receive(this.#message);
  }
}
