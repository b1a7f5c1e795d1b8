/**
 * One incarnation of an actor: a mailbox, and the behavior that handles one message at a time.
 *
 *     waiting -> starting -> running -> ending -> dead
 *
 * An incarnation waits for its turn to start among its siblings. It ends by itself, by its parent, or by a failure. The end has
 * a fixed order: the current message is completed, the children end in reverse order, `ended` is called, watchers and parent are
 * told. Code that exceeds its deadline is abandoned.
 */
import { ActorContext } from "./actor-context.js";
import type { Behavior, Start } from "./behavior.js";
import { Children } from "./children.js";
import { Execution } from "./execution.js";
import { LocalRef } from "./local-ref.js";
import { Mailbox, NOTHING } from "./mailbox.js";
import type { DeadLetter, Ending } from "./ref.js";
import type { ChildOptions } from "./supervision.js";
import type { ActorSystem } from "./system.js";
import { type Signal, SystemMessage } from "./system-message.js";

type Phase = "waiting" | "starting" | "running" | "ending" | "dead";

export class Actor {
  readonly system: ActorSystem;
  readonly parent: Actor | undefined;
  readonly path: string;
  readonly ref: LocalRef;
  readonly children = new Children(this);
  readonly #start: Start<unknown>;
  readonly #options: Required<ChildOptions>;
  readonly #mailbox: Mailbox<unknown>;
  readonly #watchers = new Set<(ending: Ending) => void>();
  readonly #context: ActorContext;
  #phase: Phase = "waiting";
  #behavior: Behavior<unknown> | undefined;
  #ending: Ending | undefined;
  #isUp = false;
  #scheduled = false;
  readonly #execution = new Execution(this);
  /** The next stage of its end. */
  #onward = (): void => this.#endChildren();

  constructor(
    system: ActorSystem,
    parent: Actor | undefined,
    name: string,
    start: Start<unknown>,
    options: Required<ChildOptions>,
  ) {
    this.system = system;
    this.parent = parent;
    this.path = parent ? `${parent.path}/${name}` : name;
    this.#start = start;
    this.#options = options;
    this.#mailbox = new Mailbox(options.mailbox);
    this.ref = new LocalRef(this, system.enter(this));
    this.#context = new ActorContext(this);
  }

  get phase(): Phase {
    return this.#phase;
  }

  /** Whether the incarnation, or one of the children that it starts with, has not finished starting. */
  get isStarting(): boolean {
    return this.#phase === "starting" || (this.#phase === "running" && !this.#isUp);
  }

  get isEnding(): boolean {
    return this.#phase === "ending" || this.#phase === "dead";
  }

  post(message: unknown): void {
    if (this.isEnding) {
      this.#deadLetter(message, "absent");
    } else if (this.#mailbox.offer(message)) {
      this.wake();
    } else {
      this.#deadLetter(message, "overflow");
    }
  }

  signal(signal: Signal): void {
    if (!this.isEnding) {
      this.#mailbox.push(new SystemMessage(signal));
      this.wake();
    }
  }

  /** Calls `listener` when the incarnation ends, or at once if it has ended. Returns a function that cancels the call. */
  onEnd(listener: (ending: Ending) => void): () => void {
    if (this.#phase === "dead") {
      listener({ reason: "absent" });
      return () => undefined;
    }
    this.#watchers.add(listener);
    return () => this.#watchers.delete(listener);
  }

