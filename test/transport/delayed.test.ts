import { expect, it } from "vitest";
import { delayedTransport } from "../../src/transport/delayed.js";
import { MemoryNetwork } from "../../src/transport/memory/network.js";
import { SimulatedWorld } from "../../src/world/simulated/world.js";

/** A million bytes a second, and 20 ms. */
const LINK = { bytesPerSecond: 1e6, latency: 0.02 };

function linked() {
  const world = new SimulatedWorld(1);
  const network = new MemoryNetwork(world);
  const heard: { readonly at: number; readonly frame: unknown }[] = [];
  for (const name of ["near", "far"]) {
    network.join(name).onFrame((_, frame) => heard.push({ at: world.clock.now(), frame }));
  }
  const sender = delayedTransport(network.join("a"), LINK, { world, isFar: (node) => node === "far" });
  return { world, sender, heard };
}

it("a frame takes the latency and its bytes, and occupies the link for those that come behind it", async () => {
  const { world, sender, heard } = linked();
  sender.send("far", new Uint8Array(50_000));
  sender.send("far", "second");
  sender.send("near", "at once");
  await world.time.advance(1000);
  expect(heard.map(({ frame }) => (typeof frame === "string" ? frame : "bulk"))).toEqual(["at once", "bulk", "second"]);
  const [near, bulk, second] = heard.map(({ at }) => at);
  expect(near).toBe(0);
  expect(bulk).toBeCloseTo(70, 0);
  expect(second).toBeCloseTo(70, 0);
  expect(second).toBeGreaterThanOrEqual(bulk);
});

it("on an idle link frames take the same time each, and keep their order", async () => {
  const { world, sender, heard } = linked();
  for (const i of [0, 1, 2, 3]) {
    sender.send("far", i);
    await world.time.advance(5);
  }
  await world.time.advance(100);
  expect(heard.map(({ frame }) => frame)).toEqual([0, 1, 2, 3]);
  for (const [i, { at }] of heard.entries()) expect(at - 5 * i).toBeCloseTo(20, 0);
});

it("nothing is sent after its end, and no timer is left", async () => {
  const { world, sender, heard } = linked();
  sender.send("far", "never");
  sender.close();
  await world.time.advance(1000);
  expect([heard, world.time.pending]).toEqual([[], 0]);
});
