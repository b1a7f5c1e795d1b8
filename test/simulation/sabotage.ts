/**
 * A strategy whose learners take virtual time, so that faults can happen during a round. Faults within a node, such as a
 * damaged replica, are made here.
 */
import type { Device } from "../../src/device/device.js";
import {
  type LocalState,
  type Replica,
  type ReplicaProgram,
  replicaVectors,
} from "../../src/strategies/rounds/replica.js";
import type { Random } from "../../src/world/random.js";
import type { Clock, Timers } from "../../src/world/world.js";
import { applyRounded } from "./small-training.js";

type Harm = "panic" | "rot" | "stick" | "overflow";

/** The faults to make next. Each happens once. */
export class Sabotage {
  readonly #planned = new Set<string>();
  /** The damaged replicas, each with its round and the time of the damage. */
  readonly rots: { readonly round: number; readonly at: number }[] = [];

  plan(what: Harm, node: string): void {
    this.#planned.add(`${what} ${node}`);
  }

  isPlanned(what: Harm): boolean {
    return [...this.#planned].some((one) => one.startsWith(what));
  }

  strikes(what: Harm, node: string): boolean {
    return this.#planned.delete(`${what} ${node}`);
  }
}

/** The part that a worker is computing. */
export interface InHand {
  part?: { readonly round: number; readonly part: number };
}

export interface SlowPlace {
  readonly node: string;
  readonly timers: Timers;
  readonly clock: Clock;
  readonly random: Random;
  readonly sabotage: Sabotage;
  /** Called when the node begins to compute a part. */
  readonly onWork?: (what: string) => void;
  /** The difference in the last bits of what a replica on this kind of device computes; 0 for none. */
  readonly ulps?: number;
  readonly inHand: InHand;
  /** Whether its learners may compute many rounds in one call. */
  readonly runsLeased: boolean;
}

export function slow(inner: ReplicaProgram, options: SlowPlace): ReplicaProgram {
  return {
    ...copyOf(inner),
    combine: async (collective, given, out) => {
      if (options.sabotage.strikes("panic", options.node)) throw new Error("it panics while it combines");
      await pause(options, 0, 2);
      return inner.combine(collective, given, out);
    },
    open: async (device: Device, data) => {
      await pause(options, 5, 30);
      const learner = await inner.open(device, data);
      return options.runsLeased ? new LeasedLearner(learner, inner, options) : new SlowLearner(learner, inner, options);
    },
  };
}

/** Its members may be those of a class. */
function copyOf(inner: ReplicaProgram): ReplicaProgram {
  const { parts, vectors, names, length, local, each, leases, exchanges, quorum, finite, encoding } = inner;
  return {
    ...{
      parts,
      vectors,
      names,
      length,
      local,
      each,
      leases,
      exchanges,
      quorum,
      finite,
      encoding,
    },
    advance: (round) => inner.advance(round),
    stepAt: (round) => inner.stepAt(round),
    ...(inner.participants && { participants: inner.participants.bind(inner) }),
    ...(inner.tellsLoss && { tellsLoss: inner.tellsLoss.bind(inner) }),
    ...(inner.elements && { elements: inner.elements.bind(inner) }),
    combine: (collective, given, out) => inner.combine(collective, given, out),
    initialState: (parameters) => inner.initialState(parameters),
    open: (device, data) => inner.open(device, data),
  };
}

class SlowLearner implements Replica {
  readonly #inner: Replica;
  readonly #strategy: ReplicaProgram;
  readonly #options: SlowPlace;

  constructor(inner: Replica, strategy: ReplicaProgram, options: SlowPlace) {
    this.#inner = inner;
    this.#strategy = strategy;
    this.#options = options;
  }

  get round(): number {
    return this.#inner.round;
  }

  get length(): number {
    return this.#strategy.length;
  }

  async contribute(part: number, out: Float32Array, local?: LocalState): Promise<number> {
    const { node, sabotage, onWork } = this.#options;
    onWork?.(`part ${part} of ${this.round}`);
    if (sabotage.strikes("panic", node)) throw new Error("the worker panics");
    if (sabotage.strikes("stick", node)) await new Promise(() => undefined);
    if (sabotage.strikes("rot", node)) await this.#rot();
    await pause(this.#options, 1, 12);
    this.#options.inHand.part = { round: this.round, part };
    const loss = await this.#inner.contribute(part, out, local);
    this.#options.inHand.part = undefined;
    if (sabotage.strikes("overflow", node)) out[0] = Number.POSITIVE_INFINITY;
    await pause(this.#options, 0, 2);
    return loss;
  }

  get encode(): Replica["encode"] {
    return this.#inner.encode?.bind(this.#inner);
  }

  async apply(
    combined: Float32Array,
    each?: (part: number) => Float32Array,
    arrived?: readonly number[],
  ): Promise<void> {
    this.#options.onWork?.(`apply ${this.round}`);
    await pause(this.#options, 0, 2);
    await applyRounded(this.#inner, this.#strategy, combined, each, arrived);
    const { ulps = 0 } = this.#options;
    if (ulps > 0)
      await this.#change((words) => {
        words[0] += ulps;
      });
  }

  settled(): Promise<void> {
    return this.#inner.settled();
  }

  async save(vectors: readonly Float32Array[]): Promise<number[]> {
    await pause(this.#options, 0, 5);
    return this.#inner.save(vectors);
  }

  restore: Replica["restore"] = (round, state) => this.#inner.restore(round, state);

  async evaluate() {
    await pause(this.#options, 5, 20);
    return this.#inner.evaluate();
  }

  destroy(): void {
    this.#inner.destroy();
  }

  /** Flips one bit of the parameters, but none of the lowest: later rounding could undo such a change. */
  async #rot(): Promise<void> {
    const { clock, random, sabotage } = this.#options;
    sabotage.rots.push({ round: this.round, at: clock.now() });
    await this.#change((words) => {
      words[random.below(words.length)] ^= 1 << (12 + random.below(18));
    });
  }

  async #change(edit: (words: Uint32Array) => void): Promise<void> {
    const vectors = Array.from(
      { length: replicaVectors(this.#strategy) },
      () => new Float32Array(this.#strategy.length),
    );
    const scalars = await this.#inner.save(vectors);
    edit(new Uint32Array(vectors[0].buffer));
    this.#inner.restore(this.round, { vectors, scalars });
  }
}

/** Computes many rounds in one call, but one after the other, so that faults can happen between them. */
class LeasedLearner extends SlowLearner {
  async runLeased(count: number): Promise<number[]> {
    const losses: number[] = [];
    const gradient = new Float32Array(this.length);
    while (losses.length < count) {
      const loss = await this.contribute(0, gradient);
      if (!gradient.every(Number.isFinite)) break;
      await this.apply(gradient);
      losses.push(loss);
    }
    return losses;
  }
}

function pause({ timers, random }: SlowPlace, low: number, high: number): Promise<void> {
  return new Promise((resolve) => timers.after(random.between(low, high), () => resolve()));
}
