/**
 * A rendezvous in shared memory, at a barrier of the native core; who waits sleeps on one of libuv's threads. What is brought
 * lies there twice over: nobody can come to the round after the next before all have read what was brought to this one.
 */
import { nativeCore } from "../native-core.js";
import { type Brought, type Meeting, MOST_TOGETHER, type Rendezvous, type Word } from "./rendezvous.js";

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
/** Of what one worker brings: the checksum, the loss, and whether it is the last round, eight bytes each. */
const ENTRY = 24;

export class NativeRendezvous implements Rendezvous {
  /** Of shared memory, zeroed. */
  static readonly BYTES = BOARD + 2 * MOST_TOGETHER * ENTRY;
  readonly #addon: Addon;
  readonly #instructionSet: string;
  readonly #memory: ArrayBuffer;

  /**
   * @param memory of `BYTES`
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
    const { number, round, part, parties } = meeting;
    const { checksum, said } = this.#entry(round, part);
    said.set([loss, Number(isLast)]);
    const { collective } = this.#addon;
    const memory = this.#memory;
    const all = await collective.meet(
      ...([this.#instructionSet, memory, own, checksum, number, round, parties, milliseconds] as const),
    );
    return all ? Array.from({ length: parties }, (_, other) => this.#read(round, other)) : undefined;
  }

  #read(round: number, part: number): Brought {
    const { checksum, said } = this.#entry(round, part);
    const [loss, isLast] = said;
    return { checksum: checksum[0], loss, isLast: isLast === 1 };
  }

  #entry(round: number, part: number): { checksum: BigUint64Array; said: Float64Array } {
    const at = BOARD + ENTRY * ((round % 2) * MOST_TOGETHER + part);
    return { checksum: new BigUint64Array(this.#memory, at, 1), said: new Float64Array(this.#memory, at + 8, 2) };
  }
}
