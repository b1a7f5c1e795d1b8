/** The connection of a machine to the NATS server, and the frames that it exchanges with others. */
import { connect, type NatsConnection, nkeyAuthenticator, type Subscription } from "@nats-io/transport-node";
import { brief, DawnpourError, messageOf, UsageError } from "../../error.js";
import { type Credentials, MEMBER_NAME } from "../keys/credentials.js";
import { inboxOf } from "./server-configuration.js";
import { decodeEnvelope, encodeEnvelope } from "./wire.js";

/** Milliseconds between two attempts to reach the server, and for each. */
const [RECONNECT, ATTEMPT] = [500, 5000];

/** How a member reaches the NATS server. */
export interface Access {
  /** Of the server. */
  readonly url: string;
  /** Of a server with keys and TLS. */
  readonly credentials?: Credentials;
}

/** @throws DawnpourError when there is no server, and `waits` is false */
export async function connectNats({ url, credentials }: Access, name: string, waits: boolean): Promise<NatsConnection> {
  if (!MEMBER_NAME.test(name)) {
    throw new UsageError(`a machine cannot be called ${brief(name)}: use up to 64 letters, digits, "-" and "_"`);
  }
  try {
    return await connect({
      ...{ servers: url, name, maxReconnectAttempts: -1, reconnectTimeWait: RECONNECT, timeout: ATTEMPT },
      waitOnFirstConnect: waits,
      ...(credentials && secured(credentials)),
      // Frames that waited for a server are of no use: the sender repeats what was not answered.
      ignoreClusterUpdates: true,
    });
  } catch (error) {
    throw new DawnpourError(
      `cannot connect to NATS at ${url}: ${messageOf(error)}; start a server with JetStream (nats-server -js), or correct --join or --credentials`,
      { cause: error },
    );
  }
}

/** With these a server without TLS is refused. */
const secured = ({ name, seed, authority, certificate, key }: Credentials) => ({
  authenticator: nkeyAuthenticator(new TextEncoder().encode(seed)),
  inboxPrefix: inboxOf(name),
  tls: { ca: authority, cert: certificate, key },
});

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