  /** Starts the actor: its turn has come. */
  begin(): void {
    this.#phase = "starting";
    this.system.scheduler.schedule(() => {
      if (this.#phase === "starting") {
        this.#execution.perform(
          () => this.#start(this.#context),
          (behavior) => this.#started(behavior),
        );
        this.wake();
      }
    });
  }

  #started(behavior: Behavior<unknown>): void {
    // Kept even if the actor is ending by now, because `ended` of the behavior releases its resources.
    this.#behavior = behavior;
    if (this.#phase === "starting") {
      this.#phase = "running";
      this.system.events.publish({ event: "started", path: this.path });
      this.children.started();
    }
  }

  /** All children have started, for the first time or again. */
  childrenStarted(): void {
    if (!this.parent) this.system.allStarted();
    if (this.#phase === "running" && !this.#isUp) {
      this.#isUp = true;
      this.parent?.children.started();
    }
  }

  /** Begins the end of the actor. Later calls do nothing: the first reason counts. */
  end(ending: Ending): void {
    if (this.isEnding) return;
    this.#phase = "ending";
    this.#ending = ending;
    this.#context.close();
    if (ending.reason === "stopped" && this.#options.shutdown === 0) {
      this.#execution.abandon();
      this.#giveUp();
    } else if (this.#execution.isBusy) {
      this.#setDeadline();
    } else {
      this.#onward();
    }
  }

  fail(error: unknown): void {
    if (this.isEnding) {
      this.system.events.publish({ event: "failed-ending", path: this.path, error });
    } else {
      this.end({ reason: "failed", error });
    }
  }

  /** Makes a child that waits for its turn to start. The caller knows the type of its messages; this code does not. */
  makeChild<C>(name: string, start: Start<C>, options: Required<ChildOptions>): Actor {
    return new Actor(this.system, this, name, start as Start<unknown>, options);
  }

  /** Ends the actor and all its descendants now. */
  kill(): void {
    if (this.#phase === "dead") return;
    this.#phase = "ending";
    this.#execution.abandon();
    this.#context.close();
    this.children.killAll();
    this.#ending = { reason: "killed" };
    this.#die();
  }

  get #isReady(): boolean {
    return this.#phase === "running" && !this.#execution.isBusy;
  }

  /** Schedules a turn, if there is something to do. */
  wake(): void {
    if (!this.#scheduled && this.#isReady && this.#mailbox.length > 0) {
      this.#scheduled = true;
      this.system.scheduler.schedule(this.#run);
    }
  }

  readonly #run = (): void => {
    this.#scheduled = false;
    for (let left = this.system.scheduler.batch; left > 0 && this.#isReady; left--) {
      const item = this.#mailbox.take();
      if (item === NOTHING) return;
      this.#execution.handle(this.#behavior as Behavior<unknown>, item);
    }
    this.wake();
  };

  /** The running code is done. An end that waited for it goes on. */
  rested(): void {
    if (this.#phase === "ending") {
      this.#onward();
    }
  }

  #setDeadline(): void {
    this.#execution.abandonAfter(this.#options.shutdown, this.system.timers, () => this.#giveUp());
  }

  /** Goes on without the code that was abandoned: `ended` is not called. */
  #giveUp(): void {
    this.#behavior = undefined;
    this.#ending = { ...this.#ending, reason: "killed" };
    this.#onward();
  }

  #endChildren(): void {
    this.#onward = () => this.#die();
    this.children.stopAll(() => this.#lastCall());
  }

  #lastCall(): void {
    const { ended } = this.#behavior ?? {};
    if (!ended) {
      this.#die();
      return;
    }
    this.#execution.perform(() => ended.call(this.#behavior, this.#ending as Ending));
    if (this.#execution.isBusy) {
      this.#setDeadline();
    }
  }

  #die(): void {
    const ending = this.#ending as Ending;
    this.#phase = "dead";
    for (const item of this.#mailbox.drain()) {
      if (!(item instanceof SystemMessage)) {
        this.#deadLetter(item, "absent");
      }
    }
    this.system.leave(this, ending);
    for (const listener of this.#watchers) {
      listener(ending);
    }
    this.#watchers.clear();
    this.parent?.children.ended(this, ending);
  }

  #deadLetter(message: unknown, reason: DeadLetter["reason"]): void {
    this.system.deadLetters.publish({ to: this.ref.toString(), message, reason });
  }
}
