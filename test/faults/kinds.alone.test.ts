/** A kind of fault outside the library: its record is added to the table of kinds, and then it can be used. */
import { beforeAll, describe, expect, it } from "vitest";
import { chaosFaults, parseChaos } from "../../src/faults/chaos.js";
import type { FaultDefinition, UserAction } from "../../src/faults/definition.js";
import { actionTarget, faultKinds, faultText } from "../../src/faults/fault.js";
import { Injector } from "../../src/faults/injector.js";
import { parseFaults } from "../../src/faults/parse-faults.js";
import { Random } from "../../src/world/random.js";
import { SimulatedWorld } from "../../src/world/simulated/world.js";

interface Blackout extends UserAction {
  readonly kind: "test/blackout";
  readonly node: string;
  readonly milliseconds: number;
}

/** A node is cut off and suspended. */
const blackout: FaultDefinition<Blackout> = {
  name: "test/blackout",
  example: "test/blackout worker-1 for 1s at step 3",
  befalls: "node",
  leavesNoTrace: true,
  parse: (words) => ({ kind: "test/blackout", node: words.node([]), milliseconds: words.length() }),
  text: ({ node, milliseconds }) => `test/blackout ${node} for ${milliseconds}ms`,
  target: ({ node }) => node,
  draw: ({ node, milliseconds }) => ({ kind: "test/blackout", node: node(), milliseconds }),
  strike(ports, id, { node, milliseconds }) {
    ports.cut(id, node, milliseconds);
    ports.hang(id, node, milliseconds);
  },
};

describe("every kind", () => {
  it.each(faultKinds.all())("$name reads its example, and its text back", ({ name, example }) => {
    const [fault] = parseFaults(example, { workers: 2 });
    expect(fault.kind).toBe(name);
    expect(parseFaults(faultText(fault), { workers: 2 })).toEqual([fault]);
  });

  it.each(faultKinds.all())("$name is drawn as it is written", ({ draw }) => {
    const action = draw({ worker: 1, milliseconds: 1500, node: () => "coordinator" });
    const fault = { ...action, at: { by: "step", step: 3 } as const };
    expect(parseFaults(faultText(fault), { workers: 2 })).toEqual([fault]);
  });
});

describe("a kind of a user's own", () => {
  beforeAll(() => faultKinds.add(blackout));

  it("is read, drawn and struck as those of the library", () => {
    const [fault] = parseFaults("test/blackout the worker-1 for 1s at step 3", { workers: 2 });
    expect(fault).toEqual({ kind: "test/blackout", node: "worker-1", milliseconds: 1000, at: { by: "step", step: 3 } });
    expect([faultText(fault), actionTarget(fault)]).toEqual([
      "test/blackout worker-1 for 1000ms at step 3",
      "worker-1",
    ]);

    const chaos = chaosFaults(parseChaos("mtbf=1s,kinds=test/blackout,hang=2s"), 2, new Random(1));
    expect(chaos.next().value).toMatchObject({ kind: "test/blackout", milliseconds: 2000 });

    const struck: unknown[] = [];
    const note =
      (what: string) =>
      (...details: unknown[]) =>
        struck.push([what, ...details]);
    const world = new SimulatedWorld(1);
    const ports = { kill: note("kill"), hang: note("hang"), lose: note("lose"), corrupt: note("corrupt") };
    const injector = new Injector({
      faults: [fault],
      ports: {
        ...ports,
        slow: note("slow"),
        cut: note("cut"),
        join: note("join"),
        leave: note("leave"),
        failDisk: note("fail"),
        tearCheckpoint: note("tear"),
        report: note("report"),
      },
      clock: world.clock,
      timers: world.timers,
      step: 0,
    });
    injector.step(3);
    expect(struck).toEqual([
      ["report", 1, fault],
      ["cut", 1, "worker-1", 1000],
      ["hang", 1, "worker-1", 1000],
    ]);
  });

  it("is named where its statement is wrong", () => {
    expect(() => parseFaults("test/blackout worker-1 at step 3", { workers: 2 })).toThrow(
      '"at" stands where "for" should (such as: test/blackout worker-1 for 1s at step 3)',
    );
    expect(() => parseFaults("test/blackuot worker-1 at step 3", { workers: 2 })).toThrow(
      'did you mean "test/blackout"?',
    );
  });
});
