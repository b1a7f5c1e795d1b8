/**
 * A barrier of the native core in shared memory. A waiting worker sleeps on one of libuv's threads, or on the thread of a device.
 * Each worker has two entries and uses them in turns. That is enough: a worker writes an entry again two rounds later, and by then
 * all workers have read it. An entry has the number of the barrier and its round, because a worker that stalled may read it late.
 */
import type { CpuBuffer } from "../device/cpu/cpu-buffer.js";
import type { Barrier, BarrierRound, Contribution, Notice } from "./barrier.js";
import { type Arrival, bestInstructionSet, type CollectiveCore, collectiveCore } from "./native-core.js";

/** Offset of the entries. The barrier is before them, on a cache line of its own. */
const BOARD = 64;
/** Bytes of an entry. It has five fields of eight bytes: checksum, loss, number, round, and whether it is the last round. */
const ENTRY = 40;

/** An entry of a worker. */
interface Entry {
  readonly checksum: BigUint64Array;
  readonly loss: Float64Array;
  /** Number, round, and whether it is the last. */
  readonly said: Float64Array;
}

export class NativeBarrier implements Barrier {
  readonly #core: CollectiveCore;
  readonly #instructionSet: string;
  readonly #memory: ArrayBuffer;

  /** Bytes of shared memory, zeroed, for `workers` workers. */
  static bytes(workers: number): number {
    return BOARD + 2 * workers * ENTRY;
  }

  /**
   * @param memory of `bytes(workers)`
   * @throws NativeCoreError where the native core cannot be loaded
   */
  constructor(memory: ArrayBuffer) {
    this.#core = collectiveCore();
    this.#instructionSet = bestInstructionSet();
    this.#memory = memory;
  }

  open(round: number): number {
    return this.#core.openBarrier(this.#memory, round);
  }

  close(number: number): void {
    this.#core.closeBarrier(this.#memory, number);
  }

  async meet(
    point: BarrierRound,
    own: Float32Array,
    { loss, isLast }: Notice,
    milliseconds: number,
  ): Promise<readonly Contribution[] | undefined> {
    const arrival = this.#arrival(point, isLast, milliseconds);
    const all = await this.#core.meet(this.#instructionSet, [own], loss, ...arrival);
    return all ? this.#brought(point) : undefined;
  }

  /**
   * As `meet`, on the stream of a CPU device, by its threads. `own` and `loss` may still have to be computed by what is enqueued
   * before.
   *
   * @throws DeviceLostError
   */
  async meetInOrder(
    point: BarrierRound,
    own: Float32Array,
    { loss: { engine, memory }, isLast }: { readonly loss: CpuBuffer<"f32">; readonly isLast: boolean },
    milliseconds: number,
  ): Promise<readonly Contribution[] | undefined> {
    const arrival = this.#arrival(point, isLast, milliseconds);
    const passed = new Uint8Array(1);
    await engine.finish(this.#core.meetInOrder(engine.handle, [own], memory, ...arrival, passed));
    return passed[0] === 1 ? this.#brought(point) : undefined;
  }

  #arrival({ number, round, worker, holders }: BarrierRound, isLast: boolean, milliseconds: number): Arrival {
    const { checksum, loss, said } = this.#entry(round, worker);
    said.set([number, round, Number(isLast)]);
    return [this.#memory, checksum, loss, number, round, holders.length, milliseconds];
  }

  /** The contributions of a round. Undefined if an entry is of another round. */
  #brought({ number, round, holders }: BarrierRound): readonly Contribution[] | undefined {
    const entries = holders.map((holder) => this.#entry(round, holder));
    const brought = entries.map(({ checksum, loss, said }) => ({
      checksum: checksum[0],
      loss: loss[0],
      isLast: said[2] === 1,
    }));
    // The round is compared after the contributions are read, because a later round may have overwritten an entry meanwhile.
    return entries.every(({ said }) => said[0] === number && said[1] === round) ? brought : undefined;
  }

  #entry(round: number, worker: number): Entry {
    const at = BOARD + ENTRY * (2 * worker + (round % 2));
    return {
      checksum: new BigUint64Array(this.#memory, at, 1),
      loss: new Float64Array(this.#memory, at + 8, 1),
      said: new Float64Array(this.#memory, at + 16, 3),
    };
  }
}
