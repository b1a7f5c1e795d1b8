/** What a member of a cluster proves its name with: the file that `dawnpour cluster init` wrote for it. */
import type { ConnectionOptions, PeerCertificate, TlsOptions } from "node:tls";
import { z } from "zod";
import { DataError, UsageError } from "../../error.js";
import { explained } from "../../world/disk-error.js";
import type { World } from "../../world/world.js";

/** Subjects, keys and files have the names of members. */
export const MEMBER_NAME = /^[A-Za-z0-9_-]{1,64}$/;

const ROLES = ["coordinator", "worker"] as const;
export type Role = (typeof ROLES)[number];

const pem = z.string().max(65536).startsWith("-----BEGIN ");
const schema = z.strictObject({
  format: z.literal(1),
  name: z.string().regex(MEMBER_NAME),
  role: z.enum(ROLES),
  /** Of the NATS server. */
  server: z.string().max(1024).startsWith("tls://"),
  /** The member's NKey. */
  seed: z.string().regex(/^SU[A-Z2-7]{56}$/),
  /** Of the cluster. */
  authority: pem,
  certificate: pem,
  key: pem,
});

export type Credentials = Readonly<z.infer<typeof schema>>;

/** Bytes of a credentials file at most. */
const LARGEST = 1 << 20;

/** @throws UsageError for the file of another role; DataError for what is no file of credentials. Neither quotes a secret. */
export async function readCredentials(world: Pick<World, "disk">, path: string, role: Role): Promise<Credentials> {
  const { disk } = world;
  const bytes = await explained("read", path, disk.readRange(path, 0, LARGEST));
  const found = schema.safeParse(parsed(bytes)).data;
  if (!found) {
    throw new DataError(`"${path}" is no credentials file of this version: give one that dawnpour cluster init wrote`);
  }
  if (found.role !== role) {
    const command = found.role === "worker" ? "dawnpour worker" : "dawnpour coordinate";
    throw new UsageError(
      `--credentials ${path} is for a ${found.role} (${command}), and this is a ${role}: give the file of a ${role}`,
    );
  }
  return found;
}

function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
}

export const credentialsText = (credentials: Credentials): string => `${JSON.stringify(credentials, null, 2)}\n`;

/** Both ends of a connection between members show a certificate. */
const ours = ({ authority, certificate, key }: Credentials) =>
  ({ ca: authority, cert: certificate, key, minVersion: "TLSv1.3" }) as const;

export const serverTls = (credentials: Credentials): TlsOptions => ({
  ...ours(credentials),
  requestCert: true,
  rejectUnauthorized: true,
});

/** @param peer the name of the member at the other end */
export const clientTls = (credentials: Credentials, peer: string): ConnectionOptions => ({
  ...ours(credentials),
  checkServerIdentity: (_, certificate) =>
    nameIn(certificate) === peer ? undefined : new Error("the certificate is that of another member"),
});

/** The name of the member whose certificate it is. */
export const nameIn = ({ subject }: Pick<PeerCertificate, "subject">): string | undefined =>
  typeof subject?.CN === "string" ? subject.CN : undefined;
