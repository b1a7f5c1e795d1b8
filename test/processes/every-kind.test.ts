/** Real processes under each kind of failure: the parameters have the bits of the run without failures. */
import { readdir, stat } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { beforeAll, describe, expect, it } from "vitest";
import { lastLine, type Summary, Workplace } from "../cli/dawnpour.js";
import { FULL } from "../support/full.js";
import { expectFaults, expectOneCourse, expectRecovery, Metrics } from "./metrics.js";
import { livingNodes } from "./nodes.js";

const place = new Workplace();

const DATA = ["--dataset", "digits:300", "--batch", "48", "--no-pca"];
const NETWORK = [...DATA, "--layers", "784,16,4"];
/** A software GPU takes half a second to compile the kernel of each product. */
const FEW_PRODUCTS = [...DATA, "--layers", "784,4"];
const STEPS = 300;
const CPU = [...NETWORK, "--parts", "7", "--steps", String(STEPS), "--checkpoint-every", "4", "--evaluate-every", "9"];

async function train(...args: readonly string[]): Promise<Summary> {
  const { code, stdout, stderr } = await place.run("train", "--json", ...args);
  if (code !== 0) throw new Error(`exit code ${code}: ${stderr}`);
  return JSON.parse(lastLine(stdout));
}

const sha256 = async (...args: readonly string[]): Promise<string> => (await train(...args)).parametersSha256;

/** A fault as events name it: without its moment. */
const actions = (faults: readonly string[]): string[] => faults.map((fault) => fault.replace(/ at .*/, ""));

describe("CPU workers", () => {
  let whole: string;
  beforeAll(async () => {
    whole = await sha256(...CPU, "--workers", "1", "--out", "whole");
  });

  it.each(FULL ? [2, 3, 7] : [3])("%i of them compute what one does", async (workers) => {
    const out = `whole-${workers}`;
    expect(await sha256(...CPU, "--workers", String(workers), "--out", out)).toBe(whole);
    expectOneCourse(await Metrics.of(place, out), STEPS);
  });

  it("end with the same bits after every kind of failure", async () => {
    const faults = [
      "kill worker-1 at step 30",
      "flip a gradient bit at step 45",
      "spoil a gradient of worker-2 at step 60",
      "hang worker-2 for 8s at step 80",
      "lose device-0 at step 100",
      "fail disk at checkpoint 2",
      "kill coordinator at step 130",
      "tear checkpoint at checkpoint 5",
      "cut worker-1 for 4s at step 190",
      "hang coordinator for 8s at step 210",
    ];
    const options = ["--workers", "3", "--out", "struck", "--faults", faults.join("; ")];
    expect(await sha256(...CPU, ...options)).toBe(whole);

    const [metrics, faultless] = [await Metrics.of(place, "struck"), await Metrics.of(place, "whole")];
    expectOneCourse(metrics, STEPS);
    expectFaults(metrics, actions(faults));
    expect(metrics.lossOfAll).toBeCloseTo(faultless.lossOfAll, 6);
    expect(metrics.all("evaluation").map(({ step, test }) => [step, test])).toEqual(
      faultless.all("evaluation").map(({ step, test }) => [step, test]),
    );
    expectRecovery(metrics, "kill worker-1", "worker-1", /killed \(SIGKILL\)/);
    expectRecovery(metrics, "flip a gradient bit", /^worker-/, /gradient was damaged/);
    expectRecovery(metrics, "spoil a gradient of worker-2", "worker-2", /gradient was not finite/);
    expectRecovery(metrics, "hang worker-2 for 8s", "worker-2", /no sign of life/);
    expectRecovery(metrics, "lose device-0", "worker-0", /device was lost/);
    expectRecovery(metrics, "kill coordinator", "coordinator", /killed \(SIGKILL\)/);
    expectRecovery(metrics, "cut worker-1 for 4s", "worker-1", /no sign of life/);
    expectRecovery(metrics, "hang coordinator for 8s", "coordinator", /no sign of life/);
    // A machine with other work may make workers slow.
    const warnings = metrics.all("warning").filter(({ message }) => !message.includes(" is slow: "));
    const [warning, ...others] = warnings.map(({ message }) => message);
    expect([warning, others]).toEqual([expect.stringMatching(/^no checkpoint at step \d+: .*no space is left/), []]);
  });

  it("go on from the checkpoint before, when the newest was torn and all were killed", async () => {
    // Training waits while a checkpoint is written, so the torn checkpoint is the newest.
    const faults = "hang coordinator for 2m at checkpoint 3; tear checkpoint at checkpoint 3";
    const patient = ["--timeout", "1m", "--step-timeout", "1m", "--patience", "3m"];
    const options = ["--workers", "2", "--out", "torn", "--faults", faults, ...patient];
    const run = place.start("train", ...CPU, ...options);
    await run.until(/: fault: tear checkpoint$/m);
    await torn("torn");
    const nodes = await livingNodes(run.process.pid as number);
    expect(nodes.length).toBe(3);
    run.process.kill("SIGKILL");
    expect((await run.outcome).code).toBe(undefined);
    await nodes.gone();

    const resumed = await place.run("train", "--resume", "--workers", "2", "--out", "torn", "--json");
    expect(resumed.stderr).toMatch(/^warning: .*step-0000000075.* is damaged: /m);
    expect(JSON.parse(lastLine(resumed.stdout)).parametersSha256).toBe(whole);
    expectOneCourse(await Metrics.of(place, "torn"), STEPS);
  });
});

