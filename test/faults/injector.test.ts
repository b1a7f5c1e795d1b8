/** Each fault happens once, at its moment, and none happens after the end. */
import { describe, expect, it } from "vitest";
import { actionTarget, actionText, faultText } from "../../src/faults/fault.js";
import { Injector, type InjectorOptions, type InjectorPorts } from "../../src/faults/injector.js";
import { parseAction, parseFaults } from "../../src/faults/parse-faults.js";
import { SimulatedWorld } from "../../src/world/simulated/world.js";

const world = () => new SimulatedWorld();

function inject(text: string, { time } = world(), options: Partial<InjectorOptions> = {}) {
  const struck: string[] = [];
  const told = (what: string): void => {
    struck.push(what);
  };
  const ports: InjectorPorts = {
    kill: (_, node) => told(`kill ${node}`),
    hang: (_, node, milliseconds) => told(`hang ${node} ${milliseconds}`),
    lose: (_, worker) => told(`lose ${worker}`),
    corrupt: (_, worker, how) => told(`${how} ${worker}`),
    slow: (_, worker, { factor, pace }, milliseconds) => told(`slow ${worker} ${factor ?? pace} ${milliseconds}`),
    cut: (_, node, milliseconds) => told(`cut ${node} ${milliseconds}`),
    join: (_, workers) => told(`join ${workers}`),
    leave: (_, worker) => told(`leave ${worker}`),
    failDisk: () => told("fail"),
    tearCheckpoint: (path) => told(`tear ${path}`),
    report: (_, fault) => told(`(${actionText(fault)} | ${actionTarget(fault)})`),
    ...options.ports,
  };
  const faults = parseFaults(text, { workers: 4 });
  const injector = new Injector({ faults, clock: time, timers: time, step: 0, ...options, ports });
  return { injector, struck, ports };
}

describe("a fault by hand", () => {
  it("strikes at once, with a number of its own, and never after the end", () => {
    const ids: number[] = [];
    const { injector, struck } = inject("kill worker-2 at step 9", world(), {
      ports: { report: (id: number) => ids.push(id) } as unknown as InjectorPorts,
    });
    injector.now(parseAction("kill the worker-1", { workers: 4 }));
    injector.step(9);
    injector.close();
    injector.now(parseAction("cut worker-0 for 2s", { workers: 4 }));
    expect(struck).toEqual(["kill worker-1", "kill worker-2"]);
    expect(ids).toEqual([1, 2]);
  });

  it.each([
    ["", "is not one fault"],
    ["kill worker-1; kill worker-2", "is not one fault"],
    ["kill worker-9", "there is no worker-9"],
    ["kil worker-1", 'did you mean "kill"?'],
    ["kill worker-1 at 3s", "is one word too many: a fault by hand strikes at once"],
    ["hang worker-1 for -1s", "is not a duration"],
    ["kill worker-1\nkill worker-2", "is not one fault"],
    ["x".repeat(500), "unknown action"],
  ])("%j is refused in one line", (text, why) => {
    const parse = () => parseAction(text, { workers: 4 });
    expect(parse).toThrow(why);
    expect(parse).not.toThrow(/\n|.{400}/);
  });
});

