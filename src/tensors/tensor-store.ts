/**
 * The memory that all nodes of one machine share, cut into slots of one flat vector each. Messages carry
 * no tensors: a message names a slot.
 *
 * Every slot has one owner for the whole run, and only the owner writes to it. So a worker that was given up and still
 * writes for a moment cannot damage the work of others; its successor starts when its process is gone.
 */
import { PAGE } from "../transport/process/memory-page.js";

export interface TensorStoreShape {
  readonly workers: number;
  /** Parts of a round. */
  readonly parts: number;
  /** Vectors of a state: the parameters and the optimizer's state. */
  readonly vectors: number;
  /** Elements of a vector. */
  readonly length: number;
  /** Vectors of the local state of a part. Default: 0. */
  readonly local?: number;
  /** Whether every contribution is kept as long as the combined vector. Default: false. */
  readonly each?: boolean;
}

/** Rounds whose combined vectors are kept, for replicas that are behind. */
export const SUMS = 4;
/** Snapshots that a worker has room for: the one in force, its successor, one being saved to disk, one being taken. */
export const SETS = 4;
/** The slot in which a worker itself combines the parts. */
const OWN_SUM = 1;
/** The owner of the initial state. */
export const ORIGIN = -1;

/** Every slot is mapped by itself, at its first use, so it begins on a page. */
const ALIGNMENT = PAGE / 4;

/** Maps a stretch of the memory: its offset in bytes, and its bytes. */
export type MapMemory = (offset: number, bytes: number) => ArrayBuffer;

export class TensorStore {
  readonly shape: TensorStoreShape;
  readonly #map: MapMemory;
  readonly #slots = new Map<number, Float32Array>();
  readonly #indices = new Map<Float32Array, number>();

  /** @param map maps memory of `TensorStore.bytes(shape)` */
  constructor(shape: TensorStoreShape, map: MapMemory) {
    this.shape = shape;
    this.#map = map;
  }

  static bytes(shape: TensorStoreShape): number {
    return 4 * stride(shape) * (shared(shape) + shape.vectors + shape.workers * slotsOfWorker(shape));
  }

  /** The array of a slot: the same one on every call. */
  slot(index: number): Float32Array {
    const known = this.#slots.get(index);
    if (known) return known;
    const { length } = this.shape;
    const slot = new Float32Array(this.#map(4 * stride(this.shape) * index, 4 * length), 0, length);
    this.#slots.set(index, slot);
    this.#indices.set(slot, index);
    return slot;
  }

  /** Where a slot lies in the memory. */
  place(index: number): { readonly offset: number; readonly bytes: number } {
    return { offset: 4 * stride(this.shape) * index, bytes: 4 * this.shape.length };
  }

  /** The slot of `vector`, an array that `slot` returned; undefined for any other. */
  indexOf(vector: Float32Array): number | undefined {
    return this.#indices.get(vector);
  }

  /** Where the coordinator combines the parts of a round. */
  sum(round: number): number {
    return round % SUMS;
  }

  /**
   * Where a worker computes a part of a round. A sole part is not combined: replicas apply it from here, so it is kept
   * as long as a combined vector.
   */
  part(worker: number, part: number, round: number): number {
    return this.#workerBase(worker) + (this.shape.parts === 1 ? round % SUMS : part) * slotsOfPart(this.shape);
  }

  /** Where a worker leaves the local state of a part that it computes into slot `part`. */
  next(part: number): Float32Array[] {
    return Array.from({ length: this.shape.local ?? 0 }, (_, i) => this.slot(part + 1 + i));
  }

  /**
   * What part `part` brings to `round`, where the coordinator keeps it: its local state, then, where every contribution is
   * kept, its contribution to the round before.
   */
  carried(part: number, round: number): Float32Array[] {
    const carried = carriedOf(this.shape);
    const first = SUMS + ((round % SUMS) * this.shape.parts + part) * carried;
    return Array.from({ length: carried }, (_, i) => this.slot(first + i));
  }

  /**
   * Where a worker with one part of every round, out of several, computes it: never in the slot of the round before,
   * which other workers may still read.
   */
  alternate(worker: number, part: number, round: number): number {
    return this.#workerBase(worker) + ((part + round) % this.shape.parts);
  }

  /** Where a worker itself combines the parts of a round. */
  ownSum(worker: number): number {
    return this.#workerBase(worker) + partsOfWorker(this.shape) + SETS * this.shape.vectors;
  }

  /** The slots of a snapshot, one for each vector. */
  snapshot(owner: number, set: number): number[] {
    const first =
      owner === ORIGIN
        ? shared(this.shape)
        : this.#workerBase(owner) + partsOfWorker(this.shape) + set * this.shape.vectors;
    return Array.from({ length: this.shape.vectors }, (_, i) => first + i);
  }

  vectors(owner: number, set: number): Float32Array[] {
    return this.snapshot(owner, set).map((index) => this.slot(index));
  }

  #workerBase(worker: number): number {
    return shared(this.shape) + this.shape.vectors + worker * slotsOfWorker(this.shape);
  }
}

const stride = ({ length }: TensorStoreShape): number => Math.ceil(length / ALIGNMENT) * ALIGNMENT;
const carriedOf = ({ local = 0, each = false }: TensorStoreShape): number => local + (each ? 1 : 0);
/** Slots of the coordinator. */
const shared = (shape: TensorStoreShape): number => SUMS + SUMS * shape.parts * carriedOf(shape);
const slotsOfPart = ({ local = 0 }: TensorStoreShape): number => 1 + local;
const partsOfWorker = (shape: TensorStoreShape): number =>
  (shape.parts === 1 ? SUMS : shape.parts) * slotsOfPart(shape);
const slotsOfWorker = (shape: TensorStoreShape): number => partsOfWorker(shape) + SETS * shape.vectors + OWN_SUM;
