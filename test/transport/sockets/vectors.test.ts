/** Vectors between machines: plain, and between members that prove their names. */
import { randomBytes } from "node:crypto";
import { afterEach, expect, test } from "vitest";
import { Authority } from "../../../src/transport/keys/certificates.js";
import type { Credentials } from "../../../src/transport/keys/credentials.js";
import { createSharedMemory } from "../../../src/transport/process/shared-memory.js";
import { MappedRanges } from "../../../src/transport/sockets/mapped-ranges.js";
import { VectorClient } from "../../../src/transport/sockets/vector-client.js";
import { SECRET, VectorServer } from "../../../src/transport/sockets/vector-server.js";
import { nodeWorld } from "../../../src/world/node/world.js";

const secret = randomBytes(SECRET);
const BYTES = 5000;
const closing: { close(): void }[] = [];
afterEach(() => {
  for (const one of closing.splice(0)) one.close();
});

const authority = await Authority.create(nodeWorld());
const member = async (name: string, of = authority): Promise<Credentials> => ({
  ...{ format: 1, name, role: "worker", server: "tls://127.0.0.1", seed: "" },
  ...{ authority: of.certificate, ...(await of.issue(name, [`${name}.member.invalid`])) },
});

async function serve(credentials?: Credentials): Promise<VectorServer> {
  const memory = createSharedMemory(8192);
  new Uint8Array(memory.map(0, BYTES)).forEach((_, i, all) => {
    all[i] = i % 251;
  });
  const admission = credentials && { credentials, admits: (name: string) => name === "run" };
  const server = await VectorServer.open(secret, new MappedRanges([memory]), "127.0.0.1", admission);
  closing.push(server, memory);
  return server;
}

async function read(
  port: number,
  secured?: { readonly credentials: Credentials; readonly peer: string },
): Promise<number> {
  const target = new Uint8Array(BYTES);
  const source = { host: "127.0.0.1", port, secret: secret.toString("hex") };
  const client = new VectorClient(source, secured);
  closing.push(client);
  await client.read(0, 0, target);
  return target[BYTES - 1];
}

const LAST = (BYTES - 1) % 251;

test("a vector arrives, plain where there are no credentials, else over TLS between members with the right names", async () => {
  expect(await read((await serve()).port)).toBe(LAST);
  const { port } = await serve(await member("left"));
  expect(await read(port, { credentials: await member("run"), peer: "left" })).toBe(LAST);
});

test("without a certificate, with that of another cluster, or of a member that is not let in, nothing is read", async () => {
  const { port } = await serve(await member("left"));
  await expect(read(port)).rejects.toThrow("the machine at 127.0.0.1");
  await expect(read(port, { credentials: await member("right"), peer: "left" })).rejects.toThrow("has closed");
  const foreign = await member("run", await Authority.create(nodeWorld()));
  await expect(read(port, { credentials: foreign, peer: "left" })).rejects.toThrow("cannot be read");
  const { authority: known } = await member("run");
  await expect(read(port, { credentials: { ...foreign, authority: known }, peer: "left" })).rejects.toThrow(
    "the machine at 127.0.0.1",
  );
});

test("a member refuses a vector from another than it asked", async () => {
  const { port } = await serve(await member("right"));
  const asked = read(port, { credentials: await member("run"), peer: "left" });
  await expect(asked).rejects.toThrow("certificate is that of another member");
});
