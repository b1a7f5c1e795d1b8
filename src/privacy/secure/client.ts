/**
 * A client of secure aggregation (Bonawitz et al. 2017, the protocol against a server that is curious). It adds to its contribution a
 * mask of its own, and with each other client a mask that the other subtracts. Its methods are called once each and in their order:
 * with one message from the server, each gives the client's next message. It refuses what would show its contribution.
 */
import { DawnpourError, UsageError } from "../../error.js";
import type { Secrets } from "../../world/world.js";
import {
  agreed,
  commitment,
  KEY_BYTES,
  type KeyPair,
  keyPair,
  pairMask,
  SECRET_BYTES,
  seal,
  selfMask,
  TAG_BYTES,
  unseal,
} from "./keys.js";
import {
  checkEnough,
  checkLength,
  checkRound,
  decodeSet,
  joined,
  record,
  type SecureRound,
  setBytes,
  thresholdOf,
} from "./messages.js";
import { add, pack, subtract } from "./ring.js";
import { split } from "./shamir.js";

/** Bytes of the two sealed shares that a client has for another one. */
export const SEALED_BYTES = 2 * SECRET_BYTES + TAG_BYTES;

const STAGES = ["advertise", "share", "mask", "unmask", "end"] as const;

/** One client in one round; its keys are of that round only. */
export class SecureClient {
  readonly #id: number;
  readonly #round: SecureRound;
  readonly #secrets: Secrets;
  readonly #seed: Uint8Array;
  readonly #maskSecret: Uint8Array;
  readonly #sealing: KeyPair;
  readonly #masking: KeyPair;
  /** The public keys of each client: for sealing and for masks. */
  readonly #keys = new Map<number, Uint8Array>();
  /** The key that this client and another one seal with, both ways. */
  readonly #sealingKeys = new Map<number, Uint8Array>();
  /** The shares of each client's seed and mask secret that this client keeps. */
  readonly #kept = new Map<number, Uint8Array>();
  #stage: (typeof STAGES)[number] = "advertise";

