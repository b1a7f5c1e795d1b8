/** The lease of a run among those that share a NATS server, and the devices of the machines that wait for it. */
import type { NatsConnection } from "@nats-io/transport-node";
import { DawnpourError, messageOf } from "../../error.js";
import type { WorkerPlace } from "../../placement/placement.js";
import { connectNats } from "../../transport/nats/connection.js";
import { RENEWAL, Registry } from "../../transport/nats/registry.js";
import type { World } from "../../world/world.js";
import { type Announced, type Leading, RUN_MACHINE } from "./protocol.js";

/** Machines that share a run, and the devices of its workers there. */
export interface MachinePlace {
  readonly leadership: Leadership;
  readonly places: readonly WorkerPlace[];
}

interface LeadershipOptions {
  readonly world: Pick<World, "timers">;
  /** Of the NATS server. */
  readonly url: string;
  /** The address at which other machines reach this one. */
  readonly host: string;
  /** Lines for the user. */
  say(line: string): void;
  /** Another coordinator leads: this one must end. */
  lost(error: DawnpourError): void;
}

export class Leadership {
  readonly connection: NatsConnection;
  /** Number of this lease: grows from coordinator to coordinator. */
  readonly term: number;
  readonly host: string;
  readonly #options: LeadershipOptions;
  readonly #registry: Registry;
  #revision: number;
  #value: Leading = {};
  #closed = false;
  /** The last change of the entry: each needs the revision of the one before. */
  #last: Promise<void> = Promise.resolve();

  /** @throws DawnpourError when there is no server, or another coordinator has the lease */
  static async open(options: LeadershipOptions): Promise<Leadership> {
    const connection = await connectNats(options.url, RUN_MACHINE, false);
    try {
      const registry = await Registry.open(connection);
      const term = await registry.lead({});
      if (term !== undefined) return new Leadership(options, connection, registry, term);
      throw new DawnpourError(
        `another coordinator leads at ${options.url}: wait until its run is over; after a coordinator was killed, wait for 6 s`,
      );
    } catch (error) {
      await connection.close();
      throw error;
    }
  }

  private constructor(options: LeadershipOptions, connection: NatsConnection, registry: Registry, term: number) {
    this.#options = options;
    this.connection = connection;
    this.#registry = registry;
    this.term = this.#revision = term;
    this.host = options.host;
    this.#renewLater();
  }

  say(line: string): void {
    this.#options.say(line);
  }

  /** Tells the machines what they need to take part. */
  async publish(ready: Omit<NonNullable<Leading["ready"]>, "term">): Promise<void> {
    this.#value = { ready: { ...ready, term: this.term } };
    await this.#renew();
  }

  /** The devices of the first machines that are there, as many as asked for, once there are so many. */
  async places(count: number, signal: AbortSignal): Promise<WorkerPlace[]> {
    let told = -1;
    for (;;) {
      const machines = await this.#registry.machines<Announced>();
      const places = [...machines.values()].flatMap(({ value }) => value.places);
      if (places.length >= count) return places.slice(0, count);
      if (signal.aborted) throw new DawnpourError("stopped while it waited for workers");
      if (told !== places.length) this.say(`waits for workers: ${places.length} of ${count} are there`);
      told = places.length;
      await new Promise<void>((resolve) => {
        this.#options.world.timers.after(RENEWAL / 4, resolve);
      });
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#last;
    await this.#registry.resign().catch(() => undefined);
    await this.connection.close();
  }

  #renew(): Promise<void> {
    const renewal = this.#last.then(async () => {
      this.#revision = await this.#registry.renew(this.#value, this.#revision);
    });
    this.#last = renewal.catch(() => undefined);
    return renewal;
  }

  #renewLater(): void {
    this.#options.world.timers.after(RENEWAL, () => {
      if (this.#closed) return;
      this.#renew().catch((error) => this.#failed(error));
      this.#renewLater();
    });
  }

  /** The server may be away for a while; another leader ends this one. */
  async #failed(error: unknown): Promise<void> {
    const leader = await this.#registry.leader<Leading>().catch(() => "away" as const);
    if (this.#closed || leader === "away") return;
    if (leader?.value.ready && leader.value.ready.term !== this.term) {
      this.#closed = true;
      this.#options.lost(new DawnpourError("another coordinator has taken the lease: this one ends"));
    } else if (leader) {
      this.#revision = leader.revision;
    } else {
      // It ran out while the server was away, and no other has taken it.
      const revision = await this.#registry.lead(this.#value).catch(() => undefined);
      if (revision !== undefined) this.#revision = revision;
      else this.say(`cannot renew its lease: ${messageOf(error)}`);
    }
  }
}
