/**
 * The memory that all nodes of one machine see, cut into slots of one flat vector each. Tensors do not travel in
 * messages: they lie here, and a message says which slot.
 *
 * Every slot has one owner for the whole run, who alone writes to it. A worker that was given up and writes on for a
 * moment can therefore not damage what others have taken over; its successor starts when it is gone for certain.
 */
import { PAGE } from "../transport/process/page.js";

export interface TensorStoreShape {
  readonly workers: number;
  /** Parts of a round. */
  readonly parts: number;
  /** Vectors of a state: the parameters and what the optimizer keeps. */
  readonly vectors: number;
  /** Elements of a vector. */
  readonly length: number;
}

/** Rounds whose combined vectors are kept, for replicas that are behind. */
export const SUMS = 4;
/** Snapshots that a worker has room for: the one in force, its successor, one being saved to disk, one being taken. */
export const SETS = 4;
/** The slot of a worker for what it combines by itself. */
const OWN_SUM = 1;
/** The owner of the state that a run begins with. */
export const ORIGIN = -1;

/** Every slot is mapped by itself, when it is first used: so it begins on a page. */
const ALIGNMENT = PAGE / 4;

/** Gives so many bytes of the memory from an offset on. */
export type MapMemory = (offset: number, bytes: number) => ArrayBuffer;

export class TensorStore {
  readonly shape: TensorStoreShape;
  readonly #map: MapMemory;
  readonly #slots = new Map<number, Float32Array>();
  readonly #indices = new Map<Float32Array, number>();

  /** @param map of memory of `TensorStore.bytes(shape)` */
  constructor(shape: TensorStoreShape, map: MapMemory) {
    this.shape = shape;
    this.#map = map;
  }

  static bytes(shape: TensorStoreShape): number {
    return 4 * stride(shape) * (SUMS + shape.vectors + shape.workers * slotsOfWorker(shape));
  }

  /** The same array whenever it is asked for. */
  slot(index: number): Float32Array {
    const known = this.#slots.get(index);
    if (known) return known;
    const { length } = this.shape;
    const slot = new Float32Array(this.#map(4 * stride(this.shape) * index, 4 * length), 0, length);
    this.#slots.set(index, slot);
    this.#indices.set(slot, index);
    return slot;
  }

  /** The slot that `vector` is, as `slot` has given it; undefined when it is none. */
  indexOf(vector: Float32Array): number | undefined {
    return this.#indices.get(vector);
  }

  /** Where the coordinator combines the parts of a round. */
  sum(round: number): number {
    return round % SUMS;
  }

  /**
   * Where a worker computes a part of a round. A part that is the whole is not combined with anything: replicas apply it
   * from here, so it is kept as long as a combined one.
   */
  part(worker: number, part: number, round: number): number {
    return this.#workerBase(worker) + (this.shape.parts === 1 ? round % SUMS : part);
  }

  /**
   * Where a worker that has one part of every round, out of several, computes it: never where it did in the round before,
   * which others may still read.
   */
  alternate(worker: number, part: number, round: number): number {
    return this.#workerBase(worker) + ((part + round) % this.shape.parts);
  }

  /** Where a worker combines the parts of a round by itself. */
  ownSum(worker: number): number {
    return this.#workerBase(worker) + partsOfWorker(this.shape) + SETS * this.shape.vectors;
  }

  /** The slots of a snapshot, one a vector. */
  snapshot(owner: number, set: number): number[] {
    const first =
      owner === ORIGIN ? SUMS : this.#workerBase(owner) + partsOfWorker(this.shape) + set * this.shape.vectors;
    return Array.from({ length: this.shape.vectors }, (_, i) => first + i);
  }

  vectors(owner: number, set: number): Float32Array[] {
    return this.snapshot(owner, set).map((index) => this.slot(index));
  }

  #workerBase(worker: number): number {
    return SUMS + this.shape.vectors + worker * slotsOfWorker(this.shape);
  }
}

const stride = ({ length }: TensorStoreShape): number => Math.ceil(length / ALIGNMENT) * ALIGNMENT;
const partsOfWorker = ({ parts }: TensorStoreShape): number => (parts === 1 ? SUMS : parts);
const slotsOfWorker = (shape: TensorStoreShape): number => partsOfWorker(shape) + SETS * shape.vectors + OWN_SUM;
