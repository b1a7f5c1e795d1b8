/**
 * The same rounds with contributions that travel encoded. A part encodes its contribution with its residual, which is one
 * more vector of its local state; all is added as it is decoded.
 *
 *     e = contribution + residual;   what is added = decode(encode(e));   residual = e - decode(encode(e))
 */
import type { Collective, Inspection } from "../collective/collective.js";
import type { Compressor } from "../collective/compress/compressor.js";
import type { Dataset } from "../data/dataset.js";
import type { Device } from "../device/device.js";
import { brief, UsageError } from "../error.js";
import type { Advance, Encoding, Replica, ReplicaProgram, ReplicaVectors } from "./replica.js";
import { replicaVectors } from "./replica.js";

/** What an f32 has. */
const ELEMENT_BYTES = 4;

/** The last vector of the local state of a part. */
const RESIDUAL = "residual";

export class CompressedRounds implements ReplicaProgram, Encoding {
  readonly parts: number;
  readonly vectors: number;
  readonly names: readonly string[];
  readonly length: number;
  readonly local: number;
  readonly each: boolean | undefined;
  readonly leases = false;
  readonly exchanges: number | undefined;
  readonly finite: boolean;
  readonly encoding = this;
  readonly #inner: ReplicaProgram;
  readonly #compressor: Compressor;
  readonly #clearGaps: (vector: Float32Array) => void;
  readonly #bytes: Uint8Array;

  /** @param clearGaps see `Workload` */
  constructor(inner: ReplicaProgram, compressor: Compressor, clearGaps: (vector: Float32Array) => void) {
    const { parts, vectors, length, local = 0, each, exchanges, finite } = inner;
    this.#inner = inner;
    this.#compressor = compressor;
    this.#clearGaps = clearGaps;
    this.#bytes = new Uint8Array(bytesFor(compressor, length));
    this.parts = parts;
    this.vectors = vectors + parts;
    this.length = length;
    this.local = local + 1;
    this.each = each;
    this.exchanges = exchanges;
    this.finite = finite;
    const own = replicaVectors(inner);
    const ofPart = (part: number): string[] => [
      ...inner.names.slice(own + part * local, own + (part + 1) * local),
      `state.part${part}.${compressor.name}.${RESIDUAL}`,
    ];
    this.names = [...inner.names.slice(0, own), ...Array.from({ length: parts }, (_, part) => ofPart(part)).flat()];
  }

  participants(round: number): readonly number[] {
    return this.#inner.participants?.(round) ?? Array.from({ length: this.parts }, (_, part) => part);
  }

  elements(round: number): number {
    return this.#inner.elements?.(round) ?? this.length;
  }

  advance(round: number): Advance {
    return this.#inner.advance(round);
  }

  stepAt(round: number): number {
    return this.#inner.stepAt(round);
  }

  combine(collective: Collective, parts: readonly Float32Array[], out: Float32Array): Promise<Inspection[]> {
    return this.#inner.combine(collective, parts, out);
  }

  initialState(parameters?: Float32Array): ReplicaVectors {
    const { vectors, scalars } = this.#inner.initialState(parameters);
    const [own, { local = 0 }] = [replicaVectors(this.#inner), this.#inner];
    const ofPart = (part: number): Float32Array[] => [
      ...vectors.slice(own + part * local, own + (part + 1) * local),
      new Float32Array(this.length),
    ];
    const all = Array.from({ length: this.parts }, (_, part) => ofPart(part)).flat();
    return { vectors: [...vectors.slice(0, own), ...all], scalars };
  }

  open(device: Device, dataset: Pick<Dataset, "train" | "test">): Promise<Replica> {
    return this.#inner.open(device, dataset);
  }

  encode(contribution: Float32Array, now: readonly Float32Array[], next: readonly Float32Array[]): Uint8Array {
    const before = now[this.local - 1];
    const residual = next[this.local - 1];
    for (let i = 0; i < contribution.length; i++) contribution[i] += before[i];
    // A copy: another worker of this process may encode before these bytes are taken.
    const bytes = this.#bytes.slice(0, this.#compressor.encode(contribution, this.#bytes));
    residual.fill(0);
    residual.set(contribution);
    this.#compressor.decode(bytes, contribution);
    for (let i = 0; i < contribution.length; i++) residual[i] -= contribution[i];
    this.#clearGaps(residual);
    return bytes;
  }

  decode(encoded: Uint8Array, out: Float32Array): void {
    this.#compressor.decode(encoded, out);
  }
}

/** The most bytes of a contribution: it lies in the slot in which it was computed. */
function bytesFor({ name, bytes }: Compressor, length: number): number {
  const most = bytes(length);
  if (Number.isSafeInteger(most) && most >= 1 && most <= ELEMENT_BYTES * length) return most;
  throw new UsageError(
    `compressor ${name}: bytes(${length}) must be a whole number from 1 to ${ELEMENT_BYTES * length}, 4 an element, got ${brief(most)}`,
  );
}
