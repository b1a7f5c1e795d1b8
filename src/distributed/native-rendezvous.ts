/**
 * A rendezvous in shared memory, at a barrier of the native core; who waits sleeps on one of libuv's threads. What a worker brings
 * it leaves in an entry of its own, of two by turns: nobody can come to the round after the next before all have read what
 * was brought to this one. An entry says what it is of, for who was standing still may read it later than that.
 */
import { nativeCore } from "../native-core.js";
import type { Brought, Meeting, Rendezvous, Word } from "./rendezvous.js";

interface Addon {
  readonly cpu: { instructionSets(): string[] };
  readonly collective: {
    openBarrier(memory: ArrayBuffer, round: number): number;
    closeBarrier(memory: ArrayBuffer, number: number): void;
    /** Writes the checksum of `own` to `checksum`, comes to the barrier, and waits for the others. */
    meet(
      instructionSet: string,
      memory: ArrayBuffer,
      own: Float32Array,
      checksum: BigUint64Array,
      number: number,
      round: number,
      parties: number,
      milliseconds: number,
    ): Promise<boolean>;
  };
}

/** The barrier comes first, on a cache line of its own. */
const BOARD = 64;
/** Eight bytes each: the checksum, number and round, the loss, and whether it is the last round. */
const ENTRY = 40;

export class NativeRendezvous implements Rendezvous {
  readonly #addon: Addon;
  readonly #instructionSet: string;
  readonly #memory: ArrayBuffer;

  /** Bytes of shared memory, zeroed, that so many workers need. */
  static bytes(workers: number): number {
    return BOARD + 2 * workers * ENTRY;
  }

  /**
   * @param memory of `bytes(workers)`
   * @throws NativeCoreError where the native core cannot be loaded
   */
  constructor(memory: ArrayBuffer) {
    this.#addon = nativeCore<Addon>();
    this.#instructionSet = this.#addon.cpu.instructionSets()[0];
    this.#memory = memory;
  }

  open(round: number): number {
    return this.#addon.collective.openBarrier(this.#memory, round);
  }

  close(number: number): void {
    this.#addon.collective.closeBarrier(this.#memory, number);
  }

  async meet(
    meeting: Meeting,
    own: Float32Array,
    { loss, isLast }: Word,
    milliseconds: number,
  ): Promise<readonly Brought[] | undefined> {
    const { number, round, worker, holders } = meeting;
    const { checksum, said } = this.#entry(round, worker);
    said.set([number, round, loss, Number(isLast)]);
    const { collective } = this.#addon;
    const memory = this.#memory;
    const all = await collective.meet(
      ...([this.#instructionSet, memory, own, checksum, number, round, holders.length, milliseconds] as const),
    );
    const brought = all ? holders.map((holder) => this.#read(number, round, holder)) : [];
    return brought.length > 0 && brought.every((one) => one !== undefined) ? brought : undefined;
  }

  /** Undefined when it is of another round by now. */
  #read(number: number, round: number, worker: number): Brought | undefined {
    const { checksum, said } = this.#entry(round, worker);
    const brought = { checksum: checksum[0], loss: said[2], isLast: said[3] === 1 };
    return said[0] === number && said[1] === round ? brought : undefined;
  }

  #entry(round: number, worker: number): { checksum: BigUint64Array; said: Float64Array } {
    const at = BOARD + ENTRY * (2 * worker + (round % 2));
    return { checksum: new BigUint64Array(this.#memory, at, 1), said: new Float64Array(this.#memory, at + 8, 4) };
  }
}