/** Waits until the newest checkpoint is shorter than its manifest says. */
async function torn(run: string): Promise<void> {
  for (;;) {
    const [name] = (await readdir(place.path(run, "checkpoints"))).sort().reverse();
    const { files } = JSON.parse((await place.read(run, "checkpoints", name, "manifest.json")).toString());
    for (const [file, { size }] of Object.entries<{ size: number }>(files)) {
      const found = (await stat(place.path(run, "checkpoints", name, file))).size;
      if (found > 0 && found < size) return;
    }
    await sleep(20);
  }
}

describe("one part", () => {
  const length = ["--steps", "50"];

  it("makes a worker on the CPU compute what the plain trainer does, whatever fails", async () => {
    const options = [...NETWORK, ...length];
    const plain = await sha256(...options, "--device", "cpu", "--out", "plain");
    const faults = ["kill worker-0 at step 10", "lose device-0 at step 30", "spoil a gradient at step 40"];
    const worker = [...options, "--workers", "1", "--parts", "1"];
    expect(await sha256(...worker, "--out", "plain-1", "--faults", faults.join("; "))).toBe(plain);
    expectFaults(await Metrics.of(place, "plain-1"), actions(faults));
  });

  it("makes a worker on a WebGPU device compute what the plain trainer does", async () => {
    const options = [...FEW_PRODUCTS, ...length];
    const plain = await sha256(...options, "--device", "webgpu", "--no-tune", "--out", "plain-gpu");
    expect(await sha256(...options, "--devices", "webgpu", "--out", "plain-gpu-1")).toBe(plain);
  });
});

describe("WebGPU workers", () => {
  it("end with the same bits, whatever fails", async () => {
    const options = [...FEW_PRODUCTS, "--parts", "3", "--steps", "80"];
    const whole = await sha256(...options, "--devices", "webgpu", "--out", "gpu");
    const faults = [
      // Not both may be open by then: the other is lost as soon as it is.
      "lose device-0 at step 10",
      "lose device-1 at step 10",
      "flip a gradient bit at step 30",
      "spoil a gradient at step 40",
      "kill worker-0 at step 45",
      "hang worker-1 for 5s at step 70",
    ];
    const struck = [...options, "--devices", "webgpu*2", "--out", "gpu-struck", "--faults", faults.join("; ")];
    expect(await sha256(...struck)).toBe(whole);
    const metrics = await Metrics.of(place, "gpu-struck");
    expectOneCourse(metrics, 80);
    expectFaults(metrics, actions(faults));
    expectRecovery(metrics, "lose device-0", /^worker-/, /device was lost/);
    expectRecovery(metrics, "kill worker-0", "worker-0", /killed/);
  });
});
