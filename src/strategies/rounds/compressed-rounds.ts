/**
 * The same rounds with contributions that are sent encoded. What an encoding loses is the residual of the part, which is the last
 * vector of its local state (`collective/compress/compressor.ts`). Each exchange of the compressor is one round of the cluster.
 */
import type { Collective, Inspection } from "../../collective/collective.js";
import type { Dataset } from "../../data/dataset.js";
import type { Device } from "../../device/device.js";
import type { CheckedCompressor } from "./checked-compressor.js";
import { CompressedReplica } from "./compressed-replica.js";
import type { Advance, Encoding, Replica, ReplicaProgram, ReplicaVectors } from "./replica.js";
import { replicaVectors } from "./replica.js";

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
  readonly exchanges: number;
  readonly finite: boolean;
  readonly encoding = this;
  readonly #inner: ReplicaProgram;
  readonly #compressor: CheckedCompressor;
  readonly #clearGaps: (vector: Float32Array) => void;
  readonly #fromParameters: boolean;

  /**
   * @param inner rounds of one exchange, in which a contribution is a whole vector
   * @param clearGaps see `Workload`
   * @param fromParameters whether what is encoded is how far a contribution is from the global parameters
   */
  constructor(
    inner: ReplicaProgram,
    compressor: CheckedCompressor,
    clearGaps: (vector: Float32Array) => void,
    fromParameters = false,
  ) {
    const { parts, vectors, length, local = 0, each, finite } = inner;
    const { name, phases, global } = compressor;
    this.#inner = inner;
    this.#compressor = compressor;
    this.#clearGaps = clearGaps;
    this.#fromParameters = fromParameters;
    this.parts = parts;
    this.local = local + compressor.local.length + 1;
    this.vectors = vectors + global.length + parts * (compressor.local.length + 1);
    this.length = length;
    this.each = each;
    this.exchanges = phases;
    this.finite = finite;
    const own = replicaVectors(inner);
    this.names = [
      ...inner.names.slice(0, own),
      ...global.map((vector) => `state.${name}.${vector.name}`),
      ...this.#ofParts(inner.names, (part) =>
        [...compressor.local, RESIDUAL].map((vector) => `state.part${part}.${name}.${vector}`),
      ),
    ];
  }

  participants(round: number): readonly number[] {
    const inner = this.#inner.participants?.(Math.floor(round / this.exchanges));
    return inner ?? Array.from({ length: this.parts }, (_, part) => part);
  }

  elements(round: number): number {
    return this.#compressor.elements(round % this.exchanges);
  }

  advance(round: number): Advance {
    const { steps, images } = this.#inner.advance(Math.floor(round / this.exchanges));
    return { steps: steps / this.exchanges, images: images / this.exchanges };
  }

  stepAt(round: number): number {
    return this.#inner.stepAt(Math.floor(round / this.exchanges));
  }

  /** The first exchange of a round tells its loss. */
  tellsLoss(round: number): boolean {
    return round % this.exchanges === 0;
  }

  combine(collective: Collective, parts: readonly Float32Array[], out: Float32Array): Promise<Inspection[]> {
    return this.#inner.combine(collective, parts, out);
  }

  initialState(parameters?: Float32Array): ReplicaVectors {
    const { vectors, scalars } = this.#inner.initialState(parameters);
    const zeros = (): Float32Array => new Float32Array(this.length);
    const global = this.#compressor.global.map(({ initial }) => {
      const vector = zeros();
      initial?.(vector);
      return vector;
    });
    const added = Array.from({ length: this.#compressor.local.length + 1 }, zeros);
    const local = this.#ofParts(vectors, () => added.map((vector) => vector.slice()));
    return { vectors: [...vectors.slice(0, replicaVectors(this.#inner)), ...global, ...local], scalars };
  }

  async open(device: Device, dataset: Pick<Dataset, "train" | "test">): Promise<Replica> {
    return new CompressedReplica({
      inner: await this.#inner.open(device, dataset),
      rounds: this,
      compressor: this.#compressor,
      vectors: replicaVectors(this.#inner),
      local: this.#inner.local ?? 0,
      clearGaps: this.#clearGaps,
      fromParameters: this.#fromParameters,
    });
  }

  /** The numbers that the bytes stand for. No gap has any, whatever the compressor makes of its zeros. */
  decode(encoded: Uint8Array, out: Float32Array, round: number): void {
    this.#compressor.decode(encoded, out, round % this.exchanges);
    if (!this.#compressor.expand) this.#clearGaps(out);
  }

  /** What the inner rounds have of each part, then what is added to that, part after part. */
  #ofParts<T>(all: readonly T[], added: (part: number) => readonly T[]): T[] {
    const own = replicaVectors(this.#inner);
    const { local = 0 } = this.#inner;
    return Array.from({ length: this.parts }, (_, part) => [
      ...all.slice(own + part * local, own + (part + 1) * local),
      ...added(part),
    ]).flat();
  }
}
