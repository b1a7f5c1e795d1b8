import { SecureClient } from "../../../src/privacy/secure/client.js";
import type { SecureRound } from "../../../src/privacy/secure/messages.js";
import { SecureServer } from "../../../src/privacy/secure/server.js";
import { Random } from "../../../src/world/random.js";
import type { Secrets } from "../../../src/world/world.js";

/** Secrets of a test: they come from a seed, so that a failure repeats. */
export function seededSecrets(seed: number): Secrets {
  const random = new Random(seed);
  return { bytes: (count) => Uint8Array.from({ length: count }, () => random.below(256)) };
}

/** What the server gets in a round, and the bytes that go either way. */
export interface Played {
  readonly sum: Uint32Array;
  /** All messages of clients, by stage and client. */
  readonly seen: readonly Map<number, Uint8Array>[];
  /** The greatest number of bytes that a client sends and receives. */
  readonly bytes: number;
}

export interface Faults {
  /** How many stages a client stays; 4 by default. */
  readonly stays?: (id: number) => number;
  /** Changes the messages of clients of a stage. */
  readonly forge?: (stage: number, messages: Map<number, Uint8Array>) => void;
}

/** Plays one round to its end. */
export function play(round: SecureRound, contributions: readonly Uint32Array[], faults: Faults = {}): Played {
  const { stays = () => 4, forge } = faults;
  const secrets = seededSecrets(7);
  const clients = contributions.map((_, id) => new SecureClient(id, round, secrets));
  const bytes = clients.map(() => 0);
  const server = new SecureServer(round);
  const seen: Map<number, Uint8Array>[] = [];
  const stage = (send: (client: SecureClient, id: number) => { readonly got: number; readonly sent: Uint8Array }) => {
    const messages = new Map<number, Uint8Array>();
    for (const [id, client] of clients.entries()) {
      if (stays(id) <= seen.length) continue;
      const { got, sent } = send(client, id);
      bytes[id] += got + sent.length;
      messages.set(id, sent);
    }
    forge?.(seen.length, messages);
    seen.push(messages);
    return messages;
  };
  const roster = server.roster(stage((client) => ({ got: 0, sent: client.advertise() })));
  const inboxes = server.inboxes(stage((client) => ({ got: roster.length, sent: client.share(roster) })));
  const inbox = (id: number) => inboxes.get(id) ?? new Uint8Array();
  const masked = stage((client, id) => ({ got: inbox(id).length, sent: client.mask(inbox(id), contributions[id]) }));
  const request = server.request(masked);
  const sum = server.sum(stage((client) => ({ got: request.length, sent: client.unmask(request) })));
  return { sum, seen, bytes: Math.max(...bytes) };
}
