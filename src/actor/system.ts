/**
 * A tree of actors in one process. Its root is an ordinary actor that supervises the actors spawned here. A failure
 * that the root cannot handle ends the whole system; `ended` reports it.
 */
import { DawnpourError } from "../error.js";
import { type Keys, refuseUnknownKeys } from "../option-keys.js";
import { Random } from "../world/random.js";
import type { Clock, Scheduler, Timers, World } from "../world/world.js";
import { Actor } from "./actor.js";
import type { Start } from "./behavior.js";
import { type Failure, printFailure } from "./failure.js";
import { AbsentRef, PlaceRef } from "./local-ref.js";
import { type Address, addressText, type DeadLetter, type Ending, type Home, type Ref } from "./ref.js";
import { Stream } from "./stream.js";
import { type ChildOptions, DEFAULT_CHILD, type Supervision } from "./supervision.js";

/** Events in the lives of actors, in order, for logs, reports and tests. */
export type LifecycleEvent =
  | { readonly event: "started"; readonly path: string }
  | ({ readonly event: "ended"; readonly path: string } & Ending)
  /** The actor starts again, after `delay` milliseconds and after its older siblings. */
  | { readonly event: "restarting"; readonly path: string; readonly delay: number }
  /** Code of the actor threw while the actor was ending. */
  | { readonly event: "failed-ending"; readonly path: string; readonly error: unknown };

/** Options of an actor system. */
export interface SystemOptions {
  readonly world: Pick<World, "clock" | "timers" | "scheduler">;
  /** The name of this system among the nodes that it is linked to; default `local`. */
  readonly node?: string;
  /** Incarnation of the node: no two starts of one name may share it. Default 0. */
  readonly incarnation?: number;
  /** Seed of the jitter of back-offs; default 0. */
  readonly seed?: number;
  /** How the root supervises the actors that are spawned on the system. */
  readonly supervision?: Supervision;
  /**
   * Called for every failure of an actor, even if its supervisor handles it. Default: the failure is printed to stderr.
   */
  readonly onFailure?: (failure: Failure) => void;
  /** Called when a failure has reached the root, before it ends the system. */
  readonly onRootFailure?: (error: unknown) => void;
}

const KEYS: Keys<SystemOptions> = {
  world: true,
  node: true,
  incarnation: true,
  seed: true,
  supervision: true,
  onFailure: true,
  onRootFailure: true,
};

/**
 * The actors of one node, and what they share.
 * @example
 * ```ts
 * import { ActorSystem, nodeWorld, type Ref } from "dawnpour/actors";
 *
 * const system = new ActorSystem({ world: nodeWorld() });
 * const doubler = system.spawn("doubler", () => ({
 *   receive: ({ value, replyTo }: { value: number; replyTo: Ref<number> }) => replyTo.tell(2 * value),
 * }));
 * console.log(await doubler.ask<number>((replyTo) => ({ value: 21, replyTo }))); // 42
 * await system.stop();
 * ```
 */
export class ActorSystem implements Home {
  readonly node: string;
  readonly incarnation: number;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly deadLetters = new Stream<DeadLetter>();
  readonly events = new Stream<LifecycleEvent>();
  /**
   * Settles when the last actor has ended: `stopped` by `stop`, `failed` with the failure that reached the root, or
   * `killed`.
   */
  readonly ended: Promise<Ending>;
  readonly #root: Actor;
  readonly #living = new Map<string, Actor>();
  readonly #replies = new Map<string, Ref<never>>();
  readonly #onRootFailure: ((error: unknown) => void) | undefined;
  #settleEnded: (ending: Ending) => void = () => undefined;
  readonly #waiting: (() => void)[] = [];
  #incarnations = 0;
  #replyCount = 0;

