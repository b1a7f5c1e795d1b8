/**
 * The server of secure aggregation (Bonawitz et al. 2017). It passes messages between clients and learns the sum of the contributions
 * and nothing else of them. Each method takes the messages of those clients that are still there, and gives what they get next.
 */
import { DawnpourError, UsageError } from "../../error.js";
import { SEALED_BYTES } from "./client.js";
import { agreed, commitment, KEY_BYTES, keyPair, pairMask, SECRET_BYTES, selfMask } from "./keys.js";
import {
  checkEnough,
  checkLength,
  checkRound,
  encodeSet,
  joined,
  record,
  type SecureRound,
  thresholdOf,
} from "./messages.js";
import { add, packedBytes, subtract, unpack } from "./ring.js";
import { combine, weights } from "./shamir.js";

/** Messages by the number of their client. */
export type ClientMessages = ReadonlyMap<number, Uint8Array>;

const ascending = (messages: ClientMessages): number[] => [...messages.keys()].sort((a, b) => a - b);

/**
 * The server in one round. Where it fails, the round is lost and no contribution is shown: start a new one, with new clients.
 * @example
 * ```ts
 * import { nodeWorld } from "dawnpour/actors";
 * import { secureAggregation } from "dawnpour/distributed";
 *
 * const { SecureClient, SecureServer, fromFixedPoint, toFixedPoint } = secureAggregation;
 * const round = { clients: 3, values: 2 };
 * const clients = [0, 1, 2].map((id) => new SecureClient(id, round, nodeWorld().secrets));
 * const server = new SecureServer(round);
 * const fromAll = (send: (client: secureAggregation.SecureClient, id: number) => Uint8Array) =>
 *   new Map(clients.map((client, id) => [id, send(client, id)]));
 * const roster = server.roster(fromAll((client) => client.advertise()));
 * const inboxes = server.inboxes(fromAll((client) => client.share(roster)));
 * const change = toFixedPoint([0.5, -0.25], 1);
 * const request = server.request(fromAll((client, id) => client.mask(inboxes.get(id) ?? new Uint8Array(), change)));
 * const sum = server.sum(fromAll((client) => client.unmask(request)));
 * console.log(fromFixedPoint(sum, 1)[0].toFixed(2)); // 1.50
 * ```
 */
export class SecureServer {
  readonly #round: SecureRound;
  /** The messages of each stage so far: keys, shares, masked contributions. */
  readonly #got: ClientMessages[] = [];

  /** Begins at round 0. @throws UsageError for a round that cannot be */
  constructor(round: SecureRound) {
    checkRound(round);
    this.#round = round;
  }

  /** After round 0: the list of keys, for each client that has sent its own. */
  roster(keys: ClientMessages): Uint8Array {
    this.#take(0, keys, () => 2 * KEY_BYTES);
    const members = ascending(keys);
    return joined([encodeSet(this.#round, members), ...members.map((id) => this.#message(0, id))]);
  }

  /** After round 1: for each client that has sent shares, those that it gets. */
  inboxes(shares: ClientMessages): Map<number, Uint8Array> {
    const advertised = ascending(this.#got[0] ?? new Map());
    this.#take(1, shares, () => SECRET_BYTES + (advertised.length - 1) * SEALED_BYTES);
    const members = ascending(shares);
    const set = encodeSet(this.#round, members);
    // A message has no record for its own sender.
    const sealed = (from: number, to: number): Uint8Array => {
      const at = advertised.indexOf(to) - (to > from ? 1 : 0);
      return record(this.#message(1, from).subarray(SECRET_BYTES), at, SEALED_BYTES);
    };
    return new Map(
      members.map((to) => [
        to,
        joined([set, ...members.filter((from) => from !== to).map((from) => sealed(from, to))]),
      ]),
    );
  }

  /** After round 2: the request for shares, for each client that has sent its masked contribution. */
  request(masked: ClientMessages): Uint8Array {
    this.#take(2, masked, () => packedBytes(this.#round.values));
    const gone = ascending(this.#got[1]).filter((id) => !masked.has(id));
    return joined([encodeSet(this.#round, masked.keys()), encodeSet(this.#round, gone)]);
  }

  /** After round 3: the sum of the contributions of round 2. @throws DawnpourError where a share is wrong */
  sum(answers: ClientMessages): Uint32Array {
    const shared = ascending(this.#got[1] ?? new Map());
    this.#take(3, answers, () => shared.length * SECRET_BYTES);
    const some = ascending(answers).slice(0, thresholdOf(this.#round));
    const factors = weights(some);
    const { values } = this.#round;
    const sum = new Uint32Array(values);
    for (const [i, id] of shared.entries()) {
      const secret = combine(
        some.map((from) => record(this.#message(3, from), i, SECRET_BYTES)),
        factors,
      );
      if (this.#got[2].has(id)) {
        this.#check(id, commitment(secret), this.#message(1, id).subarray(0, SECRET_BYTES));
        add(sum, unpack(this.#message(2, id), values));
        subtract(sum, selfMask(secret, values));
      } else this.#takeOut(sum, id, secret);
    }
    return sum;
  }

  /** Takes out the masks that clients share with one that is gone. */
  #takeOut(sum: Uint32Array, gone: number, secret: Uint8Array): void {
    const pair = keyPair(secret);
    this.#check(gone, pair.publicKey, this.#message(0, gone).subarray(KEY_BYTES));
    for (const id of this.#got[2].keys()) {
      const mask = pairMask(agreed(pair, this.#message(0, id).subarray(KEY_BYTES)), this.#round.values);
      (id < gone ? subtract : add)(sum, mask);
    }
  }

  #check(id: number, found: Uint8Array, expected: Uint8Array): void {
    if (found.every((byte, i) => byte === expected[i])) return;
    throw new DawnpourError(
      `the shares of the secret of client ${id} do not fit together, so one is forged: start a new round`,
    );
  }

  #message(stage: number, id: number): Uint8Array {
    const message = this.#got[stage].get(id);
    if (!message) throw new DawnpourError(`client ${id} has sent no message of stage ${stage}: leave it out`);
    return message;
  }

  /** Keeps the messages of a stage, where each is from a client of the stage before and has the right length. */
  #take(stage: number, messages: ClientMessages, length: () => number): void {
    if (this.#got.length !== stage) {
      throw new UsageError(`the server is at stage ${this.#got.length}, not ${stage}: a new round takes a new server`);
    }
    checkEnough(this.#round, messages.size, ["advertise", "share", "mask", "unmask"][stage]);
    for (const [id, message] of messages) {
      if (stage > 0 ? !this.#got[stage - 1].has(id) : !(Number.isInteger(id) && id >= 0 && id < this.#round.clients)) {
        throw new DawnpourError(
          `client ${id} sends a message of stage ${stage}, but is not in the round: leave it out`,
        );
      }
      checkLength(message, length(), `the message of client ${id} at stage ${stage}`);
    }
    this.#got.push(new Map(messages));
  }
}
