import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SEALED_BYTES, SecureClient } from "../../../src/privacy/secure/client.js";
import { KEY_BYTES, SECRET_BYTES } from "../../../src/privacy/secure/keys.js";
import { encodeSet, joined } from "../../../src/privacy/secure/messages.js";
import { add, fromFixedPoint, pack, packedBytes, toFixedPoint, unpack } from "../../../src/privacy/secure/ring.js";
import { SecureServer } from "../../../src/privacy/secure/server.js";
import { combine, split, weights } from "../../../src/privacy/secure/shamir.js";
import { Random } from "../../../src/world/random.js";
import { play, seededSecrets } from "./rounds.js";

const contributionsOf = (clients: number, values: number): Uint32Array[] => {
  const random = new Random(3);
  return Array.from({ length: clients }, () =>
    toFixedPoint(
      Float64Array.from({ length: values }, () => 2 * random.uniform() - 1),
      1,
    ),
  );
};

const plainSum = (contributions: readonly Uint32Array[], takesPart: (id: number) => boolean): Uint32Array => {
  const sum = new Uint32Array(contributions[0].length);
  for (const [id, contribution] of contributions.entries()) if (takesPart(id)) add(sum, contribution);
  return sum;
};

describe("fixed point", () => {
  it("packs 26 bits a number, and unpacks the same numbers", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(2 ** 26 - 1), { maxLength: 40 }), (numbers) => {
        const values = Uint32Array.from(numbers);
        expect(pack(values).length).toBe(Math.ceil((26 * values.length) / 8));
        expect(unpack(pack(values), values.length)).toEqual(values);
      }),
    );
  });

  it("adds 1024 contributions of the greatest size without overflow, of either sign", () => {
    for (const sign of [1, -1]) {
      const sum = new Uint32Array(1);
      for (let i = 0; i < 1024; i++) add(sum, toFixedPoint([sign * 5], 2));
      expect(fromFixedPoint(sum, 2)[0]).toBe(sign * 2048);
    }
  });

  it("refuses NaN and a range that is none", () => {
    expect(() => toFixedPoint([0, Number.NaN], 1)).toThrow("value 1 of a contribution is NaN");
    for (const range of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => toFixedPoint([0], range)).toThrow("must be a positive number");
    }
  });
});

describe("Shamir", () => {
  it("gives the secret from any shares as many as the threshold, and not from fewer", () => {
    const secret = Uint8Array.from({ length: 16 }, (_, i) => 17 * i);
    const shares = split(secret, { clients: 11, threshold: 6, secrets: seededSecrets(1) });
    const from = (clients: number[]) =>
      combine(
        clients.map((id) => shares[id]),
        weights(clients),
      );
    expect(from([0, 1, 2, 3, 4, 5])).toEqual(secret);
    expect(from([10, 3, 5, 8, 0, 7])).toEqual(secret);
    expect(from([0, 1, 2, 3, 4])).not.toEqual(secret);
  });
});

