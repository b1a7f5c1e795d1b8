/**
 * What machines know of one another before they exchange frames, in JetStream's key-value store: which coordinator leads, in
 * which term, and which machines there are. Entries run out unless they are renewed. Each is changed by compare-and-set, so
 * that of two coordinators one gets the lease; the number of the entry that it made is its term.
 */
import { type KV, type KvEntry, Kvm } from "@nats-io/kv";
import type { NatsConnection } from "@nats-io/transport-node";
import { DawnpourError, messageOf } from "../../error.js";

/** Milliseconds after which an entry that is not renewed runs out. */
export const LEASE = 6000;
/** Milliseconds between two renewals. */
export const RENEWAL = 2000;

/** Only coordinators write here. */
export const RUN_KEYS = { bucket: "dawnpour", leader: "leader", stop: "stop" } as const;
/** Each machine writes its own entry here: in a store of its own, since a machine that may write to one can empty it. */
export const MACHINE_KEYS = { bucket: "dawnpour-machines", prefix: "machine." } as const;

/** An entry. */
interface Entry<T> {
  readonly revision: number;
  readonly value: T;
}

export class Registry {
  readonly #connection: NatsConnection;
  #run: KV;
  #machines: KV;

  /** Of a coordinator: makes the store if need be. @throws DawnpourError when the server has no JetStream */
  static async create(connection: NatsConnection): Promise<Registry> {
    return new Registry(connection, await makeStores(connection));
  }

  /** Of a worker's machine, which may not make the store: until a coordinator has made it, all else here fails. */
  static async open(connection: NatsConnection): Promise<Registry> {
    const kvm = new Kvm(connection);
    const open = ({ bucket }: { readonly bucket: string }): Promise<KV> => kvm.open(bucket, { allow_direct: true });
    return new Registry(connection, await Promise.all([open(RUN_KEYS), open(MACHINE_KEYS)]));
  }

  private constructor(connection: NatsConnection, [run, machines]: Stores) {
    this.#connection = connection;
    this.#run = run;
    this.#machines = machines;
  }

  /** Of a coordinator: a server may come back without its store. */
  async reopen(): Promise<void> {
    [this.#run, this.#machines] = await makeStores(this.#connection);
  }

  /** Takes the lease. Undefined while another coordinator has it. */
  async lead(value: unknown): Promise<number | undefined> {
    try {
      return await this.#run.create(RUN_KEYS.leader, JSON.stringify(value));
    } catch (error) {
      if (await this.#run.get(RUN_KEYS.leader)) return undefined;
      throw error;
    }
  }

  /** Renews the lease. Throws when another coordinator has it. */
  renew(value: unknown, revision: number): Promise<number> {
    return this.#run.update(RUN_KEYS.leader, JSON.stringify(value), revision);
  }

  async resign(): Promise<void> {
    await this.#run.delete(RUN_KEYS.leader);
  }

  async leader<T>(): Promise<Entry<T> | undefined> {
    return entryOf<T>(await this.#run.get(RUN_KEYS.leader));
  }

  /** Asks the coordinator of a term to stop. */
  async askToStop(term: number): Promise<void> {
    await this.#run.put(RUN_KEYS.stop, JSON.stringify(term));
  }

  /** The term whose coordinator is asked to stop. */
  async stopAsked(): Promise<number | undefined> {
    return entryOf<number>(await this.#run.get(RUN_KEYS.stop))?.value;
  }

  /** Tells others of this machine. */
  announce(machine: string, value: unknown): Promise<number> {
    return this.#machines.put(MACHINE_KEYS.prefix + machine, JSON.stringify(value));
  }

  async withdraw(machine: string): Promise<void> {
    await this.#machines.delete(MACHINE_KEYS.prefix + machine);
  }

  /** The entries of the machines that there are, by name. Any member may have written them. */
  async machines(): Promise<Map<string, Entry<unknown>>> {
    const names: string[] = [];
    for await (const key of await this.#machines.keys(`${MACHINE_KEYS.prefix}>`)) names.push(key);
    const found = await Promise.all(
      names.sort().map(async (key) => [key, entryOf<unknown>(await this.#machines.get(key))] as const),
    );
    return new Map(
      found.flatMap(([key, entry]) => (entry ? [[key.slice(MACHINE_KEYS.prefix.length), entry] as const] : [])),
    );
  }
}

function entryOf<T>(entry: KvEntry | null): Entry<T> | undefined {
  return entry?.operation === "PUT" ? { revision: entry.revision, value: contentOf<T>(entry) } : undefined;
}

/** Undefined when the entry is no JSON. */
function contentOf<T>(entry: KvEntry): T {
  try {
    return entry.json<T>();
  } catch {
    return undefined as T;
  }
}

type Stores = readonly [run: KV, machines: KV];

async function makeStores(connection: NatsConnection): Promise<Stores> {
  try {
    const kvm = new Kvm(connection);
    const make = ({ bucket }: { readonly bucket: string }): Promise<KV> =>
      kvm.create(bucket, { ttl: LEASE, history: 1 });
    return await Promise.all([make(RUN_KEYS), make(MACHINE_KEYS)]);
  } catch (error) {
    throw new DawnpourError(
      `the NATS server keeps no leases: ${messageOf(error)}; start it with JetStream (nats-server -js)`,
      { cause: error },
    );
  }
}
