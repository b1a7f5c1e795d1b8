/** One that takes no part: it sees which coordinator leads and which machines there are, and may ask the coordinator to stop. */
import type { NatsConnection } from "@nats-io/transport-node";
import { DawnpourError, messageOf } from "../../error.js";
import { type Access, connectNats } from "../../transport/nats/connection.js";
import { Registry } from "../../transport/nats/registry.js";
import { announcedPlaces } from "./announced.js";
import type { Leading, RunProgress } from "./protocol.js";

/** What there is at a NATS server. */
export interface Overview {
  /** The run of the coordinator that leads. */
  readonly run?: {
    readonly term: number;
    /** False while it waits for workers. */
    readonly hasBegun: boolean;
    readonly progress: RunProgress | undefined;
  };
  /** The devices of each machine, by its name. */
  readonly machines: readonly { readonly name: string; readonly devices: readonly string[] }[];
}

export class Onlooker {
  readonly #connection: NatsConnection;
  readonly #registry: Registry;

  /** @throws DawnpourError when there is no server, or it has no JetStream */
  static async open(access: Access): Promise<Onlooker> {
    const connection = await connectNats(access, "onlooker", false);
    try {
      return new Onlooker(connection, await Registry.create(connection));
    } catch (error) {
      await connection.close();
      throw error;
    }
  }

  private constructor(connection: NatsConnection, registry: Registry) {
    this.#connection = connection;
    this.#registry = registry;
  }

  /** @throws DawnpourError when the server has gone */
  async look(): Promise<Overview> {
    const all = Promise.all([this.#registry.leader<Leading>(), this.#registry.machines()]);
    const [leader, machines] = await all.catch((error: unknown) => {
      throw new DawnpourError(`the NATS server does not answer any more: ${messageOf(error)}; try again`);
    });
    return {
      ...(leader && {
        run: {
          term: leader.value.term ?? leader.revision,
          hasBegun: leader.value.ready !== undefined,
          progress: leader.value.progress,
        },
      }),
      machines: [...machines].map(([name, { value }]) => ({
        name,
        devices: (announcedPlaces(value) ?? []).map(({ describe }) => describe),
      })),
    };
  }

  /** The coordinator hears it when it next renews its lease. */
  askToStop(term: number): Promise<void> {
    return this.#registry.askToStop(term);
  }

  close(): Promise<void> {
    return this.#connection.close();
  }
}
