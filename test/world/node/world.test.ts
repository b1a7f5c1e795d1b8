import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { DawnpourError } from "../../../src/error.js";
import { nodeWorld } from "../../../src/world/node/world.js";

const world = nodeWorld();

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe("long times", () => {
  it("are not taken for short ones", async () => {
    const { timers } = nodeWorld();
    const due: number[] = [];
    const cancel = [2 ** 31, 1e12, Number.POSITIVE_INFINITY].map((time) => timers.after(time, () => due.push(time)));
    await new Promise<void>((resolve) => timers.after(20, resolve));
    for (const each of cancel) each();
    expect(due).toEqual([]);
  });
});

describe("the real clock and timers", () => {
  it("run forwards, and cancel", async () => {
    const before = world.clock.now();
    const ran = await new Promise<string>((resolve) => {
      const cancel = world.timers.after(1, () => resolve("cancelled"));
      cancel();
      world.timers.after(5, () => resolve("ran"));
    });
    expect(ran).toBe("ran");
    expect(world.clock.now()).toBeGreaterThan(before);
    expect(world.clock.date()).toBeInstanceOf(Date);
  });
});

describe("the real network", () => {
  const body = Buffer.from("0123456789".repeat(50_000));
  let server: Server;
  let address: string;

  beforeAll(async () => {
    server = createServer((request, response) => {
      if (request.url === "/file") {
        response.setHeader("content-length", body.length);
        response.end(body);
      } else if (request.url === "/packed") {
        response.setHeader("content-encoding", "gzip");
        response.end(gzipSync(body));
      } else if (request.url === "/cut") {
        response.setHeader("content-length", body.length);
        response.write(body.subarray(0, 1000), () => response.destroy());
      } else {
        response.statusCode = 404;
        response.end("nothing");
      }
    });
    address = await listen(server);
  });

  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  async function fetched(path: string): Promise<{ size: number | undefined; bytes: Buffer }> {
    const { size, chunks } = await world.network.download(address + path);
    const parts: Uint8Array[] = [];
    for await (const chunk of chunks) {
      parts.push(chunk);
    }
    return { size, bytes: Buffer.concat(parts) };
  }

  it("downloads, and knows the size when it is that of what arrives", async () => {
    const plain = await fetched("/file");
    expect(plain.size).toBe(body.length);
    expect(plain.bytes.equals(body)).toBe(true);
    const packed = await fetched("/packed");
    expect(packed.size).toBeUndefined();
    expect(packed.bytes.equals(body)).toBe(true);
  });

  it("explains what failed in one line", async () => {
    await expect(fetched("/none")).rejects.toThrow(
      new DawnpourError(`cannot download ${address}/none: the server answered 404 Not Found`),
    );
    await expect(fetched("/cut")).rejects.toThrow(
      /^cannot download [^\n]*: the connection (broke|was reset); try again$/,
    );
  });

  it("says that the connection was refused when nothing listens", async () => {
    const other = createServer();
    const closed = await listen(other);
    await new Promise((resolve) => other.close(resolve));
    await expect(world.network.download(closed)).rejects.toThrow(
      `cannot download ${closed}: the connection was refused`,
    );
  });

  it.each([
    ["ENOTFOUND", "the host is not known; check the address, and whether this machine is online"],
    ["EAI_AGAIN", "the host name cannot be looked up; is this machine online?"],
    ["UND_ERR_CONNECT_TIMEOUT", "the connection timed out; try again"],
    ["ERR_ODD", "odd"],
  ])("finds the reason behind fetch's own error: %s", async (code, meaning) => {
    const reason = Object.assign(new Error("odd\nindeed"), { code });
    for (const cause of [reason, new AggregateError([reason, new Error("the second address")])]) {
      vi.stubGlobal("fetch", () => Promise.reject(new TypeError("fetch failed", { cause })));
      await expect(world.network.download("https://example.org/")).rejects.toThrow(
        new DawnpourError(`cannot download https://example.org/: ${meaning}`),
      );
    }
    vi.unstubAllGlobals();
  });
});
