/** The language of faults: the texts that it accepts and refuses, and its messages. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { UsageError } from "../../src/error.js";
import { actionTarget, actionText, type Fault, faultText } from "../../src/faults/fault.js";
import { parseFaults, readFaults } from "../../src/faults/parse-faults.js";
import { durationText, LONGEST, parseDuration } from "../../src/world/duration.js";
import { SimulatedWorld } from "../../src/world/simulated/world.js";

const WORKERS = 4;
const parse = (text: string): Fault[] => parseFaults(text, { workers: WORKERS });

const worker = fc.nat({ max: WORKERS - 1 });
const lasting = fc.integer({ min: 1, max: LONGEST });
const workers = worker.map((n) => `worker-${n}`);
const nodes = fc.oneof(workers, fc.constant("coordinator"));
const actions = fc.oneof(
  fc.record({ kind: fc.constant("kill" as const), node: nodes }),
  fc.record({ kind: fc.constant("hang" as const), node: nodes, milliseconds: lasting }),
  fc.record({ kind: fc.constant("cut" as const), node: workers, milliseconds: lasting }),
  fc.record({ kind: fc.constant("lose" as const), worker }),
  fc.record({ kind: fc.constantFrom("flip" as const, "spoil" as const), worker }, { requiredKeys: ["kind"] }),
  fc.record({ kind: fc.constantFrom("fail" as const, "tear" as const) }),
);
const counts = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });
const moments = fc.oneof(
  fc.record({ by: fc.constant("step" as const), step: counts }),
  fc.record({ by: fc.constant("checkpoint" as const), checkpoint: counts }),
  fc.record({ by: fc.constant("time" as const), milliseconds: fc.nat({ max: LONGEST }) }),
);
const faults: fc.Arbitrary<Fault> = fc.tuple(actions, moments).map(([action, at]) => ({ ...action, at }));

describe("parseFaults", () => {
  it("reads what the documentation shows", () => {
    const text =
      "kill worker-1 at step 200; hang worker-2 for 10s at 30s; lose device-0 at step 50; flip a gradient bit at step 70; fail disk at checkpoint 3; kill coordinator at step 90";
    expect(parse(text)).toEqual([
      { kind: "kill", node: "worker-1", at: { by: "step", step: 200 } },
      { kind: "hang", node: "worker-2", milliseconds: 10_000, at: { by: "time", milliseconds: 30_000 } },
      { kind: "lose", worker: 0, at: { by: "step", step: 50 } },
      { kind: "flip", at: { by: "step", step: 70 } },
      { kind: "fail", at: { by: "checkpoint", checkpoint: 3 } },
      { kind: "kill", node: "coordinator", at: { by: "step", step: 90 } },
    ]);
  });

  it("reads lines with comments, articles or none, and capitals", () => {
    const text =
      "# a schedule\n\nSpoil the gradient of worker-3 at 1.5m  # NaN\r\nflip gradient bit of worker-0 at 500ms; tear the checkpoint at checkpoint 2\n;;\ncut worker-1 for 5s at step 1";
    expect(parse(text)).toEqual([
      { kind: "spoil", worker: 3, at: { by: "time", milliseconds: 90_000 } },
      { kind: "flip", worker: 0, at: { by: "time", milliseconds: 500 } },
      { kind: "tear", at: { by: "checkpoint", checkpoint: 2 } },
      { kind: "cut", node: "worker-1", milliseconds: 5000, at: { by: "step", step: 1 } },
    ]);
    expect(parse("# nothing today")).toEqual([]);
  });

  it("reads back every fault that faultText writes", () => {
    const separators = fc.constantFrom("; ", ";", "\n", " # why not\n", "\r\n\r\n");
    fc.assert(
      fc.property(fc.array(faults), separators, (list, separator) => {
        expect(parse(list.map(faultText).join(separator))).toEqual(list);
      }),
    );
  });

  it.each([
    ["kil worker-1 at step 3", 'unknown action "kil": did you mean "kill"?'],
    ["explode at step 3", 'unknown action "explode": use one of kill, hang'],
    ["kill wroker-1 at step 3", 'unknown worker "wroker-1": did you mean "worker-1"? (one of worker-0 to worker-3 or'],
    ["kill 17 at step 3", 'unknown worker "17": use worker-0 to worker-3 or coordinator'],
    ["kill coordinater at step 3", 'did you mean "coordinator"?'],
    ["kill worker-7 at step 3", "there is no worker-7: the run has 4 of them, worker-0 to worker-3"],
    ["lose device-4 at step 3", "there is no device-4: the run has 4 of them, device-0 to device-3"],
    ["lose worker-1 at step 3", 'unknown device "worker-1"'],
    ["cut coordinator for 1s at step 3", 'unknown worker "coordinator": use worker-0 to worker-3'],
    ["flip a gradeint bit at step 3", '"gradeint" stands where "gradient" should; did you mean "gradient"?'],
    [
      "flip bit in gradient at step 3",
      '"bit" stands where "gradient" should (such as: flip a gradient bit of worker-1 at step 70)',
    ],
    ["tear it at step 3", '"it" stands where "checkpoint" should (such as: tear checkpoint at checkpoint 3)'],
    ["spoil a gradient from worker-1 at step 3", '"from" stands where "at" should'],
    ["hang worker-1 at step 3", '"at" stands where "for" should'],
    ["hang worker-1 for 10 at step 3", '"10" is not a duration: a time is written 500ms'],
    ["hang worker-1 for 0s at step 3", '"0s" is not a duration'],
    ["hang worker-1 for 700h at step 3", '"700h" is not a duration'],
    ["kill worker-1", 'the statement ends too soon: "at" is missing'],
    ["kill", "the statement ends too soon: worker-0 to worker-3 or coordinator is missing"],
    ["kill worker-1 at", "the statement ends too soon: a moment (step 200, 30s, checkpoint 3) is missing"],
    ["kill worker-1 at step", "the statement ends too soon: the number of the step is missing"],
    ["kill worker-1 at stpe 3", 'unknown moment "stpe": did you mean "step"?'],
    ["kill worker-1 at 30", '"30" is no moment: write "step 200", "checkpoint 3" or a time'],
    ["kill worker-1 at -3s", '"-3s" is no moment'],
    ["kill worker-1 at step 0", 'step "0" is not a whole number from 1'],
    ["kill worker-1 at step 1.5", 'step "1.5" is not a whole number from 1'],
    ["fail disk at checkpoint first", 'checkpoint "first" is not a whole number from 1'],
    [
      "kill worker-1 at step 3 kill worker-2 at step 4",
      '"kill" is one word too many: put ";" or a new line between faults',
    ],
  ])("refuses %s", (text, why) => {
    let message = "";
    try {
      parse(`fail disk at step 9; ${text}`);
    } catch (error) {
      expect(error).toBeInstanceOf(UsageError);
      message = (error as Error).message;
    }
    expect(message).toContain(`faults, statement 2, "${text}": `);
    expect(message).toContain(why);
    expect(message).not.toContain("\n");
  });

  it("names the line in a text of several", () => {
    expect(() => parse("# first\nfail disk at step 9\n\n  kill nobody at step 1  # why")).toThrow(
      'faults, line 4, "kill nobody at step 1": ',
    );
  });

  it("names the worker, if there is only one", () => {
    expect(() => parseFaults("kill worker-1 at 1s", { workers: 1 })).toThrow(
      "there is no worker-1: the run has only worker-0",
    );
  });
});

describe("actionText and actionTarget", () => {
  it.each([
    ["hang worker-2 for 10s at 30s", "hang worker-2 for 10s", "worker-2"],
    ["kill coordinator at 30s", "kill coordinator", "coordinator"],
    ["lose device-1 at 30s", "lose device-1", "device-1"],
    ["flip a gradient bit at 30s", "flip a gradient bit", "gradient"],
    ["spoil a gradient of worker-1 at 30s", "spoil a gradient of worker-1", "worker-1"],
    ["tear checkpoint at 30s", "tear checkpoint", "disk"],
  ])("of %s", (text, action, target) => {
    const [fault] = parse(text);
    expect([actionText(fault), actionTarget(fault)]).toEqual([action, target]);
  });
});

describe("readFaults", () => {
  it("takes the content of a file of that name, else the text itself", async () => {
    const world = new SimulatedWorld();
    await world.disk.write("/faults.txt", [new TextEncoder().encode("fail disk at step 2\n")]);
    expect(await readFaults(world, "/faults.txt")).toBe("fail disk at step 2\n");
    expect(await readFaults(world, "fail disk at step 3")).toBe("fail disk at step 3");
  });

  it("takes text that cannot be the name of a file, and passes on other failures of the disk", async () => {
    const world = new SimulatedWorld();
    const failing = (code: string) => ({
      ...world,
      disk: Object.assign(Object.create(world.disk), {
        status: () => Promise.reject(Object.assign(new Error(code), { code })),
      }),
    });
    const text = "kill worker-1 at step 3;".repeat(300);
    expect(await readFaults(failing("ENAMETOOLONG"), text)).toBe(text);
    await expect(readFaults(failing("EACCES"), text)).rejects.toThrow("EACCES");
  });

  it("refuses a folder, and a word that names no file", async () => {
    const world = new SimulatedWorld();
    await world.disk.makeFolder("/faults");
    await expect(readFaults(world, "/faults")).rejects.toThrow('--faults "/faults" is a folder: give a file of faults');
    await expect(readFaults(world, "fualts.txt")).rejects.toThrow('"fualts.txt" is neither a file nor a fault');
  });
});

describe("durations", () => {
  it.each([
    ["500ms", 500],
    ["10s", 10_000],
    ["1.5m", 90_000],
    ["2h", 7_200_000],
    ["0s", 0],
  ])("reads %s", (text, milliseconds) => expect(parseDuration(text)).toBe(milliseconds));

  it.each(["", "10", "s", "10 s", "-1s", "1e3s", "10sec", "1.s", "25000h"])("refuses %j", (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });

  it("writes what it reads", () => {
    fc.assert(fc.property(fc.nat({ max: LONGEST }), (n) => parseDuration(durationText(n)) === n));
    expect([1500, 60_000, 90_000, 3_600_000, 999].map(durationText)).toEqual(["1.5s", "1m", "90s", "1h", "999ms"]);
  });
});
