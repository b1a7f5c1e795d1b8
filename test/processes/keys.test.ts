/** A NATS server with the configuration of `dawnpour cluster init`: what it refuses, and a run through it. */
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { createUser } from "@nats-io/nkeys";
import { connect, type NatsConnection } from "@nats-io/transport-node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Authority } from "../../src/transport/keys/certificates.js";
import { readCredentials } from "../../src/transport/keys/credentials.js";
import { type Access, connectNats } from "../../src/transport/nats/connection.js";
import { MACHINE_KEYS, Registry, RUN_KEYS } from "../../src/transport/nats/registry.js";
import { nodeWorld } from "../../src/world/node/world.js";
import { hasServer, Machines } from "../support/machines.js";

const TRAIN = ["digits:500", "--layers", "784,8,4", "--epochs", "2", "--batch", "100", "--parts", "2"];
const machines = new Machines();
const world = nodeWorld();

// Without the server these tests cannot run.
describe.skipIf(!hasServer)("a cluster with keys", { timeout: 90_000 }, () => {
  let [url, keys] = ["", ""];
  let [left, run]: readonly [Access?, Access?] = [];
  const open: NatsConnection[] = [];

  const enter = async (access: Access | undefined, name: string): Promise<NatsConnection> => {
    const connection = await connectNats(access as Access, name, false);
    open.push(connection);
    return connection;
  };
  /** What the server says of a message, or of a subscription, that it refuses. */
  const refusal = async (connection: NatsConnection, act: () => void): Promise<string> => {
    const statuses = connection.status()[Symbol.asyncIterator]();
    act();
    await connection.flush();
    const { value } = await statuses.next();
    return String(value.error);
  };
  const file = (name: string): string => join(keys, `${name}.json`);

  beforeAll(async () => {
    ({ url, keys } = await machines.securedServer("left", "right"));
    left = { url, credentials: await readCredentials(world, file("left"), "worker") };
    run = { url, credentials: await readCredentials(world, file("run"), "coordinator") };
  }, 60_000);

  afterAll(async () => {
    await Promise.all(open.map((connection) => connection.close()));
    await machines.close();
  });

  test("a run over TLS with keys has the bits of one process, and prints no secret", async () => {
    const alone = await machines.alone("one", ...TRAIN).result();
    const worker = (name: string) => machines.dawnpour("worker", "--credentials", file(name), "--devices", "cpu:1");
    const workers = [worker("left"), worker("right")];
    const where = ["--credentials", file("run"), "--workers", "2", "--out", join(machines.folder, "many")];
    const many = machines.dawnpour("coordinate", ...TRAIN, ...where, "--no-pca", "--json");
    expect((await many.result()).parametersSha256).toBe(alone.parametersSha256);
    for (const { child } of workers) child.kill("SIGINT");
    const said = [await many.ended(), ...(await Promise.all(workers.map((one) => one.ended())))];
    const { seed, key } = (run as Required<Access>).credentials;
    for (const { stderr } of said) {
      for (const secret of [seed, key.split("\n")[1]]) expect(stderr).not.toContain(secret);
    }
    expect(readFileSync(join(machines.folder, "many", "config.json"), "utf8")).not.toContain(seed);
  });

  test("each file is for its owner alone, and a folder that is there stays as it is", async () => {
    for (const name of ["run.json", "left.json", "nats-server/key.pem", "nats-server/nats.conf"]) {
      expect(statSync(join(keys, name)).mode & 0o777).toBe(0o600);
    }
    const before = readFileSync(file("left"), "utf8");
    const again = await machines.dawnpour("cluster", "init", keys).ended();
    expect(again).toMatchObject({ code: 2, stderr: expect.stringContaining("is there already") });
    expect(readFileSync(file("left"), "utf8")).toBe(before);
  });

  test("without credentials nothing connects: no TLS certificate, no key, a key or a certificate of another cluster", async () => {
    const { credentials } = left as Required<Access>;
    await expect(connectNats({ url }, "left", false)).rejects.toThrow("cannot connect");
    const { authority: ca, certificate: cert, key } = credentials;
    await expect(connect({ servers: url, tls: { ca, cert, key } })).rejects.toThrow(/authorization/i);
    const seed = new TextDecoder().decode(createUser().getSeed());
    await expect(enter({ url, credentials: { ...credentials, seed } }, "left")).rejects.toThrow(/authorization/i);
    const other = await (await Authority.create(world)).issue("left", ["left.member.invalid"]);
    await expect(enter({ url, credentials: { ...credentials, ...other } }, "left")).rejects.toThrow("cannot connect");
  });

  test("a member refuses a server with another certificate, and one without TLS", async () => {
    const { credentials } = left as Required<Access>;
    const { certificate: authority } = await Authority.create(world);
    await expect(enter({ url, credentials: { ...credentials, authority } }, "left")).rejects.toThrow("cannot connect");
    await machines.server();
    await expect(enter({ url: machines.url, credentials }, "left")).rejects.toThrow(/tls/i);
  });

  test("private training is refused where the network can read the key of its noise", async () => {
    machines.worker("open");
    const where = ["--join", machines.url, "--workers", "1", "--out", join(machines.folder, "private")];
    const strategy = ["--strategy", "private:noise=1,clip=1"];
    const run = await machines.dawnpour("coordinate", "digits:500", "--layers", "784,8", ...strategy, ...where).ended();
    expect(run).toMatchObject({ code: 2, stderr: expect.stringContaining("without --credentials") });
  });

  test("a worker cannot publish as another, or as the coordinator", async () => {
    const connection = await enter(left, "left");
    for (const subject of [
      "dawnpour.frame.1.right.run",
      "dawnpour.frame.1.run.right",
      `$KV.${MACHINE_KEYS.bucket}.${MACHINE_KEYS.prefix}right`,
      "_INBOX_run.x",
      "other",
    ]) {
      expect(await refusal(connection, () => connection.publish(subject, "x"))).toMatch(/permissions violation/i);
    }
  });

  test("a worker hears only what is for it", async () => {
    const connection = await enter(left, "left");
    for (const subject of [">", "dawnpour.frame.>", "dawnpour.frame.*.*.right", "_INBOX_run.>", "_INBOX.>", "$KV.>"]) {
      expect(await refusal(connection, () => connection.subscribe(subject))).toMatch(/permissions violation/i);
    }
  });

  test("a worker cannot act as coordinator: it cannot write, delete or empty the lease, nor change its store", async () => {
    const leader = await Registry.create(await enter(run, "run"));
    const term = (await leader.leader())?.revision ?? (await leader.lead({ of: "run" }));
    const connection = await enter(left, "left");
    const registry = await Registry.open(connection);
    expect((await registry.leader())?.revision).toBe(term);
    const lease = `$KV.${RUN_KEYS.bucket}.${RUN_KEYS.leader}`;
    const stream = `KV_${RUN_KEYS.bucket}`;
    for (const subject of [
      lease,
      ...["UPDATE", "DELETE", "PURGE", "MSG.DELETE"].map((what) => `$JS.API.STREAM.${what}.${stream}`),
      `$JS.API.STREAM.CREATE.other`,
      `$JS.API.CONSUMER.CREATE.${stream}`,
    ]) {
      expect(await refusal(connection, () => connection.publish(subject, "{}"))).toMatch(/permissions violation/i);
    }
    await expect(registry.renew({}, term as number)).rejects.toThrow();
    expect((await leader.leader())?.revision).toBe(term);
    await leader.resign();
  });
});
