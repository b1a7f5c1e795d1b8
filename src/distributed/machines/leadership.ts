/** The lease of a run among those that share a NATS server, and the devices of the machines that wait for it. */
import type { NatsConnection } from "@nats-io/transport-node";
import { DawnpourError, messageOf } from "../../error.js";
import type { WorkerPlace } from "../../placement/placement.js";
import type { Credentials } from "../../transport/keys/credentials.js";
import { type Access, connectNats } from "../../transport/nats/connection.js";
import { LEASE, RENEWAL, Registry } from "../../transport/nats/registry.js";
import { checkOwnAddress } from "../../transport/sockets/own-address.js";
import type { World } from "../../world/world.js";
import type { ClusterStatus } from "../status/status.js";
import { announcedPlaces } from "./announced.js";
import { type Leading, RUN_MACHINE } from "./protocol.js";

/** Milliseconds between two looks at the registry. */
const PAUSE = RENEWAL / 4;

/** Machines that share a run, and the devices of its workers there. */
export interface MachinePlace {
  readonly leadership: Leadership;
  readonly places: readonly WorkerPlace[];
}

interface LeadershipOptions extends Access {
  readonly world: Pick<World, "timers">;
  /** The address at which other machines reach this one. */
  readonly host: string;
  /** Lines for the user. */
  say(line: string): void;
  /** `dawnpour stop` asks this coordinator to stop. Called once. */
  stop(): void;
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
  /** Machines that announced what are no devices. */
  readonly #named = new Set<string>();
  #isStopping = false;
  /** The machine of a worker. */
  #machineOf: (node: string) => string | undefined = () => undefined;
  /** The last change of the entry: each needs the revision of the one before. */
  #last: Promise<void> = Promise.resolve();

  /** @throws DawnpourError when there is no server, or another coordinator has the lease; UsageError for a wrong address */
  static async open(options: LeadershipOptions): Promise<Leadership> {
    await checkOwnAddress(options.host);
    const connection = await connectNats(options, RUN_MACHINE, false);
    try {
      const registry = await Registry.create(connection);
      const term = await takeLease(registry, options);
      return new Leadership(options, connection, registry, term);
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
    this.#value = { term };
    this.host = options.host;
    this.#renewLater();
  }

  say(line: string): void {
    this.#options.say(line);
  }

  /** Undefined in a network that is trusted. */
  get credentials(): Credentials | undefined {
    return this.#options.credentials;
  }

  /**
   * Tells the machines what they need to take part.
   * @param machineOf the machine of a worker
   */
  async publish(
    ready: Omit<NonNullable<Leading["ready"]>, "term">,
    machineOf: (node: string) => string | undefined,
  ): Promise<void> {
    this.#machineOf = machineOf;
    this.#value = { ...this.#value, ready: { ...ready, term: this.term } };
    await this.#renew();
  }

  /** The next renewal of the lease tells it to `dawnpour status`. */
  show({ step, steps, epoch, imagesPerSecond, restarts, workers }: ClusterStatus): void {
    const placed = workers.map(({ name, state }) => ({ name, state, machine: this.#machineOf(name) }));
    this.#value = { ...this.#value, progress: { step, steps, epoch, imagesPerSecond, restarts, workers: placed } };
  }

  /**
   * The devices of the first machines that are there, as many as asked for, once all of these are there. Undefined when `signal` is
   * aborted before.
   */
  async places(count: number, signal: AbortSignal): Promise<WorkerPlace[] | undefined> {
    let told = "";
    while (!signal.aborted) {
      const places = await this.#offered().catch((error: unknown) => messageOf(error));
      if (typeof places !== "string" && places.length >= count) return places.slice(0, count);
      const state = typeof places === "string" ? places : `${places.length} of ${count} are there`;
      if (told !== state) this.say(`waits for workers: ${state}`);
      told = state;
      await pause(this.#options.world);
    }
    return undefined;
  }

  /** Lets others lead. Safe to call twice. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#last;
    await this.#registry.resign().catch(() => undefined);
    await this.connection.close();
  }

  /** Devices of all machines. */
  async #offered(): Promise<WorkerPlace[]> {
    const machines = await this.#registry.machines();
    return [...machines].flatMap(([name, { value }]) => announcedPlaces(value) ?? this.#refused(name));
  }

  #refused(machine: string): [] {
    if (!this.#named.has(machine)) this.say(`${machine} announces what are no devices: it is left out`);
    this.#named.add(machine);
    return [];
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
      this.#renew()
        .then(() => this.#heedStop())
        .catch((error) => this.#failed(error));
      this.#renewLater();
    });
  }

  async #heedStop(): Promise<void> {
    if (this.#isStopping || (await this.#registry.stopAsked()) !== this.term) return;
    this.#isStopping = true;
    this.say("dawnpour stop asks this run to stop");
    this.#options.stop();
  }

  /** The server may be away for a while; another leader ends this one. */
  async #failed(error: unknown): Promise<void> {
    const leader = await this.#registry
      .reopen()
      .then(() => this.#registry.leader<Leading>())
      .catch(() => "away" as const);
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

/**
 * The term of a new lease. The lease of a coordinator that was killed is not renewed any more and runs out: this waits for it.
 * @throws DawnpourError when the other coordinator renews its lease
 */
async function takeLease(registry: Registry, { world, url, say }: LeadershipOptions): Promise<number> {
  let seen: number | undefined;
  for (let waited = 0; waited < 2 * LEASE; waited += PAUSE) {
    const term = await registry.lead({});
    if (term !== undefined) return term;
    const revision = (await registry.leader())?.revision;
    if (seen !== undefined && revision !== undefined && revision !== seen) break;
    if (seen === undefined) say("another coordinator has the lease; if it was killed, its lease runs out within 6 s");
    seen ??= revision;
    await pause(world);
  }
  throw new DawnpourError(
    `another coordinator leads at ${url}: wait until its run is over, or end it with: dawnpour stop --join ${url}`,
  );
}

const pause = ({ timers }: Pick<World, "timers">): Promise<void> =>
  new Promise((resolve) => {
    timers.after(PAUSE, resolve);
  });
