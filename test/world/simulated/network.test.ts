import { describe, expect, it } from "vitest";
import { SimulatedNetwork } from "../../../src/world/simulated/network.js";
import type { Network } from "../../../src/world/world.js";

const url = "https://example.org/file";

async function collect(network: Network): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of (await network.download(url)).chunks) {
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

describe("simulated network", () => {
  const bytes = Uint8Array.from({ length: 200_000 }, (_, i) => i % 251);

  it("serves what it was given, in chunks", async () => {
    const network = new SimulatedNetwork();
    network.files.set(url, bytes);
    expect((await network.download(url)).size).toBe(bytes.length);
    expect(Buffer.compare(await collect(network), bytes)).toBe(0);
  });

  it("is offline, does not know a file, or breaks off", async () => {
    const network = new SimulatedNetwork();
    await expect(collect(network)).rejects.toThrow("the server answered 404");
    network.files.set(url, bytes);
    network.breakAfter = 100_000;
    await expect(collect(network)).rejects.toThrow("the connection broke");
    network.online = false;
    await expect(collect(network)).rejects.toThrow("is this machine online?");
  });
});
