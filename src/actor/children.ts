/**
 * The children of one actor, in the order of their start. What is wanted of each is written down (to run, to end and
 * return, to end for good), and one function, `#advance`, takes the next step towards it whenever something has changed:
 * first end what is to end, the last first and one after the other; then start what is to run, the first first and one
 * after the other. All strategies, shutdown included, are marks on this list.
 */
import { UsageError } from "../error.js";
import type { Actor } from "./actor.js";
import type { Start } from "./behavior.js";
import type { Ending } from "./ref.js";
import {
  type ChildOptions,
  checkChild,
  checkSupervision,
  DEFAULT_SUPERVISION,
  EscalationError,
  isRestarted,
  pause,
  RestartLog,
  restartedWith,
  type Supervision,
} from "./supervision.js";

interface Child {
  readonly name: string;
  readonly options: Required<ChildOptions>;
  /** A fresh incarnation, to be started when its turn comes. */
  readonly make: () => Actor;
  actor: Actor;
  /** `return`: to be ended, then started again. `leave`: to be ended for good. */
  wanted: "run" | "return" | "leave";
  /** Set while its restart is held back; cancels that. */
  held: (() => void) | undefined;
}

export class Children {
  readonly #parent: Actor;
  readonly #restarts = new RestartLog();
  #supervision = DEFAULT_SUPERVISION;
  #children: Child[] = [];
  /** Called when all have left. */
  #whenGone: (() => void) | undefined;
  #advancing = false;
  #changed = false;

  constructor(parent: Actor) {
    this.#parent = parent;
  }

  supervise(supervision: Supervision): void {
    this.#supervision = checkSupervision(supervision);
  }

  get actors(): readonly Actor[] {
    return this.#children.map(({ actor }) => actor);
  }

  spawn<M>(name: string, start: Start<M>, options: ChildOptions): Actor {
    if (!/^[^/#\s]+$/.test(name)) {
      throw new UsageError(`an actor cannot be named "${name}": use a name without "/", "#" and spaces`);
    }
    if (this.#children.some((other) => other.name === name)) {
      throw new UsageError(`${this.#parent.path}/${name} is there already: use another name, or stop that one first`);
    }
    const checked = checkChild(options);
    const make = (): Actor => this.#parent.makeChild(name, start, checked);
    const child: Child = { name, options: checked, make, actor: make(), wanted: "run", held: undefined };
    this.#children.push(child);
    this.#advance();
    return child.actor;
  }

  stop(actor: Actor | undefined): boolean {
    const child = this.#children.find((other) => other.actor === actor);
    if (child) {
      child.wanted = "leave";
      this.#advance();
    }
    return child !== undefined;
  }

  /** Ends all, in reverse order; then calls `done`. */
  stopAll(done: () => void): void {
    this.#whenGone = done;
    for (const child of this.#children) {
      child.wanted = "leave";
    }
    this.#advance();
  }

  /** Ends all, now. */
  killAll(): void {
    const children = this.#children;
    this.#children = [];
    for (const { actor, held } of children.reverse()) {
      held?.();
      actor.kill();
    }
  }

  /** A child has started, or the parent itself. */
  started(): void {
    this.#advance();
  }

  /** A child has ended, as it was told or by itself. */
  ended(actor: Actor, ending: Ending): void {
    const child = this.#children.find((other) => other.actor === actor);
    if (!child) {
      return;
    }
    if (child.wanted === "return") {
      this.#renew(child);
    } else if (child.wanted === "leave" || this.#parent.isEnding || !isRestarted(child.options.restart, ending)) {
      this.#remove(child);
    } else {
      this.#restart(child, ending);
    }
    this.#advance();
  }

  #restart(failed: Child, ending: Ending): void {
    const { clock, random, timers } = this.#parent.system;
    const { strategy, intensity, period, backoff } = this.#supervision;
    const count = this.#restarts.note(clock.now(), period);
    if (count > intensity) {
      this.#remove(failed);
      const why = ending.error instanceof Error ? `${ending.reason}: ${ending.error.message}` : ending.reason;
      const what = `${failed.actor.path} ended (${why}), restart ${count} in ${period} ms`;
      const rule = `its parent allows ${intensity}; raise the intensity, or look into what fails`;
      this.#parent.fail(new EscalationError(`${what}: ${rule}`, { cause: ending.error }));
      return;
    }
    for (const child of restartedWith(strategy, this.#children, failed)) {
      if (child.wanted === "run" && child.actor.phase !== "waiting") {
        child.wanted = child.options.restart === "temporary" ? "leave" : "return";
      }
    }
    this.#renew(failed);
    const delay = pause(backoff, count, random);
    this.#parent.system.events.publish({ event: "restarting", path: failed.actor.path, delay });
    if (delay > 0) {
      failed.held = timers.after(delay, () => {
        failed.held = undefined;
        this.#advance();
      });
    }
  }

  #renew(child: Child): void {
    child.wanted = "run";
    child.actor = child.make();
  }

  #remove(child: Child): void {
    child.held?.();
    this.#children = this.#children.filter((other) => other !== child);
  }

  /** Steps until it has to wait for a child. A step can end in `ended` before it returns: no recursion then. */
  #advance(): void {
    this.#changed = true;
    if (this.#advancing) {
      return;
    }
    this.#advancing = true;
    while (this.#changed) {
      this.#changed = false;
      this.#step();
    }
    this.#advancing = false;
  }

  #step(): void {
    const last = this.#children.findLast(({ wanted }) => wanted !== "run");
    if (last) {
      last.actor.end({ reason: "stopped" });
    } else if (this.#whenGone) {
      const done = this.#whenGone;
      this.#whenGone = undefined;
      done();
    } else if (!this.#children.some(({ actor }) => actor.isStarting)) {
      this.#startNext();
    }
  }

  #startNext(): void {
    if (this.#parent.isEnding) {
      return;
    }
    if (this.#children.some(({ actor }) => actor.phase === "waiting")) {
      this.#next()?.actor.begin();
    } else {
      this.#parent.childrenStarted();
    }
  }

  /** The next to start. One that is held back holds up those after it, unless they are independent. */
  #next(): Child | undefined {
    const independent = this.#supervision.strategy === "one-for-one";
    const waiting = this.#children.find(({ actor, held }) => actor.phase === "waiting" && !(independent && held));
    return waiting?.held ? undefined : waiting;
  }
}
