/**
 * The children of one actor, in the order of their start. Each has a mark with its wanted state: to run, to end and start again,
 * or to end for good. Whenever something has changed, `#advance` takes the next step: first it ends the children that are to
 * end, one after the other, the last child first; then it starts the children that are to run, one after the other, the first
 * child first. All strategies of supervision, and the shutdown, only set marks.
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
  /** Makes a fresh incarnation, when its turn comes. */
  readonly make: () => Actor;
  actor: Actor;
  /** `return`: to be ended, then started again. `leave`: to be ended for good. */
  wanted: "run" | "return" | "leave";
  /** Cancels the pause before its restart; undefined without one. */
  held: (() => void) | undefined;
}

export class Children {
  readonly #parent: Actor;
  readonly #restarts = new RestartLog();
  #supervision = DEFAULT_SUPERVISION;
  #children: Child[] = [];
  /** Called when all children have left. */
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

  /** Ends all children in reverse order; then calls `done`. */
  stopAll(done: () => void): void {
    this.#whenGone = done;
    for (const child of this.#children) {
      child.wanted = "leave";
    }
    this.#advance();
  }

  /** Kills all children now. */
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

  /** A child has ended, by request or by itself. */
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
      const rule = `its parent allows ${intensity}; raise the intensity, or find out what fails`;
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

  /**
   * Takes steps until it has to wait for a child. A step may call `ended`, and so this function, before it returns. The loop then
   * takes the next step, without recursion.
   */
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

  /**
   * The next child to start. A child in a pause delays its younger siblings, unless the strategy keeps children
   * independent.
   */
  #next(): Child | undefined {
    const independent = this.#supervision.strategy === "one-for-one";
    const waiting = this.#children.find(({ actor, held }) => actor.phase === "waiting" && !(independent && held));
    return waiting?.held ? undefined : waiting;
  }
}
