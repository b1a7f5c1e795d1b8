/**
 * Secure aggregation of 64 clients with 2^16 values each, a third of which drop out after they have shared their keys: whether the
 * sum is that of the fixed-point numbers, bit for bit, and how long the round takes in one process.
 *
 *     npm run compile && node bench/privacy/secure.mjs
 */
import { nodeWorld } from "../../dist/actors.js";
import { secureAggregation } from "../../dist/distributed.js";

const { SecureClient, SecureServer, toFixedPoint } = secureAggregation;
const round = { clients: 64, values: 2 ** 16 };
const leaves = (id) => id % 3 === 1;
const numbers = (id) =>
  toFixedPoint(
    Float64Array.from({ length: round.values }, (_, i) => Math.sin(i * (id + 1))),
    1,
  );
const started = performance.now();
const clients = Array.from({ length: round.clients }, (_, id) => new SecureClient(id, round, nodeWorld().secrets));
const server = new SecureServer(round);
const from = (takesPart, send) =>
  new Map(clients.flatMap((client, id) => (takesPart(id) ? [[id, send(client, id)]] : [])));
const all = () => true;
const stay = (id) => !leaves(id);

const roster = server.roster(from(all, (client) => client.advertise()));
const inboxes = server.inboxes(from(all, (client) => client.share(roster)));
const request = server.request(from(stay, (client, id) => client.mask(inboxes.get(id), numbers(id))));
const sum = server.sum(from(stay, (client) => client.unmask(request)));
const seconds = (performance.now() - started) / 1000;

const expected = new Uint32Array(round.values);
for (const id of clients.keys()) {
  if (stay(id)) for (const [i, value] of numbers(id).entries()) expected[i] = (expected[i] + value) % 2 ** 26;
}
const wrong = sum.filter((value, i) => value !== expected[i]).length;
console.log(
  `${round.values - wrong} of ${round.values} sums are exact; ${seconds.toFixed(1)} s for all clients and the server`,
);
process.exitCode = wrong > 0 ? 1 : 0;
