/** The NATS server that the options `--join` and `--credentials` name. */
import { brief, UsageError } from "../error.js";
import { type Role, readCredentials } from "../transport/keys/credentials.js";
import type { Access } from "../transport/nats/connection.js";
import type { World } from "../world/world.js";

export interface AccessOptions {
  readonly join?: string;
  readonly credentials?: string;
}

/** @throws UsageError when neither names a server, and for an address that contradicts the credentials */
export async function accessOf(world: Pick<World, "disk">, options: AccessOptions, role: Role): Promise<Access> {
  const { join, credentials: file } = options;
  if (join !== undefined) checkAddress(join);
  if (file === undefined) {
    if (join !== undefined) return { url: join };
    throw new UsageError(
      "no NATS server is named: give --join nats://host:4222, or --credentials with a file of `dawnpour cluster init`",
    );
  }
  const credentials = await readCredentials(world, file, role);
  return { url: join ?? credentials.server, credentials };
}

/** Logs have the address, and must not have a password. */
function checkAddress(url: string): void {
  if (/^[^/?#]*\/\/[^/]*@|^[^/]*@/.test(url)) {
    throw new UsageError("--join has a user or a password: leave it out, and give keys with --credentials");
  }
  const rest = url.replace(/^(nats|tls):\/\//, "");
  if (/^[A-Za-z0-9.:[\]_-]{1,300}$/.test(rest)) return;
  throw new UsageError(`--join ${brief(url)} is no address of a NATS server: use nats://host:4222`);
}