describe("Injector", () => {
  it("tells of each fault, then carries it out", async () => {
    const simulated = world();
    const { injector, struck } = inject(
      "kill worker-1 at step 1; hang coordinator for 2s at step 1; lose device-3 at step 1; flip a gradient bit at step 1; spoil a gradient of worker-2 at step 1; slow worker-1 by 2.5x for 1s at step 1; cut worker-0 for 5s at step 1; fail disk at step 1",
      simulated,
    );
    injector.step(1);
    expect(struck).toEqual([
      ...["(kill worker-1 | worker-1)", "kill worker-1"],
      ...["(hang coordinator for 2s | coordinator)", "hang coordinator 2000"],
      ...["(lose device-3 | device-3)", "lose 3"],
      ...["(flip a gradient bit | gradient)", "flip undefined"],
      ...["(spoil a gradient of worker-2 | worker-2)", "spoil 2"],
      ...["(slow worker-1 by 2.5x for 1s | worker-1)", "slow 1 2.5 1000"],
      ...["(cut worker-0 for 5s | worker-0)", "cut worker-0 5000"],
      ...["(fail disk | disk)", "fail"],
    ]);
  });

  it("numbers what strikes, in that order, for what comes of it", () => {
    const ids: string[] = [];
    const faults = "kill worker-3 at step 2; flip a gradient bit of worker-1 at step 1";
    const told = (line: string): void => void ids.push(line);
    const { injector } = inject(faults, world(), {
      ports: {
        ...inject("kill worker-0 at 1s").ports,
        report: (id, fault) => told(`${id}: ${actionText(fault)}`),
        kill: (id, node) => told(`${id} ${node}`),
        corrupt: (id, worker) => told(`${id} ${worker}`),
      },
    });
    injector.step(1);
    injector.step(2);
    expect(ids).toEqual(["1: flip a gradient bit of worker-1", "1 1", "2: kill worker-3", "2 worker-3"]);
  });

  it("strikes at a step once, though it is committed again, and though steps come several at once", () => {
    const { injector, struck } = inject("kill worker-1 at step 3; kill worker-2 at step 5; kill worker-3 at step 6");
    const kills = () => struck.splice(0).filter((what) => what.startsWith("kill"));
    injector.step(2);
    expect(kills()).toEqual([]);
    injector.step(3);
    expect(kills()).toEqual(["kill worker-1"]);
    injector.step(2);
    injector.step(3);
    injector.step(4);
    expect(kills()).toEqual([]);
    injector.step(8);
    expect(kills()).toEqual(["kill worker-2", "kill worker-3"]);
  });

  it("tells which have not struck yet", async () => {
    const simulated = world();
    const text =
      "kill worker-1 at step 3; fail disk at step 2; tear checkpoint at step 3; lose device-1 at 2s; fail disk at checkpoint 9";
    const { injector } = inject(text, simulated, { step: 2 });
    const waiting = () => injector.waiting.map(faultText);
    const [kill, , ...others] = text.split("; ");
    expect(waiting()).toEqual([kill, ...others]);
    injector.step(3);
    expect(waiting()).toEqual(others);
    injector.written(1, "/a");
    await simulated.time.advance(2000);
    expect(waiting()).toEqual(["fail disk at checkpoint 9"]);
  });

  it("leaves out the steps of a resumed run that are done", () => {
    const { injector, struck } = inject("fail disk at step 10; lose device-1 at step 11", world(), { step: 10 });
    injector.step(11);
    expect(struck).toContain("lose 1");
    expect(struck).not.toContain("fail");
  });

  it("strikes once even when what it makes fail calls back at once", () => {
    const simulated = world();
    let kills = 0;
    const kill = (): void => {
      kills++;
      injector.step(4);
    };
    const { ports } = inject("", simulated);
    const { injector } = inject("kill worker-1 at step 4", simulated, { ports: { ...ports, kill } });
    injector.step(4);
    expect(kills).toBe(1);
  });

  it("strikes at times since training began", async () => {
    const simulated = world();
    await simulated.time.advance(7000);
    const { struck } = inject("kill worker-1 at 1.5s; lose device-2 at 500ms", simulated);
    await simulated.time.advance(499);
    expect(struck).toEqual([]);
    await simulated.time.advance(1);
    expect(struck).toContain("lose 2");
    await simulated.time.advance(999);
    expect(struck).not.toContain("kill worker-1");
    await simulated.time.advance(1);
    expect(struck).toContain("kill worker-1");
    expect(simulated.time.pending).toBe(0);
  });

  it("strikes at checkpoints: before they are written, and to tear one after", () => {
    const { injector, struck } = inject(
      "fail disk at checkpoint 2; tear checkpoint at checkpoint 2; kill worker-1 at checkpoint 2",
    );
    injector.checkpoint(1);
    injector.written(1, "/a");
    expect(struck).toEqual([]);
    injector.checkpoint(2);
    expect(struck.splice(0)).toEqual(["(fail disk | disk)", "fail", "(kill worker-1 | worker-1)", "kill worker-1"]);
    // The second write failed, so the third is torn.
    injector.checkpoint(3);
    injector.written(3, "/c");
    injector.written(4, "/d");
    expect(struck).toEqual(["(tear checkpoint | disk)", "tear /c"]);
  });

  it("tears the newest checkpoint at a step or time, or the first if there is none yet", async () => {
    const simulated = world();
    const { injector, struck } = inject("tear checkpoint at step 1; tear checkpoint at 2s", simulated);
    injector.step(1);
    expect(struck).toEqual([]);
    injector.written(1, "/a");
    expect(struck.splice(0)).toEqual(["(tear checkpoint | disk)", "tear /a"]);
    injector.written(2, "/b");
    expect(struck).toEqual([]);
    await simulated.time.advance(2000);
    expect(struck).toContain("tear /b");
  });

  it("asks for faults of a chaos one after another, and has no timer left when closed", async () => {
    const simulated = world();
    let asked = 0;
    function* chaos() {
      for (;;) {
        yield { kind: "fail" as const, at: { by: "time" as const, milliseconds: 1000 * ++asked } };
      }
    }
    const { injector, struck } = inject("kill worker-1 at step 3; lose device-0 at 1h", simulated, { chaos: chaos() });
    expect(asked).toBe(1);
    await simulated.time.advance(3500);
    expect(struck.filter((what) => what === "fail")).toHaveLength(3);
    expect(asked).toBe(4);
    injector.close();
    expect(simulated.time.pending).toBe(0);
    struck.splice(0);
    injector.step(3);
    injector.checkpoint(1);
    await simulated.time.advance(10_000_000);
    expect(struck).toEqual([]);
  });
});
