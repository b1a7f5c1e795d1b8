/** Actors of other nodes behave like actors of this node, whatever the links between the nodes do. */
import { describe, expect, it } from "vitest";
import type { Ending, Ref } from "../../src/actor/ref.js";
import { Node } from "../../src/transport/node.js";
import { simulate } from "../../src/world/simulated/simulate.js";
import { SimulatedWorld } from "../../src/world/simulated/world.js";
import { Cluster, HEARTBEAT, TIMEOUT } from "./cluster.js";

type Order = "stop" | "fail" | { readonly n: number; readonly replyTo: Ref<number> };

/** An actor that answers questions, stops or fails, as a message asks. */
function serve(joined: ReturnType<Cluster["join"]>): void {
  joined.system.spawn<Order>(
    "server",
    (context) => ({
      receive: (order) => {
        if (order === "stop") return context.stop();
        if (order === "fail") throw new Error("failed");
        order.replyTo.tell(order.n + 1);
      },
    }),
    { restart: "temporary" },
  );
}

describe("a ref to another node", () => {
  it("is told, asked and sent within messages like a local one", async () => {
    const world = new SimulatedWorld();
    const cluster = new Cluster(world, { delay: [1, 3] });
    const [a, b, c] = [cluster.join("a"), cluster.join("b"), cluster.join("c")];
    serve(b);
    const server = a.node.at<Order>("b", "/server");
    const answer = server.ask<number>((replyTo) => ({ n: 1, replyTo }), 100);
    await world.time.advance(20);
    expect(await answer).toBe(2);

    // There are three nodes: c passes a ref of b to a, deep within a message.
    const found: Ref<number>[] = [];
    a.system.spawn<{ refs: Map<string, readonly Ref<Order>[]> }>("finder", ({ self: _ }) => ({
      receive: async ({ refs }) => {
        const [first] = refs.get("servers") ?? [];
        found.push(first as Ref<never> as Ref<number>);
      },
    }));
    c.node.at("a", "/finder").tell({ refs: new Map([["servers", [c.node.at<Order>("b", "/server")]]]) });
    await world.time.advance(20);
    expect(found.map(String)).toEqual(["b/server"]);
    const passedOn = (found[0] as Ref<never> as Ref<Order>).ask<number>((replyTo) => ({ n: 5, replyTo }), 100);
    await world.time.advance(20);
    expect(await passedOn).toBe(6);
    expect(world.time.pending).toBe(0);
  });

  it("refuses what cannot be copied", async () => {
    const world = new SimulatedWorld();
    const { node } = new Cluster(world).join("a");
    const asked = node.at<object>("b", "/x").ask((replyTo) => ({ replyTo, job: () => 1 }));
    await expect(asked).rejects.toThrow("cannot be copied to another node:");
    expect(world.time.pending).toBe(0);
    expect(() => node.at("b", "/x").tell(() => 1)).toThrow("a message to b/x cannot be copied to another node:");
  });

  it("of an actor that is no more leads to dead letters there", async () => {
    const world = new SimulatedWorld();
    const cluster = new Cluster(world);
    const [a, b] = [cluster.join("a"), cluster.join("b")];
    let known: Ref<number> | undefined;
    const learn = (ref: Ref<number>) => {
      known = ref;
    };
    a.system.spawn<Ref<number>>("known", () => ({ receive: learn }));
    b.system.spawn<number>("short", (context) => {
      b.node.at<Ref<number>>("a", "/known").tell(context.self);
      return { receive: () => context.stop() };
    });
    await world.time.advance(1);
    known?.tell(1);
    await world.time.advance(1);
    known?.tell(2);
    await world.time.advance(1);
    expect(b.system.deadLetters.count).toBe(1);
  });
});

