import { describe, expect, it } from "vitest";
import { type LinkFaults, MemoryNetwork } from "../../../src/transport/memory/network.js";
import { SimulatedWorld } from "../../../src/world/simulated/world.js";

const FRAMES = 2000;

/** `a` sends the frames 0, 1, 2, ..., one each millisecond. The result has the frames that arrive at `b`, and their times. */
async function arrivals(faults: Partial<LinkFaults>, seed = 1) {
  const world = new SimulatedWorld();
  const network = new MemoryNetwork(world, seed, faults);
  const seen: { frame: unknown; at: number }[] = [];
  const [a, b] = [network.join("a"), network.join("b")];
  b.onFrame((from, frame) => seen.push({ frame, at: world.clock.now() }) && expect(from).toBe("a"));
  for (let i = 0; i < FRAMES; i++) {
    a.send("b", i);
    await world.time.advance(1);
  }
  await world.time.advance(1000);
  return seen;
}

describe("a memory network", () => {
  it("without faults brings every frame, in order, as a copy", async () => {
    expect((await arrivals({})).map(({ frame }) => frame)).toEqual(Array.from({ length: FRAMES }, (_, i) => i));
    const world = new SimulatedWorld();
    const network = new MemoryNetwork(world);
    const sent = { list: new Float32Array(2) };
    let received: unknown;
    network.join("b").onFrame((_, frame) => {
      received = frame;
    });
    network.join("a").send("b", sent);
    sent.list[0] = 1;
    await world.time.advance(0);
    expect(received).toEqual({ list: new Float32Array(2) });
  });

  it("drops and doubles at the given rates", async () => {
    const dropped = FRAMES - (await arrivals({ drop: 0.2 })).length;
    expect(dropped / FRAMES).toBeCloseTo(0.2, 1);
    const doubled = (await arrivals({ double: 0.2 })).length - FRAMES;
    expect(doubled / FRAMES).toBeCloseTo(0.2, 1);
  });

  it("delays within the bounds without changing the order, unless told to reorder", async () => {
    const delayed = await arrivals({ delay: [5, 20] });
    expect(delayed.every(({ frame, at }) => at - (frame as number) >= 5 && at - (frame as number) <= 20)).toBe(true);
    expect(delayed.map(({ frame }) => frame)).toEqual(Array.from({ length: FRAMES }, (_, i) => i));
    const reordered = await arrivals({ reorder: 0.1, late: 50 });
    const overtaken = reordered.filter(
      ({ frame }, i) => i > 0 && (frame as number) < (reordered[i - 1].frame as number),
    );
    expect(overtaken.length).toBeGreaterThan(FRAMES / 20);
    expect(new Set(reordered.map(({ frame }) => frame)).size).toBe(FRAMES);
  });

  it("is the same for the same seed", async () => {
    const faults: Partial<LinkFaults> = { drop: 0.1, double: 0.1, reorder: 0.1, late: 9, delay: [0, 9] };
    expect(await arrivals(faults, 3)).toEqual(await arrivals(faults, 3));
    expect(await arrivals(faults, 3)).not.toEqual(await arrivals(faults, 4));
  });

  it("cuts links one way or both, what is on its way included, until it heals", async () => {
    const world = new SimulatedWorld();
    const network = new MemoryNetwork(world, 0, { delay: [5, 5] });
    const seen: string[] = [];
    const ends = ["a", "b", "c"].map((name) => {
      const end = network.join(name);
      end.onFrame((from, frame) => seen.push(`${from}${name}${frame}`));
      return end;
    });
    const everyone = async (frame: number) => {
      for (const end of ends) for (const to of ["a", "b", "c"]) end.send(to, frame);
      await world.time.advance(5);
    };
    ends[0].send("b", 0);
    network.cut("a", "b");
    await everyone(1);
    expect(seen.filter((one) => one[0] !== one[1]).sort()).toEqual(["ac1", "ba1", "bc1", "ca1", "cb1"]);
    network.heal();
    network.partition(["a"], ["b", "c"]);
    seen.length = 0;
    await everyone(2);
    expect(seen.filter((one) => one[0] !== one[1]).sort()).toEqual(["bc2", "cb2"]);
    network.heal();
    seen.length = 0;
    await everyone(3);
    expect(seen).toHaveLength(9);
    ends[0].close();
    seen.length = 0;
    await everyone(4);
    expect(seen).toHaveLength(4);
  });
});
