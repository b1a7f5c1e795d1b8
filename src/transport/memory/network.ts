/**
 * Links between nodes within one process, with all the faults of real links, drawn from a seed: frames are lost, doubled,
 * delayed and reordered at given rates, and links are cut in one direction or both. Each direction of each link has its own
 * random stream, so the frames of one node do not change what happens to the frames of another.
 */
import { Random } from "../../world/random.js";
import type { Timers } from "../../world/world.js";
import type { Transport } from "../transport.js";

/** Faults of a link: probabilities, and delays in milliseconds. */
export interface LinkFaults {
  /** Fraction of frames lost. */
  readonly drop: number;
  /** Fraction of frames that arrive twice. */
  readonly double: number;
  /** Fraction of frames that later frames may overtake. */
  readonly reorder: number;
  /** The most milliseconds that such a frame takes longer. */
  readonly late: number;
  /** Milliseconds that a frame takes: uniform between the two. Other frames keep their order. */
  readonly delay: readonly [number, number];
}

/** Every message arrives once, in order and at once. */
export const NO_FAULTS: LinkFaults = { drop: 0, double: 0, reorder: 0, late: 0, delay: [0, 0] };

/** One direction between two nodes. */
interface Lane {
  readonly random: Random;
  /** When the last frame that keeps its order arrives, on the clock. */
  free: number;
}

/**
 * Links nodes of one process, with faults on demand.
 * @example
 * ```ts
 * import { MemoryNetwork, SimulatedWorld } from "dawnpour/actors";
 *
 * const world = new SimulatedWorld();
 * const network = new MemoryNetwork(world, 1, { delay: [5, 5] });
 * const [a, b] = [network.join("a"), network.join("b")];
 * b.onFrame((from, frame) => console.log(world.clock.now(), from, frame)); // 5 a hello
 * a.send("b", "hello");
 * await world.time.advance(10);
 * ```
 */
export class MemoryNetwork {
  /** Faults from now on. */
  faults: LinkFaults;
  readonly #world: { readonly timers: Timers; readonly clock: { now(): number } };
  readonly #seed: number;
  readonly #endpoints = new Map<string, MemoryTransport>();
  readonly #lanes = new Map<string, Lane>();
  readonly #cut = new Set<string>();

  /** A network with these faults. The seed decides which frames they strike. */
  constructor(
    world: { readonly timers: Timers; readonly clock: { now(): number } },
    seed = 0,
    faults: Partial<LinkFaults> = {},
  ) {
    this.#world = world;
    this.#seed = seed;
    this.faults = { ...NO_FAULTS, ...faults };
  }

  /** The transport of the node `name`; it replaces an earlier one of that name. */
  join(name: string): Transport {
    this.#endpoints.get(name)?.close();
    const endpoint = new MemoryTransport(
      name,
      (to, frame) => this.#send(name, to, frame),
      () => this.#endpoints.get(name) === endpoint && this.#endpoints.delete(name),
    );
    this.#endpoints.set(name, endpoint);
    return endpoint;
  }

  /** Frames from `from` to `to` are lost from now on; the other direction still works. */
  cut(from: string, to: string): void {
    this.#cut.add(`${from} ${to}`);
  }

  /** Cuts every link between the two groups, both ways. */
  partition(these: readonly string[], those: readonly string[]): void {
    for (const a of these) {
      for (const b of those) {
        this.cut(a, b);
        this.cut(b, a);
      }
    }
  }

  /** All links work again. */
  heal(): void {
    this.#cut.clear();
  }

  #send(from: string, to: string, frame: unknown): void {
    const lane = this.#lane(from, to);
    const { drop, double } = this.faults;
    // Each frame takes the same number of random draws, so that a change of one fault does not change the others.
    const [lost, twice] = [lane.random.uniform() < drop, lane.random.uniform() < double];
    const times = [this.#arrival(lane), this.#arrival(lane)];
    if (lost || this.#cut.has(`${from} ${to}`)) {
      return;
    }
    for (const time of twice ? times : times.slice(0, 1)) {
      const copy = structuredClone(frame);
      this.#world.timers.after(time - this.#world.clock.now(), () => this.#arrive(from, to, copy));
    }
  }

  /** A cut link also loses frames on their way. */
  #arrive(from: string, to: string, frame: unknown): void {
    if (!this.#cut.has(`${from} ${to}`)) {
      this.#endpoints.get(to)?.receive(from, frame);
    }
  }

  #arrival(lane: Lane): number {
    const { reorder, late, delay } = this.faults;
    const time = this.#world.clock.now() + lane.random.between(...delay);
    const [isLate, extra] = [lane.random.uniform() < reorder, lane.random.between(0, late)];
    if (isLate) {
      return time + extra;
    }
    lane.free = Math.max(lane.free, time);
    return lane.free;
  }

  #lane(from: string, to: string): Lane {
    const key = `${from} ${to}`;
    let lane = this.#lanes.get(key);
    if (!lane) {
      const bytes = new TextEncoder().encode(key);
      lane = { random: new Random(this.#seed, ...bytes), free: 0 };
      this.#lanes.set(key, lane);
    }
    return lane;
  }
}

class MemoryTransport implements Transport {
  readonly node: string;
  readonly #send: (to: string, frame: unknown) => void;
  readonly #leave: () => void;
  #receive: ((from: string, frame: unknown) => void) | undefined;
  #closed = false;

  constructor(node: string, send: (to: string, frame: unknown) => void, leave: () => void) {
    this.node = node;
    this.#send = send;
    this.#leave = leave;
  }

  send(to: string, frame: unknown): void {
    if (!this.#closed) {
      this.#send(to, frame);
    }
  }

  onFrame(receive: (from: string, frame: unknown) => void): void {
    this.#receive = receive;
  }

  receive(from: string, frame: unknown): void {
    this.#receive?.(from, frame);
  }

  close(): void {
    this.#closed = true;
    this.#receive = undefined;
    this.#leave();
  }
}