  /**
   * Makes the keys of the round.
   * @param id the client's number, below `clients`
   * @param secrets where keys come from: `nodeWorld().secrets`
   * @throws UsageError for a round or a number that cannot be
   */
  constructor(id: number, round: SecureRound, secrets: Secrets) {
    checkRound(round);
    if (!(Number.isInteger(id) && id >= 0 && id < round.clients)) {
      throw new UsageError(`a client of secure aggregation has a number from 0 to ${round.clients - 1}, got ${id}`);
    }
    [this.#id, this.#round, this.#secrets] = [id, round, secrets];
    this.#seed = secrets.bytes(SECRET_BYTES);
    this.#maskSecret = secrets.bytes(SECRET_BYTES);
    this.#sealing = keyPair(secrets.bytes(SECRET_BYTES));
    this.#masking = keyPair(this.#maskSecret);
  }

  /** Round 0: the public keys. */
  advertise(): Uint8Array {
    this.#enter("advertise");
    return joined([this.#sealing.publicKey, this.#masking.publicKey]);
  }

  /** Round 1: shares of the client's secrets, sealed for each client that has advertised keys. */
  share(roster: Uint8Array): Uint8Array {
    this.#enter("share");
    const members = this.#members(roster, 2 * KEY_BYTES, 0, "the list of keys");
    const records = roster.subarray(setBytes(this.#round));
    for (const [i, member] of members.entries()) this.#keys.set(member, record(records, i, 2 * KEY_BYTES));
    if (!this.#keys.get(this.#id)?.every((byte, i) => byte === this.#ownKeys()[i])) {
      throw new DawnpourError(`the list of keys has not those of client ${this.#id}: it leaves the round`);
    }
    const options = { clients: this.#round.clients, threshold: thresholdOf(this.#round), secrets: this.#secrets };
    const [seeds, masks] = [split(this.#seed, options), split(this.#maskSecret, options)];
    this.#kept.set(this.#id, joined([seeds[this.#id], masks[this.#id]]));
    const others = members.filter((member) => member !== this.#id);
    return joined([
      commitment(this.#seed),
      ...others.map((to) => seal(this.#sealingKey(to), { from: this.#id, to }, joined([seeds[to], masks[to]]))),
    ]);
  }

  /**
   * Round 2: the contribution under its masks.
   * @param inbox the sealed shares of the others
   * @param contribution numbers of `toFixedPoint`; stays as it is
   */
  mask(inbox: Uint8Array, contribution: Uint32Array): Uint8Array {
    this.#enter("mask");
    const { values } = this.#round;
    if (contribution.length !== values) {
      throw new UsageError(`a contribution of this round has ${values} values, got ${contribution.length}`);
    }
    const others = this.#members(inbox, SEALED_BYTES, 1, "the list of shares").filter((id) => id !== this.#id);
    const records = inbox.subarray(setBytes(this.#round));
    const masked = contribution.slice();
    add(masked, selfMask(this.#seed, values));
    for (const [i, from] of others.entries()) {
      const sealed = record(records, i, SEALED_BYTES);
      this.#kept.set(from, unseal(this.#sealingKey(from), { from, to: this.#id }, sealed));
      const mask = pairMask(agreed(this.#masking, this.#publicKeys(from).subarray(KEY_BYTES)), values);
      (this.#id < from ? add : subtract)(masked, mask);
    }
    return pack(masked);
  }

  /**
   * Round 3: a share of one secret of each client: of the seed of those that have sent a contribution, of the mask secret of the others.
   * @throws DawnpourError for a request of both: with both, the server could read the contribution of that client
   */
  unmask(request: Uint8Array): Uint8Array {
    this.#enter("unmask");
    const bytes = setBytes(this.#round);
    checkLength(request, 2 * bytes, "the request for shares");
    const seeds = new Set(decodeSet(this.#round, request.subarray(0, bytes)));
    const masks = new Set(decodeSet(this.#round, request.subarray(bytes)));
    const both = [...seeds].find((id) => masks.has(id));
    if (both !== undefined) this.#refuse(`asks for both secrets of client ${both}, which would show its contribution`);
    if (masks.has(this.#id)) this.#refuse(`says that client ${this.#id} sent nothing, but it did`);
    checkEnough(this.#round, seeds.size, "unmask");
    const asked = [...seeds, ...masks].sort((a, b) => a - b);
    return joined(
      asked.map((id) => {
        const kept = this.#kept.get(id);
        if (!kept) return this.#refuse(`asks for a secret of client ${id}, which has shared none`);
        return record(kept, seeds.has(id) ? 0 : 1, SECRET_BYTES);
      }),
    );
  }

  /** The members of a message, once its length is right. @param left members that have no record: the client itself */
  #members(message: Uint8Array, length: number, left: number, what: string): number[] {
    const members = decodeSet(this.#round, message);
    checkLength(message, setBytes(this.#round) + (members.length - left) * length, what);
    checkEnough(this.#round, members.length, this.#stage);
    if (!members.includes(this.#id)) this.#refuse(`leaves client ${this.#id} out of ${what}`);
    return members;
  }

  #ownKeys(): Uint8Array {
    return joined([this.#sealing.publicKey, this.#masking.publicKey]);
  }

  #publicKeys(id: number): Uint8Array {
    return this.#keys.get(id) ?? this.#refuse(`names client ${id}, which has advertised no keys`);
  }

  #sealingKey(id: number): Uint8Array {
    const known = this.#sealingKeys.get(id);
    if (known) return known;
    const key = agreed(this.#sealing, this.#publicKeys(id).subarray(0, KEY_BYTES));
    this.#sealingKeys.set(id, key);
    return key;
  }

  #refuse(what: string): never {
    throw new DawnpourError(`client ${this.#id} refuses the server, which ${what}: it leaves the round`);
  }

  /** A message that fails ends the client's part too: its secrets never answer twice. */
  #enter(stage: (typeof STAGES)[number]): void {
    if (this.#stage !== stage) {
      throw new UsageError(
        `client ${this.#id} is at the stage "${this.#stage}", not "${stage}": a new round takes new clients`,
      );
    }
    this.#stage = STAGES[STAGES.indexOf(stage) + 1];
  }
}
