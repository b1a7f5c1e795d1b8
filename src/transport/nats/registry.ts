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

const LEADER = "leader";
const STOP = "stop";
const MACHINE = "machine.";

/** An entry. */
interface Entry<T> {
  readonly revision: number;
  readonly value: T;
}

export class Registry {
  readonly #connection: NatsConnection;
  #store: KV;

  /** @throws DawnpourError when the server has no JetStream */
  static async open(connection: NatsConnection): Promise<Registry> {
    return new Registry(connection, await openStore(connection));
  }

  private constructor(connection: NatsConnection, store: KV) {
    this.#connection = connection;
    this.#store = store;
  }

  /** A server may come back without its store. */
  async reopen(): Promise<void> {
    this.#store = await openStore(this.#connection);
  }

  /** Takes the lease. Undefined while another coordinator has it. */
  async lead(value: unknown): Promise<number | undefined> {
    try {
      return await this.#store.create(LEADER, JSON.stringify(value));
    } catch (error) {
      if (await this.#entry(LEADER)) return undefined;
      throw error;
    }
  }

  /** Renews the lease. Throws when another coordinator has it. */
  renew(value: unknown, revision: number): Promise<number> {
    return this.#store.update(LEADER, JSON.stringify(value), revision);
  }

  async resign(): Promise<void> {
    await this.#store.delete(LEADER);
  }

  async leader<T>(): Promise<Entry<T> | undefined> {
    return entryOf<T>(await this.#entry(LEADER));
  }

  /** Asks the coordinator of a term to stop. */
  async askToStop(term: number): Promise<void> {
    await this.#store.put(STOP, JSON.stringify(term));
  }

  /** The term whose coordinator is asked to stop. */
  async stopAsked(): Promise<number | undefined> {
    return entryOf<number>(await this.#entry(STOP))?.value;
  }

  /** Tells others of this machine. */
  announce(machine: string, value: unknown): Promise<number> {
    return this.#store.put(MACHINE + machine, JSON.stringify(value));
  }

  async withdraw(machine: string): Promise<void> {
    await this.#store.delete(MACHINE + machine);
  }

  /** The machines that there are, by name. */
  async machines<T>(): Promise<Map<string, Entry<T>>> {
    const names: string[] = [];
    for await (const key of await this.#store.keys(`${MACHINE}>`)) names.push(key);
    const found = await Promise.all(
      names.sort().map(async (key) => [key, entryOf<T>(await this.#entry(key))] as const),
    );
    return new Map(found.flatMap(([key, entry]) => (entry ? [[key.slice(MACHINE.length), entry] as const] : [])));
  }

  async #entry(key: string): Promise<KvEntry | null> {
    return this.#store.get(key);
  }
}

function entryOf<T>(entry: KvEntry | null): Entry<T> | undefined {
  return entry?.operation === "PUT" ? { revision: entry.revision, value: entry.json<T>() } : undefined;
}

async function openStore(connection: NatsConnection): Promise<KV> {
  try {
    return await new Kvm(connection).create("dawnpour", { ttl: LEASE, history: 1 });
  } catch (error) {
    throw new DawnpourError(
      `the NATS server keeps no leases: ${messageOf(error)}; start it with JetStream (nats-server -js)`,
      { cause: error },
    );
  }
}
