/**
 * Actors that do everything that an actor can, at random. A log of all their actions fails when the actor system breaks a
 * promise.
 */
import { expect } from "vitest";
import type { Behavior, Context, Start } from "../../src/actor/behavior.js";
import type { Ref } from "../../src/actor/ref.js";
import type { Restart, Strategy } from "../../src/actor/supervision.js";
import { ActorSystem } from "../../src/actor/system.js";
import { Random } from "../../src/world/random.js";
import type { SimulatedWorld } from "../../src/world/simulated/world.js";

type Message = { readonly id: number; readonly from: string } | "tick";

const STRATEGIES: readonly Strategy[] = ["one-for-one", "one-for-all", "rest-for-one"];
const RESTARTS: readonly Restart[] = ["permanent", "transient", "temporary"];
const DEPTH = 3;

export class Society {
  readonly system: ActorSystem;
  readonly trace: string[] = [];
  readonly #world: SimulatedWorld;
  readonly #random: Random;
  readonly #actors: Ref<Message>[] = [];
  readonly #sent = new Map<number, "on its way" | "received" | "dead">();
  /** For each pair of sender and receiver, the last message that arrived. */
  readonly #last = new Map<string, number>();
  readonly #living = new Set<string>();
  /** Pairs `watcher watched` for which a signal is due. */
  readonly #watches = new Set<string>();
  /** Broken promises. They are noted and not thrown, because an exception within an actor would go to its supervisor. */
  readonly #broken: string[] = [];
  #isCalm = false;
  #names = 0;

  constructor(world: SimulatedWorld) {
    this.#world = world;
    this.#random = new Random(world.seed, 1);
    this.system = new ActorSystem({
      onFailure: () => undefined,
      world,
      seed: world.seed,
      supervision: { ...this.#supervision(), intensity: Number.POSITIVE_INFINITY },
    });
    this.system.deadLetters.subscribe(({ message }) => this.#settle(message as Message, "dead"));
    this.system.events.subscribe((event) => {
      this.trace.push(`${world.clock.now()} ${event.event} ${event.path}`);
      this.#expectNoOrphans();
    });
    for (let i = 0; i < 6; i++) {
      this.system.spawn(`${i}`, this.#citizen(1), this.#options());
    }
  }

  /** Checks the log. Call it when nothing happens any more. */
  expectPromisesKept(): void {
    expect(this.#broken).toEqual([]);
    expect(this.system.paths).toEqual([]);
    expect(this.#living.size).toBe(0);
    expect([...this.#sent.values()].filter((fate) => fate === "on its way")).toEqual([]);
    expect(this.system.deadLetters.count).toBe([...this.#sent.values()].filter((fate) => fate === "dead").length);
    expect(this.#world.time.pending).toBe(0);
  }

  /** From now on the actors do nothing. */
  calm(): void {
    this.#isCalm = true;
  }

  /** Checks that every watcher got the signals of all ended actors. Call it some time after `calm`. */
  expectAllTold(): void {
    for (const watch of this.#watches) {
      expect(this.#living).toContain(watch.split(" ")[1]);
    }
  }

  #citizen(depth: number): Start<Message> {
    return async (context) => {
      const self = context.self.toString();
      context.supervise(this.#supervision());
      this.#living.add(self);
      context.signal.addEventListener("abort", () => this.#gone(self));
      if (this.#random.below(4) === 0) {
        await this.#sleep(3);
      }
      if (this.#random.below(20) === 0) {
        throw new Error("failed at the start");
      }
      if (!context.signal.aborted) {
        this.#actors.push(context.self);
        context.every(1 + this.#random.below(3), "tick");
      }
      return this.#behavior(context, self, depth);
    };
  }

  #behavior(context: Context<Message>, self: string, depth: number): Behavior<Message> {
    return {
      receive: (message) => {
        if (message === "tick") {
          if (this.#isCalm) return;
          return this.#act(context, self, depth);
        }
        this.#settle(message, "received");
        const pair = `${message.from} ${self}`;
        this.#check(message.id > (this.#last.get(pair) ?? -1), `${pair}: message ${message.id} out of order`);
        this.#last.set(pair, message.id);
      },
      terminated: ({ ref }) => {
        this.#check(!this.#living.has(ref.toString()), `${self}: the end of ${ref}, which lives`);
        this.#check(this.#watches.delete(`${self} ${ref}`), `${self}: the end of ${ref}, which it does not watch`);
      },
      ended: () => (this.#random.below(6) === 0 ? this.#sleep(20) : undefined),
    };
  }

  #act(context: Context<Message>, self: string, depth: number): void | Promise<void> {
    const other = this.#actors[this.#random.below(this.#actors.length)];
    switch (this.#random.below(20)) {
      case 0:
        throw new Error("failed");
      case 1:
        return context.stop();
      case 2:
        return this.#sleep(8);
      case 3:
        return this.#sleep(3).then(() => Promise.reject(new Error("failed later")));
      case 4:
      case 5:
        if (depth < DEPTH) {
          context.spawn(`${this.#names++}`, this.#citizen(depth + 1), this.#options());
        }
        return;
      case 6:
        context.unwatch(other);
        this.#watches.delete(`${self} ${other}`);
        return;
      case 7:
      case 8:
      case 9:
        this.#watches.add(`${self} ${other}`);
        return context.watch(other);
      default:
        for (let i = 0; i < 3; i++) {
          this.#send(self, this.#actors[this.#random.below(this.#actors.length)]);
        }
    }
  }

  #send(from: string, to: Ref<Message>): void {
    const id = this.#sent.size;
    this.#sent.set(id, "on its way");
    to.tell({ id, from });
  }

  #settle(message: Message, fate: "received" | "dead"): void {
    if (message !== "tick") {
      this.#check(this.#sent.get(message.id) === "on its way", `message ${message.id} more than once`);
      this.#sent.set(message.id, fate);
    }
  }

  /** The actor begins to end, so it needs no more signals of the actors that it watches. */
  #gone(self: string): void {
    this.#living.delete(self);
    for (const watch of this.#watches) {
      if (watch.startsWith(`${self} `)) {
        this.#watches.delete(watch);
      }
    }
  }

  #expectNoOrphans(): void {
    const paths = new Set(this.system.paths);
    for (const path of paths) {
      this.#check(path === "" || paths.has(path.slice(0, path.lastIndexOf("/"))), `${path} is an orphan`);
    }
  }

  #check(holds: boolean, otherwise: string): void {
    if (!holds) {
      this.#broken.push(otherwise);
    }
  }

  #sleep(milliseconds: number): Promise<void> {
    return new Promise((resolve) => this.#world.timers.after(this.#random.below(milliseconds), resolve));
  }

  #supervision() {
    return {
      strategy: STRATEGIES[this.#random.below(3)],
      intensity: 2 + this.#random.below(8),
      period: 50,
      backoff: { least: this.#random.below(4), most: 20, jitter: 0.5 },
    };
  }

  #options() {
    return {
      restart: RESTARTS[this.#random.below(3)],
      shutdown: [0, 5, 50][this.#random.below(3)],
      mailbox: 1 + this.#random.below(8),
    };
  }
}
