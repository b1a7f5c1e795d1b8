/** The connection of a machine to the NATS server, and the frames that it exchanges with others. */
import { connect, type NatsConnection, type Subscription } from "@nats-io/transport-node";
import { DawnpourError, messageOf, UsageError } from "../../error.js";
import { decodeEnvelope, encodeEnvelope } from "./wire.js";

/** Milliseconds between two attempts to reach the server. */
const RECONNECT = 500;
/** Subjects and keys have this form. */
const NAME = /^[A-Za-z0-9_-]{1,64}$/;

/** @throws DawnpourError when there is no server, and `waits` is false */
export async function connectNats(url: string, name: string, waits: boolean): Promise<NatsConnection> {
  if (!NAME.test(name)) {
    throw new UsageError(`a machine cannot be called "${name}": use up to 64 letters, digits, "-" and "_"`);
  }
  try {
    return await connect({
      ...{ servers: url, name, maxReconnectAttempts: -1, reconnectTimeWait: RECONNECT },
      waitOnFirstConnect: waits,
      // Frames that waited for a server are of no use: the sender repeats what was not answered.
      ignoreClusterUpdates: true,
    });
  } catch (error) {
    throw new DawnpourError(
      `cannot connect to NATS at ${url}: ${messageOf(error)}; start a server with JetStream (nats-server -js), or correct --join`,
      { cause: error },
    );
  }
}

interface LinkOptions {
  readonly connection: NatsConnection;
  /** Frames of another term are not heard. */
  readonly term: number;
  /** This machine. */
  readonly machine: string;
  receive(machine: string, from: string, to: string, frame: unknown): void;
  /** Called for what is no frame. */
  refused(machine: string): void;
}

/** Carries frames from machine to machine within a term. */
export class MachineLink {
  readonly #options: LinkOptions;
  readonly #subscription: Subscription;

  constructor(options: LinkOptions) {
    const { connection, term, machine } = options;
    this.#options = options;
    this.#subscription = connection.subscribe(`dawnpour.frame.${term}.*.${machine}`, {
      callback: (error, { subject, data }) => {
        if (error) return;
        const sender = subject.split(".")[3];
        const envelope = decodeEnvelope(data);
        if (envelope) options.receive(sender, ...envelope);
        else options.refused(sender);
      },
    });
  }

  /** @throws DawnpourError when the frame is larger than the server allows */
  send(machine: string, from: string, to: string, frame: unknown): void {
    const { connection, term } = this.#options;
    if (connection.isClosed()) return;
    const bytes = encodeEnvelope([from, to, frame]);
    const most = connection.info?.max_payload ?? bytes.length;
    if (bytes.length > most) {
      throw new DawnpourError(
        `a message of ${bytes.length} bytes to ${to} is larger than the ${most} that the NATS server allows: raise max_payload in its configuration`,
      );
    }
    connection.publish(`dawnpour.frame.${term}.${this.#options.machine}.${machine}`, bytes);
  }

  close(): void {
    this.#subscription.unsubscribe();
  }
}