describe("watching across nodes", () => {
  const watched = (world: SimulatedWorld, faults = {}) => {
    const cluster = new Cluster(world, faults);
    const [a, b] = [cluster.join("a"), cluster.join("b")];
    serve(b);
    const endings: Ending[] = [];
    const ref = a.node.at<Order>("b", "/server");
    a.system.spawn("watcher", (context) => {
      context.watch(ref);
      return { receive: () => undefined, terminated: ({ reason, error }) => void endings.push({ reason, error }) };
    });
    return { cluster, a, b, ref, endings };
  };

  it("tells of the end, and why", async () => {
    for (const [order, reason, error] of [
      ["stop", "finished", undefined],
      ["fail", "failed", "Error: failed"],
    ] as const) {
      const world = new SimulatedWorld();
      const { ref, endings } = watched(world);
      await world.time.advance(1000);
      expect(endings).toEqual([]);
      ref.tell(order);
      await world.time.advance(1);
      expect(endings).toEqual([{ reason, error }]);
      await world.time.advance(1000);
      expect(endings).toHaveLength(1);
      expect(world.time.pending).toBe(0);
    }
  });

  it("tells of a node that is cut off, in whichever direction, and not again when it is back", async () => {
    for (const cut of [["a b"], ["b a"], ["a b", "b a"]]) {
      const world = new SimulatedWorld();
      const { cluster, endings, ref, a } = watched(world);
      await world.time.advance(100);
      for (const link of cut) cluster.network.cut(link[0], link[2]);
      await world.time.advance(TIMEOUT + 2 * HEARTBEAT);
      expect(endings).toEqual([{ reason: "unreachable", error: undefined }]);
      cluster.network.heal();
      await world.time.advance(1000);
      expect(endings).toHaveLength(1);
      const answer = ref.ask<number>((replyTo) => ({ n: 1, replyTo }), 100);
      const again: Ending[] = [];
      const cancel = a.node.at<Order>("b", "/server").onEnd((ending) => again.push(ending));
      await world.time.advance(1000);
      expect(await answer).toBe(2);
      expect(again).toEqual([]);
      cancel();
      await world.time.advance(1000);
      expect(world.time.pending).toBe(0);
    }
  });

  it("takes a node that was started anew for another one", async () => {
    const world = new SimulatedWorld();
    const { cluster, endings } = watched(world);
    await world.time.advance(50);
    serve(cluster.join("b"));
    await world.time.advance(1000);
    expect(endings).toEqual([{ reason: "unreachable", error: undefined }]);
  });

  it("that was unwatched is no reason to give up the connection", async () => {
    const world = new SimulatedWorld();
    const { a, b, endings, ref } = watched(world);
    a.system.spawn("lasting", () => ({ receive: () => undefined }));
    await world.time.advance(5);
    const cancel = b.node.at("a", "/lasting").onEnd(({ reason }) => expect(reason).toBe("never"));
    await world.time.advance(30);
    cancel();
    await world.time.advance(1000);
    expect(endings).toEqual([]);
    ref.tell("stop");
    await world.time.advance(1);
    expect(endings).toEqual([{ reason: "finished", error: undefined }]);
    await world.time.advance(1000);
    expect(world.time.pending).toBe(0);
  });

  it("that was unwatched leaves no silence that counts against a later watch", async () => {
    const world = new SimulatedWorld();
    const cluster = new Cluster(world);
    const [a, b] = [cluster.join("a"), cluster.join("b")];
    serve(a);
    serve(b);
    const endings: string[] = [];
    const cancel = b.node.at("a", "/server").onEnd(({ reason }) => endings.push(reason));
    await world.time.advance(5);
    cancel();
    await world.time.advance(TIMEOUT);
    a.node.at("b", "/server").onEnd(({ reason }) => endings.push(reason));
    await world.time.advance(1000);
    expect(endings).toEqual([]);
  });

  it("ends when the node leaves", async () => {
    const world = new SimulatedWorld();
    const { a, endings } = watched(world);
    await world.time.advance(5);
    a.node.close();
    await world.time.advance(5);
    expect(endings).toEqual([{ reason: "unreachable", error: undefined }]);
  });
});

describe("nodes over bad links", () => {
  it("deliver at most once and in order, and tell once of each end", async () => {
    let lost = 0;
    await simulate({ seeds: 300 }, async (world) => {
      const cluster = new Cluster(world, { drop: 0.1, double: 0.2, reorder: 0.2, late: 8, delay: [0, 4] });
      // The timeout is so long that lost frames alone never look like a lost node.
      const patient = { heartbeat: HEARTBEAT, timeout: 10 * TIMEOUT };
      const [a, b] = [cluster.join("a", patient), cluster.join("b", patient)];
      const seen: number[] = [];
      b.system.spawn<number | "fail">(
        "sink",
        () => ({
          receive: (n) => {
            if (n === "fail") throw new Error("failed");
            seen.push(n);
          },
        }),
        { restart: "temporary" },
      );
      const endings: string[] = [];
      const sink = a.node.at<number | "fail">("b", "/sink");
      sink.onEnd(({ reason }) => endings.push(reason));
      for (let n = 0; n < 30; n++) {
        sink.tell(n);
        await world.time.advance(2);
      }
      expect(seen).toEqual([...new Set(seen)].sort((x, y) => x - y));
      lost += 30 - seen.length;
      expect(endings).toEqual([]);
      b.system.at<"fail">("/sink").tell("fail");
      await world.time.advance(30 * TIMEOUT);
      // The reason is "absent" if all messages about the watch were lost until then.
      expect(endings).toHaveLength(1);
      expect(["failed", "absent"]).toContain(endings[0]);
      expect(world.time.pending).toBe(0);
    });
    expect(lost).toBeGreaterThan(300);
  });
});

it("refuses a system of another name than its transport: answers would go astray", () => {
  const { system, node } = new Cluster(new SimulatedWorld()).join("a");
  node.close();
  expect(() => new Node(system, new Cluster(new SimulatedWorld()).network.join("b"))).toThrow(
    'the actor system is node "a", its transport joined as "b": give both the same name, or answers are lost',
  );
});

it("refuses times that contradict one another", () => {
  const world = new SimulatedWorld();
  const { system, node } = new Cluster(world).join("a");
  node.close();
  const transport = new Cluster(world).network.join("a");
  expect(() => new Node(system, transport, { heartbeat: 100, timeout: 150 })).toThrow(
    "a heartbeat of 100 ms with a timeout of 150 ms: the timeout must be at least two heartbeats",
  );
});
