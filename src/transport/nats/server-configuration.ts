/**
 * The configuration of a NATS server that lets each member do its part, and nothing else: a worker speaks only as itself, and
 * hears only what is for it; only the coordinator writes the lease. Any server from 2.9 reads it.
 */
import { MACHINE_KEYS, RUN_KEYS } from "./registry.js";

/** What one key may do. */
interface User {
  readonly name: string;
  readonly role: "coordinator" | "worker";
  /** Public part of its NKey. */
  readonly key: string;
}

/** Names of the files beside the configuration. */
export const SERVER_FILES = {
  configuration: "nats.conf",
  certificate: "certificate.pem",
  key: "key.pem",
  authority: "authority.pem",
} as const;

/** Each member has replies of its own: none hears those of another. */
export const inboxOf = (name: string): string => `_INBOX_${name}`;

const stream = (bucket: string): string => `KV_${bucket}`;

function permissions({ name, role }: User): { readonly publish: string[]; readonly subscribe: string[] } {
  const leader = `$KV.${RUN_KEYS.bucket}.${RUN_KEYS.leader}`;
  const subscribe = [`${inboxOf(name)}.>`, `dawnpour.frame.*.*.${name}`];
  if (role === "coordinator") {
    return { publish: [`dawnpour.frame.*.${name}.*`, `$KV.${RUN_KEYS.bucket}.>`, "$JS.API.>", "$JS.ACK.>"], subscribe };
  }
  const buckets = [RUN_KEYS.bucket, MACHINE_KEYS.bucket];
  return {
    publish: [
      `dawnpour.frame.*.${name}.*`,
      `$KV.${MACHINE_KEYS.bucket}.${MACHINE_KEYS.prefix}${name}`,
      ...["$JS.API.INFO", ...buckets.map((bucket) => `$JS.API.STREAM.INFO.${stream(bucket)}`)],
      `$JS.API.DIRECT.GET.${stream(RUN_KEYS.bucket)}.${leader}`,
    ],
    subscribe,
  };
}

const list = (subjects: readonly string[]): string => subjects.map((subject) => JSON.stringify(subject)).join(", ");

function entry(user: User): string {
  const { publish, subscribe } = permissions(user);
  return `    # ${user.name}
    {
      nkey: ${user.key}
      permissions: {
        publish: { allow: [${list(publish)}] }
        subscribe: { allow: [${list(subscribe)}] }
      }
    }`;
}

/** The text of the configuration. */
export function serverConfiguration(users: readonly User[], port: number): string {
  const { certificate, key, authority } = SERVER_FILES;
  return `# Written by dawnpour cluster init. Start the server in this folder: nats-server -c ${SERVER_FILES.configuration}
port: ${port}

# Leases are kept here.
jetstream: { store_dir: "jetstream" }

# Each connection is encrypted, and begins with a certificate of this cluster.
tls: {
  cert_file: "${certificate}"
  key_file: "${key}"
  ca_file: "${authority}"
  verify: true
  timeout: 5
}

# Without one of these keys nothing connects.
authorization: {
  users: [
${users.map(entry).join("\n")}
  ]
}
`;
}
