/** A replica whose contributions are sent encoded. It holds the vectors of the compressor that all parts share. */
import type { CompressorVectors } from "../../collective/compress/compressor.js";
import { vectorOps } from "../../workload/vector-ops.js";
import type { CheckedCompressor } from "./checked-compressor.js";
import type { CompressedRounds } from "./compressed-rounds.js";
import type { LocalState, Replica, ReplicaVectors } from "./replica.js";

interface CompressedReplicaOptions {
  readonly inner: Replica;
  readonly rounds: CompressedRounds;
  readonly compressor: CheckedCompressor;
  /** Vectors of the inner replica's own state, and of the local state of a part. */
  readonly vectors: number;
  readonly local: number;
  readonly clearGaps: (vector: Float32Array) => void;
  /** Whether what is encoded is how far a contribution is from the global parameters. */
  readonly fromParameters: boolean;
}

export class CompressedReplica implements Replica {
  readonly #options: CompressedReplicaOptions;
  readonly #global: CompressorVectors;
  readonly #bytes: Uint8Array;
  /** Memory for whole vectors, by use. */
  readonly #memory = new Map<string, Float32Array>();
  #round = 0;

  constructor(options: CompressedReplicaOptions) {
    const { compressor, rounds } = options;
    const most = Array.from({ length: compressor.phases }, (_, phase) => compressor.bytes(phase));
    this.#options = options;
    this.#bytes = new Uint8Array(Math.max(...most));
    this.#global = named(
      compressor.global.map(({ name }) => name),
      compressor.global.map(() => new Float32Array(rounds.length)),
    );
  }

  get round(): number {
    return this.#round;
  }

  /** In later exchanges of a round the part adds nothing: its residual has what is not yet exchanged. */
  async contribute(part: number, out: Float32Array, { now, next }: LocalState = NO_STATE): Promise<number> {
    const { inner, local, fromParameters } = this.#options;
    for (const [i, vector] of next.entries()) vector.set(now[i]);
    if (this.#phase > 0) {
      out.fill(0);
      return 0;
    }
    const global = fromParameters ? await this.#parameters() : undefined;
    const loss = await inner.contribute(part, out, { now: now.slice(0, local), next: next.slice(0, local) });
    if (global) vectorOps.axpy(-1, global, out);
    return loss;
  }

  encode(part: number, contribution: Float32Array, { next }: LocalState): Uint8Array {
    const { compressor, rounds, local, clearGaps } = this.#options;
    const phase = this.#phase;
    const residual = next[next.length - 1];
    const own = named(compressor.local, next.slice(local));
    const step = rounds.stepAt(this.#round);
    const context = { phase, part, step, local: own, global: this.#global };
    if (phase === 0) compressor.prepare?.(contribution, context);
    for (let i = 0; i < contribution.length; i++) residual[i] += contribution[i];
    const space = this.#bytes.subarray(0, compressor.bytes(phase));
    // A copy: the compressor may not see how the bytes of the part before were used.
    const bytes = space.slice(0, compressor.encode(residual, space, context));
    const numbers = contribution.subarray(0, compressor.elements(phase));
    rounds.decode(bytes, numbers, this.#round);
    if (phase === compressor.phases - 1) {
      const sent = this.#expanded(numbers, "sent");
      for (let i = 0; i < residual.length; i++) residual[i] -= sent[i];
    }
    clearGaps(residual);
    for (const vector of Object.values(own)) clearGaps(vector);
    return bytes;
  }

  async apply(combined: Float32Array, each?: (part: number) => Float32Array): Promise<void> {
    const { compressor, inner, rounds, clearGaps, fromParameters } = this.#options;
    const phase = this.#phase;
    compressor.aggregate?.(combined, { phase, global: this.#global });
    for (const vector of Object.values(this.#global)) clearGaps(vector);
    if (phase === compressor.phases - 1) {
      const global = fromParameters ? await this.#parameters() : undefined;
      const whole = (numbers: Float32Array, use: string, count: number): Float32Array => {
        const vector = this.#expanded(numbers, use);
        return global ? this.#moved(vector, use, count, global) : vector;
      };
      const parts = rounds.participants(this.#round).length;
      const sum = whole(combined, "sum", parts);
      if (sum !== combined && inner.applyCopy) await inner.applyCopy(sum);
      else await inner.apply(sum, each && ((part) => whole(each(part), "part", 1)));
    }
    this.#round++;
  }

  settled(): Promise<void> {
    return this.#options.inner.settled();
  }

  async save(vectors: readonly Float32Array[]): Promise<number[]> {
    const own = this.#options.vectors;
    for (const [i, vector] of Object.values(this.#global).entries()) vectors[own + i].set(vector);
    return this.#options.inner.save(vectors.slice(0, own));
  }

  restore(round: number, { vectors, scalars }: ReplicaVectors): void {
    const { inner, compressor, vectors: own } = this.#options;
    for (const [i, vector] of Object.values(this.#global).entries()) vector.set(vectors[own + i]);
    inner.restore(Math.floor(round / compressor.phases), { vectors: vectors.slice(0, own), scalars });
    this.#round = round;
  }

  evaluate() {
    return this.#options.inner.evaluate();
  }

  destroy(): void {
    this.#options.inner.destroy();
  }

  get #phase(): number {
    return this.#round % this.#options.compressor.phases;
  }

  /** The global parameters, with which the round began. */
  async #parameters(): Promise<Float32Array> {
    const { inner, vectors } = this.#options;
    const state = Array.from({ length: vectors }, (_, i) => this.#space(`state ${i}`));
    await inner.save(state);
    return state[0];
  }

  /** The sum of `count` contributions, of which `vector` is how far they are from the global parameters. */
  #moved(vector: Float32Array, use: string, count: number, global: Float32Array): Float32Array {
    const sum = this.#space(use);
    if (sum !== vector) sum.set(vector);
    vectorOps.axpy(count, global, sum);
    return sum;
  }

  /** The same memory for the same use. */
  #space(use: string): Float32Array {
    const space = this.#memory.get(use) ?? new Float32Array(this.#options.rounds.length);
    this.#memory.set(use, space);
    return space;
  }

  /** The whole vector of the numbers of the last exchange. Until the next call for the same use. */
  #expanded(numbers: Float32Array, use: string): Float32Array {
    const { compressor, clearGaps } = this.#options;
    if (!compressor.expand) return numbers;
    const whole = this.#space(use);
    whole.fill(0);
    compressor.expand(numbers, whole, this.#global);
    clearGaps(whole);
    return whole;
  }
}

const NO_STATE: LocalState = { now: [], next: [] };

const named = (names: readonly string[], vectors: readonly Float32Array[]): CompressorVectors =>
  Object.fromEntries(names.map((name, i) => [name, vectors[i]]));
