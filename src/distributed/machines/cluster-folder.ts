/** What `dawnpour cluster init` writes: the folder of the NATS server, and a file of credentials for each member. */
import { isIP } from "node:net";
import { join } from "node:path";
import { createUser } from "@nats-io/nkeys";
import { brief, UsageError } from "../../error.js";
import type { Authority } from "../../transport/keys/certificates.js";
import { type Credentials, credentialsText, MEMBER_NAME } from "../../transport/keys/credentials.js";
import { SERVER_FILES, serverConfiguration } from "../../transport/nats/server-configuration.js";
import { explained } from "../../world/disk-error.js";
import type { World } from "../../world/world.js";
import { RUN_MACHINE } from "./protocol.js";

/** The folder of the NATS server, and the name in its certificate. */
export const SERVER = "nats-server";
/** At which a server may be reached on its own machine. */
const OWN_HOSTS = ["127.0.0.1", "localhost"];
const HOST = /^(?=.{1,253}$)[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*$/;
const MOST_WORKERS = 1000;

interface ClusterPlan {
  readonly folder: string;
  /** Names of the machines with devices. */
  readonly workers: readonly string[];
  /** Names and addresses at which members reach the NATS server; they use the first. */
  readonly hosts: readonly string[];
  readonly port: number;
}

/** A file that its member needs. */
interface MemberFile {
  readonly name: string;
  readonly role: Credentials["role"];
  readonly file: string;
}

/** @throws UsageError for names that cannot be, and for a folder that is there */
export async function writeCluster(world: World, plan: ClusterPlan): Promise<MemberFile[]> {
  checkPlan(plan);
  const { folder } = plan;
  // The library of certificates changes globals: only this command loads it.
  const { Authority } = await import("../../transport/keys/certificates.js");
  if (!(await explained("make the folder", folder, world.disk.claimFolder(folder)))) {
    throw new UsageError(
      `${brief(folder)} is there already: choose another folder, or remove it; the keys in it are then of no use`,
    );
  }
  try {
    return await writeMembers(world, plan, await Authority.create(world));
  } catch (error) {
    await world.disk.remove(folder).catch(() => undefined);
    throw error;
  }
}

async function writeMembers(world: World, plan: ClusterPlan, authority: Authority): Promise<MemberFile[]> {
  const { folder, workers, port } = plan;
  const hosts = [...new Set([...plan.hosts, ...OWN_HOSTS])];
  const server = `tls://${isIP(hosts[0]) === 6 ? `[${hosts[0]}]` : hosts[0]}:${port}`;
  const roles = [
    { name: RUN_MACHINE, role: "coordinator" as const },
    ...workers.map((name) => ({ name, role: "worker" as const })),
  ];
  const users = roles.map((member) => ({ ...member, pair: createUser() }));
  await writeServer(world, plan, authority, {
    issued: await authority.issue(SERVER, hosts),
    configuration: serverConfiguration(
      users.map(({ pair, ...member }) => ({ ...member, key: pair.getPublicKey() })),
      port,
    ),
  });
  const files: MemberFile[] = [];
  for (const { name, role, pair } of users) {
    // With a name that no host has, it cannot stand for a NATS server.
    const issued = await authority.issue(name, [`${name.replaceAll("_", "-")}.member.invalid`]);
    const seed = new TextDecoder().decode(pair.getSeed());
    const credentials = { format: 1 as const, name, role, server, seed, authority: authority.certificate, ...issued };
    const file = join(folder, `${name}.json`);
    await writeSecret(world, file, credentialsText(credentials));
    files.push({ name, role, file });
  }
  return files;
}

async function writeServer(
  world: World,
  { folder }: ClusterPlan,
  authority: Authority,
  {
    issued,
    configuration,
  }: { readonly issued: Awaited<ReturnType<Authority["issue"]>>; readonly configuration: string },
): Promise<void> {
  const place = join(folder, SERVER);
  await explained("make the folder", place, world.disk.makeFolder(place));
  await writeSecret(world, join(place, SERVER_FILES.configuration), configuration);
  await writeSecret(world, join(place, SERVER_FILES.authority), authority.certificate);
  await writeSecret(world, join(place, SERVER_FILES.certificate), issued.certificate);
  await writeSecret(world, join(place, SERVER_FILES.key), issued.key);
}

const writeSecret = (world: World, path: string, text: string): Promise<void> =>
  explained("write", path, world.disk.writeSecret(path, new TextEncoder().encode(text)));

function checkPlan({ workers, hosts, port }: ClusterPlan): void {
  if (workers.length === 0 || workers.length > MOST_WORKERS) {
    throw new UsageError(
      `a cluster has 1 to ${MOST_WORKERS} workers, got ${workers.length}: name them (--workers a,b)`,
    );
  }
  const taken = new Set([RUN_MACHINE, SERVER]);
  for (const name of workers) {
    if (!MEMBER_NAME.test(name)) {
      throw new UsageError(
        `--workers: a machine cannot be called ${brief(name)}: use up to 64 letters, digits, "-" and "_"`,
      );
    }
    // Some disks do not tell capital letters from small ones.
    if (taken.has(name.toLowerCase())) {
      throw new UsageError(
        `--workers: the name ${brief(name)} is taken (${RUN_MACHINE} is the coordinator, ${SERVER} the server): use another`,
      );
    }
    taken.add(name.toLowerCase());
  }
  const wrong = hosts.find((host) => !isIP(host) && !HOST.test(host));
  if (wrong !== undefined) {
    throw new UsageError(`--host ${brief(wrong)} is neither a host name nor an IP address: give it without port`);
  }
  if (!Number.isInteger(port) || port < 1 || port > 65535) {
    throw new UsageError(`--port must be a whole number from 1 to 65535, got ${brief(port)}`);
  }
}
