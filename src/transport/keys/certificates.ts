/**
 * An authority, and the certificates that it issues. The key of the authority stays in this process: once it ends, nothing can
 * issue another certificate that the members of the cluster accept.
 */
// The library of certificates looks for it.
import "reflect-metadata";
import { webcrypto } from "node:crypto";
import { isIP } from "node:net";
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  type X509Certificate,
  X509CertificateGenerator,
} from "@peculiar/x509";
import type { World } from "../../world/world.js";

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
/** Years for which certificates are valid. */
const YEARS = 10;
/** Milliseconds by which the clock of another machine may be late. */
const LATE = 24 * 3600 * 1000;

/** A certificate and its key, as PEM. */
export interface Issued {
  readonly certificate: string;
  readonly key: string;
}

export class Authority {
  readonly #world: Pick<World, "clock" | "secrets">;
  readonly #keys: webcrypto.CryptoKeyPair;
  readonly #certificate: X509Certificate;

  static async create(world: Pick<World, "clock" | "secrets">): Promise<Authority> {
    const keys = await newKeys();
    const certificate = await X509CertificateGenerator.createSelfSigned({
      ...common(world),
      name: [{ CN: ["dawnpour cluster"] }],
      keys,
      extensions: [
        new BasicConstraintsExtension(true, 0, true),
        new KeyUsagesExtension(KeyUsageFlags.keyCertSign, true),
      ],
    });
    return new Authority(world, keys, certificate);
  }

  private constructor(
    world: Pick<World, "clock" | "secrets">,
    keys: webcrypto.CryptoKeyPair,
    certificate: X509Certificate,
  ) {
    this.#world = world;
    this.#keys = keys;
    this.#certificate = certificate;
  }

  /** As PEM. */
  get certificate(): string {
    return this.#certificate.toString("pem");
  }

  /** @param hosts the names and addresses at which a server with this certificate may be reached */
  async issue(name: string, hosts: readonly string[]): Promise<Issued> {
    const keys = await newKeys();
    const certificate = await X509CertificateGenerator.create({
      ...common(this.#world),
      subject: [{ CN: [name] }],
      issuer: this.#certificate.subjectName,
      publicKey: keys.publicKey,
      signingKey: this.#keys.privateKey,
      extensions: [
        new BasicConstraintsExtension(false, undefined, true),
        new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
        new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth, ExtendedKeyUsage.clientAuth]),
        new SubjectAlternativeNameExtension(
          hosts.map((value) => ({ type: isIP(value) ? ("ip" as const) : ("dns" as const), value })),
        ),
      ],
    });
    const key = await webcrypto.subtle.exportKey("pkcs8", keys.privateKey);
    return { certificate: certificate.toString("pem"), key: PemConverter.encode(key, "PRIVATE KEY") };
  }
}

const newKeys = (): Promise<webcrypto.CryptoKeyPair> =>
  webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);

function common({ clock, secrets }: Pick<World, "clock" | "secrets">) {
  const now = clock.date();
  const end = new Date(now);
  end.setUTCFullYear(end.getUTCFullYear() + YEARS);
  // A serial number is positive and has no zeros in front.
  const serial = secrets.bytes(16).map((byte, i) => (i === 0 ? (byte & 0x3f) | 0x40 : byte));
  return {
    serialNumber: Buffer.from(serial).toString("hex"),
    notBefore: new Date(now.getTime() - LATE),
    notAfter: end,
    signingAlgorithm: ALGORITHM,
  };
}
