/** Transports by a table: a user's own, registered from outside or brought as a module, carries the messages of nodes. */
import { appendFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ActorSystem } from "../../src/actor/system.js";
import { MemoryNetwork } from "../../src/transport/memory/network.js";
import { Node } from "../../src/transport/node.js";
import type { Transport } from "../../src/transport/transport.js";
import { openTransport, transports } from "../../src/transport/transports.js";
import { SimulatedWorld } from "../../src/world/simulated/world.js";
import { CONFIG, smallDataset } from "../training/small-run.js";

const built = <T>(file: string): Promise<T> => import(new URL(`../../dist/${file}.js`, import.meta.url).href);

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "dawnpour-transports-"));
});
afterAll(() => rm(folder, { recursive: true }));

/** A user's transport: the link, with every frame counted, and delivered some milliseconds later. */
const sent = new Map<string, number>();
transports.add({
  name: "test/slow",
  options: ["milliseconds"],
  open({ milliseconds = 0 }, { world, link }): Transport {
    return {
      node: link.node,
      send(to, frame) {
        sent.set(link.node, (sent.get(link.node) ?? 0) + 1);
        world.timers.after(Number(milliseconds), () => link.send(to, frame));
      },
      onFrame: (receive) => link.onFrame(receive),
      close: () => link.close(),
    };
  },
});

describe("a user's transport", () => {
  it("carries what actors on two nodes say, in its own time", async () => {
    const world = new SimulatedWorld(1);
    const network = new MemoryNetwork(world);
    const join = async (name: string) => {
      const choice = { name: "test/slow", options: { milliseconds: 50 } };
      const transport = await openTransport(choice, { world, link: network.join(name) });
      const system = new ActorSystem({ world, node: name });
      return { system, node: new Node(system, transport) };
    };
    const [here, there] = [await join("here"), await join("there")];
    const heard: [string, number][] = [];
    there.system.spawn<string>("listener", () => ({
      receive: (message) => void heard.push([message, world.clock.now()]),
    }));
    here.node.at<string>("there", "/listener").tell("hello");
    await world.time.advance(200);
    expect(heard).toEqual([["hello", 50]]);
    expect(sent.get("here")).toBe(1);
  });

  it("is refused by its near word, for an unknown option, and where it is for another node", async () => {
    const world = new SimulatedWorld(1);
    const place = { world, link: new MemoryNetwork(world).join("here") };
    await expect(openTransport("hots", place)).rejects.toThrow('unknown transport "hots": did you mean "host"?');
    const wrong = { name: "test/slow", options: { millisecond: 3 } };
    await expect(openTransport(wrong, place)).rejects.toThrow(/transport test\/slow: .*did you mean "milliseconds"\?/);
    const other = { ...place.link, node: "there" };
    transports.add({ name: "test/other", options: [], open: () => other });
    await expect(openTransport("test/other", place)).rejects.toThrow(
      'transport test/other: open must give the transport of node "here", got "there": set its field node',
    );
  });

  it("opens the link of the host where none is named", async () => {
    const world = new SimulatedWorld(1);
    const link = new MemoryNetwork(world).join("here");
    expect(await openTransport("host", { world, link })).toBe(link);
  });

  it("carries a run of three processes, brought as a module, and changes no bit of it", async () => {
    const log = join(folder, "opened");
    await appendFile(log, "");
    const file = join(folder, "logged.mjs");
    await writeFile(
      file,
      `import { appendFileSync } from "node:fs";
       export default {
         name: "logged",
         options: ["log"],
         open({ log }, { link }) {
           let isFirst = true;
           return {
             node: link.node,
             send(to, frame) {
               if (isFirst) appendFileSync(log, link.node + "\\n");
               isFirst = false;
               link.send(to, frame);
             },
             onFrame: (receive) => link.onFrame(receive),
             close: () => link.close(),
           };
         },
       };`,
    );
    const { runDistributed, placeWorkers, parseDevices } =
      await built<typeof import("../../src/distributed.js")>("distributed");
    const { nodeWorld } = await built<typeof import("../../src/world/node/world.js")>("world/node/world");
    const run = (out: string, transport?: { readonly module: URL; readonly options: { readonly log: string } }) =>
      runDistributed({
        world: nodeWorld(),
        dataset: smallDataset(),
        config: { ...CONFIG, parts: 2 },
        out: join(folder, out),
        places: placeWorkers({ devices: parseDevices("cpu:1*2") }, { gpus: [], cores: 2 }),
        transport,
      });
    const plain = await run("plain");
    const carried = await run("carried", { module: pathToFileURL(file), options: { log } });
    expect(carried.parametersSha256).toBe(plain.parametersSha256);
    const nodes = (await readFile(log, "utf8")).trim().split("\n").sort();
    expect(nodes).toEqual(["coordinator", "main", "worker-0", "worker-1"]);
  });
});
