/**
 * Shamir's secret sharing (1979) over the field of 2^16 elements: a secret is words of 16 bits, and each word the value at 0 of a
 * random polynomial of degree threshold - 1. A share is as long as the secret. The share of client i is the value at i + 1.
 */
import type { Secrets } from "../../world/world.js";

/** x^16 + x^12 + x^3 + x + 1, of which x is a generator. */
const POLYNOMIAL = 0x1100b;
const ORDER = 2 ** 16 - 1;
const exponentials = new Uint16Array(2 * ORDER);
const logarithms = new Uint16Array(ORDER + 1);
for (let i = 0, power = 1; i < ORDER; i++) {
  exponentials[i] = power;
  exponentials[i + ORDER] = power;
  logarithms[power] = i;
  power = power & 0x8000 ? (power << 1) ^ POLYNOMIAL : power << 1;
}

const times = (a: number, b: number): number => (a && b ? exponentials[logarithms[a] + logarithms[b]] : 0);
const over = (a: number, b: number): number => (a ? exponentials[logarithms[a] + ORDER - logarithms[b]] : 0);

/** A share of each of `clients`, any `threshold` of which have the secret; fewer say nothing about it. */
export function split(
  secret: Uint8Array,
  { clients, threshold, secrets }: { readonly clients: number; readonly threshold: number; readonly secrets: Secrets },
): Uint8Array[] {
  const words = wordsOf(secret);
  const random = wordsOf(secrets.bytes(secret.length * (threshold - 1)));
  return Array.from({ length: clients }, (_, client) => {
    const share = new Uint16Array(words.length);
    for (let k = threshold - 2; k >= 0; k--) {
      for (let i = 0; i < share.length; i++) share[i] = times(share[i], client + 1) ^ random[k * words.length + i];
    }
    return bytesOf(share.map((value, i) => times(value, client + 1) ^ words[i]));
  });
}

/** The factors by which the shares of these clients add up to the secret (Lagrange at 0). */
export function weights(clients: readonly number[]): Uint16Array {
  return Uint16Array.from(clients, (i) =>
    clients.reduce((product, j) => (i === j ? product : times(product, over(j + 1, (i + 1) ^ (j + 1)))), 1),
  );
}

/** The secret, from as many shares as the threshold, in the order of `factors`. */
export function combine(shares: readonly Uint8Array[], factors: Uint16Array): Uint8Array {
  const secret = new Uint16Array(shares[0].length / 2);
  for (const [k, share] of shares.entries()) {
    const words = wordsOf(share);
    for (let i = 0; i < secret.length; i++) secret[i] ^= times(words[i], factors[k]);
  }
  return bytesOf(secret);
}

const wordsOf = (bytes: Uint8Array): Uint16Array =>
  Uint16Array.from({ length: bytes.length / 2 }, (_, i) => bytes[2 * i] | (bytes[2 * i + 1] << 8));

const bytesOf = (words: Uint16Array): Uint8Array =>
  Uint8Array.from({ length: 2 * words.length }, (_, i) => words[i >> 1] >>> (8 * (i & 1)));