  /** A system without actors yet. @throws UsageError for an option that it does not know */
  constructor(options: SystemOptions) {
    refuseUnknownKeys(options, KEYS, "options of ActorSystem");
    const { world, node = "local", incarnation = 0, seed = 0, supervision = {} } = options;
    const { onFailure = printFailure, onRootFailure } = options;
    this.node = node;
    this.incarnation = incarnation;
    this.clock = world.clock;
    this.timers = world.timers;
    this.scheduler = world.scheduler;
    this.random = new Random(seed);
    this.#onRootFailure = onRootFailure;
    this.events.subscribe((event) => {
      const failed = event.event === "failed-ending" || (event.event === "ended" && event.reason === "failed");
      if (failed) onFailure({ actor: `${node}${event.path || "/"}`, error: event.error });
    });
    this.ended = new Promise((resolve) => {
      this.#settleEnded = resolve;
    });
    this.#root = new Actor(this, undefined, "", () => ({ receive: () => undefined }), {
      ...DEFAULT_CHILD,
      shutdown: Number.POSITIVE_INFINITY,
    });
    this.#root.children.supervise(supervision);
    this.#root.begin();
  }

  /** A new actor under the root; as `Context.spawn`. */
  spawn<M>(name: string, start: Start<M>, options: ChildOptions = {}): Ref<M> {
    if (this.#root.isEnding) {
      throw new DawnpourError(`cannot spawn "${name}": the actor system has ended`);
    }
    return this.at(this.#root.children.spawn(name, start, options).path);
  }

  /**
   * A ref to a path such as `/parent/child`. A message goes to the actor that lives there when the message arrives. The caller has
   * to know the type of that actor's messages.
   */
  at<M>(path: string): Ref<M> {
    return new PlaceRef<M>(this, path);
  }

  /** Resolves when all actors spawned here have started, each with the children that it starts with, or when the system ends. */
  started(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.#root.children.started();
    });
  }

  /** Called by the root: no actor is starting any more. */
  allStarted(): void {
    for (const resolve of this.#waiting.splice(0)) {
      resolve();
    }
  }

  /**
   * Ends all actors in order. Actors that still live after `deadline` milliseconds are killed.
   *
   * @returns how the system ended, once all actors have ended
   */
  stop(deadline = Number.POSITIVE_INFINITY): Promise<Ending> {
    this.#root.end({ reason: "stopped" });
    if (deadline < Number.POSITIVE_INFINITY && this.#root.phase !== "dead") {
      const cancel = this.timers.after(deadline, () => this.#root.kill());
      this.#root.onEnd(cancel);
    }
    return this.ended;
  }

  /** The paths of all actors, parents before children. */
  get paths(): readonly string[] {
    return [...this.#living.keys()];
  }

  /** @internal The actor that lives at a path; for refs and contexts. */
  actor(path: string): Actor | undefined {
    return this.#living.get(path);
  }

  /** The actor of a local address, if it lives. */
  find({ node, path, incarnation }: Address): Actor | undefined {
    const actor = node === this.node ? this.#living.get(path) : undefined;
    return incarnation === undefined || actor?.ref.address.incarnation === incarnation ? actor : undefined;
  }

  /** The ref for an address of this node. */
  resolve(address: Address): Ref<never> {
    if (address.incarnation === undefined) {
      return this.at(address.path);
    }
    return this.#replies.get(addressText(address)) ?? this.find(address)?.ref ?? new AbsentRef(this, address);
  }

  /** @internal Registers an actor that starts. */
  enter(actor: Actor): string {
    this.#living.set(actor.path, actor);
    return `${this.incarnation}.${++this.#incarnations}`;
  }

  /** @internal Removes an actor that has ended. */
  leave(actor: Actor, ending: Ending): void {
    this.#living.delete(actor.path);
    this.events.publish({ event: "ended", path: actor.path, ...ending });
    if (actor === this.#root) {
      if (ending.reason === "failed") {
        this.#onRootFailure?.(ending.error);
      }
      this.#settleEnded(ending);
      this.allStarted();
    }
  }

  expose(reply: Ref<never>): Address {
    const address = { node: this.node, path: "/reply", incarnation: `${this.incarnation}.${++this.#replyCount}` };
    this.#replies.set(addressText(address), reply);
    return address;
  }

  /** @internal Removes a ref for an answer. */
  withdraw(reply: Ref<never>): void {
    this.#replies.delete(reply.toString());
  }
}