describe("secure aggregation", () => {
  const [clients, values] = [12, 50];
  const round = { clients, values };
  const contributions = contributionsOf(clients, values);

  it("gives the sum of the fixed-point numbers bit for bit", () => {
    expect(play(round, contributions).sum).toEqual(plainSum(contributions, () => true));
  });

  it.each([0, 1, 2, 3])("and does so when a third of the clients drop out at stage %i", (stage) => {
    const { sum } = play(round, contributions, { stays: (id) => (id % 3 === 1 ? stage : 4) });
    expect(sum).toEqual(plainSum(contributions, (id) => id % 3 !== 1 || stage === 3));
  });

  it("and when a third drop out, one at each stage", () => {
    const { sum } = play(round, contributions, { stays: (id) => (id % 3 === 1 ? (id - 1) / 3 : 4) });
    expect(sum).toEqual(plainSum(contributions, (id) => id % 3 !== 1 || id === 10));
  });

  it.each([0, 1, 2, 3])("refuses a round of which half is left at stage %i", (stage) => {
    const half = () => play(round, contributions, { stays: (id) => (id < 6 ? 4 : stage) });
    expect(half).toThrow("6 of 12 clients are left");
    expect(half).toThrow("fewer than 7");
  });

  it("shows the server no contribution, and masked vectors that are uniform", () => {
    const wide = { clients: 5, values: 16384 };
    const own = contributionsOf(5, wide.values);
    // The greatest difference from uniform that shows: contributions that are all alike.
    for (const contribution of own) contribution.fill(toFixedPoint([0.25], 1)[0]);
    const { seen } = play(wide, own, { stays: (id) => (id === 4 ? 3 : 4) });
    const all = [...seen.flatMap((messages) => [...messages.values()])];
    const clear = Buffer.from(pack(own[0]).subarray(0, 13));
    expect(all.some((message) => Buffer.from(message).includes(clear))).toBe(false);
    for (const masked of seen[2].values()) {
      const numbers = unpack(masked, wide.values);
      for (const shift of [0, 9, 18]) expect(chiSquared(numbers, shift)).toBeLessThan(255 + 5 * Math.sqrt(2 * 255));
    }
    expect(chiSquared(own[0], 0)).toBeGreaterThan(1e6);
  });

  it("has clients that refuse a request for both secrets of one client, and answer no second one", () => {
    const { client, request } = uptoUnmask();
    const everyone = encodeSet(round, Array(clients).keys());
    expect(() => client.unmask(joined([everyone, encodeSet(round, [3])]))).toThrow("asks for both secrets of client 3");
    expect(() => client.unmask(request)).toThrow('at the stage "end"');
  });

  it("has clients that refuse to give up one that is there, and too few contributions", () => {
    const others = Array.from({ length: clients - 1 }, (_, i) => i + 1);
    const gone = joined([encodeSet(round, others), encodeSet(round, [0])]);
    expect(() => uptoUnmask().client.unmask(gone)).toThrow("says that client 0 sent nothing, but it did");
    const few = joined([encodeSet(round, [0, 1]), encodeSet(round, others.slice(1))]);
    expect(() => uptoUnmask().client.unmask(few)).toThrow('2 of 12 clients are left at the stage "unmask"');
  });

  it("refuses shares that were changed on their way, and forged answers", () => {
    const flip = (stage: number, at: number) => (now: number, messages: Map<number, Uint8Array>) => {
      const message = messages.get(2);
      if (now === stage && message) message[at] ^= 1;
    };
    const forged = (stage: number, at: number, gone = -1) =>
      play(round, contributions, { forge: flip(stage, at), stays: (id) => (id === gone ? 2 : 4) });
    expect(() => forged(1, SECRET_BYTES + 3)).toThrow(
      "the shares from client 2 to client 0 are not what client 2 has written",
    );
    expect(() => forged(3, 5 * SECRET_BYTES)).toThrow("the shares of the secret of client 5 do not fit together");
    expect(() => forged(3, 5 * SECRET_BYTES, 5)).toThrow("the shares of the secret of client 5 do not fit together");
  });

  it("refuses messages of a wrong length, of strangers and out of order", () => {
    const server = new SecureServer(round);
    expect(() => server.request(new Map())).toThrow("the server is at stage 0, not 2");
    const keys = new Map(contributions.map((_, id) => [id, new Uint8Array(64)]));
    expect(() => server.roster(new Map([...keys, [12, new Uint8Array(64)]]))).toThrow("client 12 sends a message");
    expect(() => server.roster(new Map([...keys, [4, new Uint8Array(63)]]))).toThrow("has 63 bytes instead of 64");
    expect(() => new SecureServer({ clients: 1025, values: 1 })).toThrow("3 to 1024 clients, got 1025");
    expect(() => new SecureServer({ clients: 2, values: 1 })).toThrow("3 to 1024 clients, got 2");
    expect(() => new SecureClient(12, round, seededSecrets(1))).toThrow("from 0 to 11, got 12");
  });

  it("costs at most 1.73 times the bytes of 16-bit values, at 1024 clients of 2^20 values", () => {
    expect(bytesOf(clients, values)).toBe(play(round, contributions).bytes);
    expect(bytesOf(2 ** 10, 2 ** 20) / (2 * 2 ** 20)).toBeLessThanOrEqual(1.73);
  });

  /** A client before its last message, and the request that it should answer. */
  function uptoUnmask() {
    const all = contributions.map((_, id) => new SecureClient(id, round, seededSecrets(id)));
    const server = new SecureServer(round);
    const roster = server.roster(new Map(all.map((client, id) => [id, client.advertise()])));
    const inboxes = server.inboxes(new Map(all.map((client, id) => [id, client.share(roster)])));
    const masked = all.map((client, id): [number, Uint8Array] => [
      id,
      client.mask(inboxes.get(id) ?? new Uint8Array(), contributions[id]),
    ]);
    return { client: all[0], request: server.request(new Map(masked)) };
  }
});

/** What a client sends and receives in a round from which no client drops out. */
function bytesOf(clients: number, values: number): number {
  const set = Math.ceil(clients / 8);
  const sealed = (clients - 1) * SEALED_BYTES;
  const sent = 2 * KEY_BYTES + SECRET_BYTES + sealed + packedBytes(values) + clients * SECRET_BYTES;
  const received = set + 2 * KEY_BYTES * clients + set + sealed + 2 * set;
  return sent + received;
}

/** Over 256 classes: 8 bits of each number. */
function chiSquared(numbers: Uint32Array, shift: number): number {
  const counts = new Float64Array(256);
  for (const value of numbers) counts[(value >>> shift) & 255]++;
  const expected = numbers.length / 256;
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}
