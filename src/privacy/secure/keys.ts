/**
 * The keys of one round: X25519 (@noble/curves), XChaCha20 and its authenticated form (@noble/ciphers). A secret that is shared
 * has 16 bytes, as the security of X25519 is 128 bits; ChaCha with 128-bit keys, as its author defines it, stretches it.
 */
import { chacha20orig, xchacha20, xchacha20poly1305 } from "@noble/ciphers/chacha.js";
import { x25519 } from "@noble/curves/ed25519.js";
import { DawnpourError } from "../../error.js";

/** Bytes of a secret and of a share, of a public key, and of the tag that authenticates. */
export const [SECRET_BYTES, KEY_BYTES, TAG_BYTES] = [16, 32, 16];

/** What a secret is stretched for. */
const [MASK, COMMITMENT, PRIVATE_KEY] = [1, 2, 3];

const stretched = (secret: Uint8Array, use: number, count: number): Uint8Array =>
  chacha20orig(secret, Uint8Array.of(use, 0, 0, 0, 0, 0, 0, 0), new Uint8Array(count));

/** Two keys that belong together. */
export interface KeyPair {
  readonly secretKey: Uint8Array;
  readonly publicKey: Uint8Array;
}

/** The keys that belong to a secret. */
export function keyPair(secret: Uint8Array): KeyPair {
  const secretKey = stretched(secret, PRIVATE_KEY, KEY_BYTES);
  return { secretKey, publicKey: x25519.getPublicKey(secretKey) };
}

/** What the owner of one key and the owner of the other both know. */
export function agreed(own: KeyPair, other: Uint8Array): Uint8Array {
  try {
    return x25519.getSharedSecret(own.secretKey, other);
  } catch (cause) {
    throw new DawnpourError("a client has advertised a public key that is none: start a new round without it", {
      cause,
    });
  }
}

/** By which a server recognises a secret that it has put together, and from which the secret cannot be computed. */
export const commitment = (secret: Uint8Array): Uint8Array => stretched(secret, COMMITMENT, SECRET_BYTES);

/** The mask of a client's own secret. */
export const selfMask = (secret: Uint8Array, count: number): Uint32Array =>
  pairMask(stretched(secret, MASK, KEY_BYTES), count);

/** The mask of two clients, of uniform words. */
export const pairMask = (key: Uint8Array, count: number): Uint32Array =>
  new Uint32Array(xchacha20(key, new Uint8Array(24), new Uint8Array(4 * count)).buffer);

/** Which client sends to which. A pair has its key for one round, so that these numbers are a nonce. */
interface Direction {
  readonly from: number;
  readonly to: number;
}

/** Encrypts and authenticates. */
export const seal = (key: Uint8Array, direction: Direction, text: Uint8Array): Uint8Array =>
  xchacha20poly1305(key, nonceOf(direction)).encrypt(text);

/** Decrypts. @throws DawnpourError for what the sender did not write for this receiver */
export function unseal(key: Uint8Array, direction: Direction, sealed: Uint8Array): Uint8Array {
  try {
    return xchacha20poly1305(key, nonceOf(direction)).decrypt(sealed);
  } catch (cause) {
    const { from, to } = direction;
    throw new DawnpourError(
      `the shares from client ${from} to client ${to} are not what client ${from} has written: client ${to} leaves the round`,
      { cause },
    );
  }
}

function nonceOf({ from, to }: Direction): Uint8Array {
  const nonce = new Uint8Array(24);
  new DataView(nonce.buffer).setUint32(0, from, true);
  new DataView(nonce.buffer).setUint32(4, to, true);
  return nonce;
}
