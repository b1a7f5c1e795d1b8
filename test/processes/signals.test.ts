/**
 * A run can be ended at any moment by a signal to any of its processes. Then all its processes end, and nothing else is left.
 * Unless it was killed, it leaves a checkpoint to resume from.
 */
import { constants } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import { type Outcome, type Running, SMALL, Workplace } from "../cli/dawnpour.js";
import { FULL } from "../support/full.js";
import { livingNodes, type Nodes, sharedMemory } from "./nodes.js";

const place = new Workplace();

const ENDLESS = ["train", ...SMALL, "--parts", "4", "--workers", "2", "--steps", "1000000000"];
/** No process is declared hung during the tests, so a stop must not wait for processes that are suspended. */
const PATIENT = ["--heartbeat", "1s", "--timeout", "1m", "--step-timeout", "1m", "--patience", "2m"];

const runs: Running[] = [];

function start(...args: readonly string[]): Running {
  const run = place.startGroup(...ENDLESS, ...args);
  runs.push(run);
  return run;
}

// A test that fails must not leave its run behind.
afterEach(() => {
  for (const { process } of runs.splice(0)) process.kill("SIGKILL");
});

/** Waits for the end of a run, and checks that it left nothing behind. */
async function over(run: Running, nodes: Nodes): Promise<Outcome> {
  const outcome = await run.outcome;
  await nodes.gone();
  return outcome;
}

/** Checks the output and the files of a run that a signal stopped, among which is a sound checkpoint. */
async function expectStopped(
  { code, stdout, stderr }: Outcome,
  out: string,
  signal: "SIGINT" | "SIGTERM" = "SIGINT",
): Promise<void> {
  expect([code, stderr.match(/^dawnpour:.*/m)]).toEqual([128 + constants.signals[signal], null]);
  const step = Number(/^stopped at step (\d+); go on with: .*train --resume/m.exec(stdout)?.[1]);
  expect(await place.manifest(out)).toMatchObject({ step });
  expect(await place.call("evaluate", out, "--device", "cpu")).toMatchObject({ code: 0, stderr: "" });
}

/** As `expectStopped`, and resumes the run. */
async function expectResumable(outcome: Outcome, out: string): Promise<void> {
  await expectStopped(outcome, out);
  const { step } = await place.manifest(out);
  const resumed = await place.run("train", "--resume", "--out", out, "--workers", "1", "--steps", String(step + 5));
  expect(resumed.stderr).toContain(`resumed at step ${step} of ${step + 5}\n`);
  expect(resumed.code).toBe(0);
}

const pidOf = (run: Running): number => run.process.pid as number;

/** Ctrl-C on a terminal: all processes of the group get it. */
const interruptAll = (run: Running): boolean => process.kill(-pidOf(run), "SIGINT");

/** The nodes of the run, as soon as all three are there. */
async function nodesOf(run: Running): Promise<Nodes> {
  for (;;) {
    const nodes = await livingNodes(pidOf(run));
    if (nodes.length === 3) return nodes;
    await sleep(10);
  }
}

describe("a run that is told to stop", () => {
  const stops: [string, "SIGINT" | "SIGTERM", (run: Running) => boolean][] = [
    ["Ctrl-C", "SIGINT", interruptAll],
    ["SIGINT to the main process", "SIGINT", (run) => run.process.kill("SIGINT")],
    ["SIGTERM to the main process", "SIGTERM", (run) => run.process.kill("SIGTERM")],
  ];
  it.each(FULL ? stops : stops.filter(([how]) => !how.startsWith("SIGINT")))(
    "by %s ends with a checkpoint",
    async (how, signal, stop) => {
      const out = how.replace(/\W/g, "");
      const before = await sharedMemory();
      const run = start("--out", out);
      const nodes = await nodesOf(run);
      await run.until(/^epoch 2\.0/m);
      stop(run);
      await expectStopped(await over(run, nodes), out, signal);
      expect(await sharedMemory()).toEqual(before);
    },
  );

  it("while its processes start, ends with a checkpoint", async () => {
    const run = start("--out", "starting");
    const nodes = await nodesOf(run);
    interruptAll(run);
    await expectResumable(await over(run, nodes), "starting");
  });

  const standstills: [string, string][] = [
    ["a worker", "hang worker-1 for 2m at step 30"],
    ["every worker", "hang worker-0 for 2m at step 30; hang worker-1 for 2m at step 30"],
    ["the coordinator", "hang coordinator for 2m at step 30"],
    [
      "every process",
      "hang coordinator for 2m at step 30; hang worker-0 for 2m at step 30; hang worker-1 for 2m at step 30",
    ],
  ];
  it.each(FULL ? standstills : standstills.filter(([who]) => who !== "every worker"))(
    "while %s stands still, ends with a checkpoint",
    async (who, faults) => {
      const out = `hung-${who.replace(" ", "-")}`;
      const run = start(...PATIENT, "--out", out, "--faults", faults);
      const nodes = await nodesOf(run);
      await run.until(
        new RegExp(
          faults
            .split("; ")
            .map((fault) => `fault: ${fault.replace(/ at .*/, "")}\n`)
            .join("[^]*"),
        ),
      );
      interruptAll(run);
      await (who === "every process" ? expectResumable : expectStopped)(await over(run, nodes), out);
    },
  );

  it("while there is no coordinator, ends with a checkpoint", async () => {
    const run = start("--out", "killed", "--faults", "kill coordinator at step 30");
    const nodes = await nodesOf(run);
    await run.until(/: fault: kill coordinator$/m);
    interruptAll(run);
    await expectStopped(await over(run, nodes), "killed");
  });

  it("twice, ends at once, whichever process is suspended", async () => {
    const faults = ["--faults", "hang coordinator for 2m at step 30"];
    const run = start(...PATIENT, "--out", "twice", ...faults);
    const nodes = await nodesOf(run);
    await run.until(/: fault: hang/m);
    interruptAll(run);
    await run.until(/^stopping/m);
    interruptAll(run);
    const { code, stdout } = await over(run, nodes);
    expect([code, /stopped at/.test(stdout)]).toEqual([130, false]);
  });
});

it("goes on when only a node is told to stop: that is for the main process to decide", async () => {
  const run = start("--out", "node");
  const nodes = await nodesOf(run);
  await run.until(/^epoch 1.1/m);
  for (const pid of nodes.pids) {
    process.kill(pid, "SIGTERM");
    process.kill(pid, "SIGINT");
  }
  await run.until(/^epoch 20.0/m);
  expect(await nodes.left()).toEqual(nodes.pids);
  run.process.kill("SIGTERM");
  await expectStopped(await over(run, nodes), "node", "SIGTERM");
});

it("takes all its nodes along when it is killed, suspended ones too, and can be resumed", async () => {
  const before = await sharedMemory();
  const faults = ["--faults", "hang worker-0 for 2m at step 60; hang coordinator for 2m at step 60"];
  const run = start(...PATIENT, "--out", "orphans", ...faults);
  const nodes = await nodesOf(run);
  await run.until(/: fault: hang coordinator/m);
  run.process.kill("SIGKILL");
  expect((await over(run, nodes)).code).toBe(undefined);
  expect(await sharedMemory()).toEqual(before);
  const resumed = await place.run("train", "--resume", "--out", "orphans", "--workers", "2", "--steps", "100");
  expect([resumed.code, resumed.stderr.match(/^dawnpour:.*/m)]).toEqual([0, null]);
});
