/** Stages in real processes: under any failure the parameters have the bits of whole replicas with as many parts. */
import { beforeAll, describe, expect, it } from "vitest";
import { lastLine, type Summary, Workplace } from "../cli/dawnpour.js";
import { expectFaults, expectOneCourse, expectRecovery, Metrics } from "./metrics.js";

const place = new Workplace();

const STEPS = 400;
/** Of the runs in which little happens. */
const FEW_STEPS = 80;
const ALIKE = [
  ...["--dataset", "digits:300", "--layers", "784,32,16,4", "--batch", "48", "--parts", "5", "--no-pca"],
  // The learning rate does not depend on the length of the run, so an extended run equals one that was longer from the start.
  ...["--checkpoint-every", "4", "--evaluate-every", "9", "--schedule", "constant"],
];
const OPTIONS = [...ALIKE, "--steps", String(STEPS)];
const BRIEF = [...ALIKE, "--steps", String(FEW_STEPS)];

async function train(...args: readonly string[]): Promise<Summary> {
  const { code, stdout, stderr } = await place.run("train", "--json", ...args);
  if (code !== 0) throw new Error(`exit code ${code}: ${stderr}`);
  return JSON.parse(lastLine(stdout));
}

const sha256 = async (...args: readonly string[]): Promise<string> => (await train(...args)).parametersSha256;

const tests = (metrics: Metrics) => metrics.all("evaluation").map(({ step, test }) => [step, test]);

describe("a pipeline", () => {
  let [whole, brief]: string[] = [];
  beforeAll(async () => {
    whole = await sha256(...OPTIONS, "--workers", "1", "--out", "whole");
    brief = await sha256(...BRIEF, "--workers", "1", "--out", "brief");
  });

  it("computes what a replica does", async () => {
    expect(await sha256(...BRIEF, "--pipeline", "--devices", "cpu:1*3", "--out", "stages")).toBe(brief);
    const metrics = await Metrics.of(place, "stages");
    expectOneCourse(metrics, FEW_STEPS);
    expect(tests(metrics)).toEqual(tests(await Metrics.of(place, "brief")));
  });

  it("ends with the same bits after every kind of failure, on one device for all stages", async () => {
    const faults = [
      "kill worker-0 at step 20",
      "kill worker-1 at step 80",
      "lose device-2 at step 140",
      "flip a gradient bit at step 180",
      "spoil a gradient at step 190",
      "hang worker-2 for 5s at step 270",
      "kill coordinator at step 310",
      "cut worker-1 for 4s at step 350",
    ];
    const options = ["--pipeline", "--devices", "cpu", "--out", "struck", "--faults", faults.join("; ")];
    expect(await sha256(...OPTIONS, ...options)).toBe(whole);
    const metrics = await Metrics.of(place, "struck");
    expectOneCourse(metrics, STEPS);
    expectFaults(
      metrics,
      faults.map((fault) => fault.replace(/ at .*/, "")),
    );
    expectRecovery(metrics, "kill worker-0", "stage-encoder", /killed \(SIGKILL\)/);
    expectRecovery(metrics, "kill worker-1", "stage-bottleneck", /killed \(SIGKILL\)/);
    expectRecovery(metrics, "lose device-2", "stage-decoder", /device was lost/);
    expectRecovery(metrics, "hang worker-2 for 5s", "stage-decoder", /no sign of life/);
    expectRecovery(metrics, "cut worker-1 for 4s", "stage-bottleneck", /no sign of life/);
  });

  // These faults have runs of their own. If the head restarts before the damage happens, the planned damage is forgotten.
  it("finds damaged gradients, and computes them again", async () => {
    const faults = "flip a gradient bit at step 30; spoil a gradient at step 60";
    expect(await sha256(...BRIEF, "--pipeline", "--devices", "cpu", "--out", "damaged", "--faults", faults)).toBe(
      brief,
    );
    const metrics = await Metrics.of(place, "damaged");
    expectRecovery(metrics, "flip a gradient bit", "worker-0", /damaged/);
    expectRecovery(metrics, "spoil a gradient", "worker-0", /not finite/);
  });

  it("goes on from a checkpoint of replicas, and replicas go on from one of it", async () => {
    const half = [...ALIKE, "--steps", String(FEW_STEPS / 2)];
    const rest = ["--resume", "--steps", String(FEW_STEPS), "--no-pca"];
    await train(...half, "--pipeline", "--out", "first");
    expect(await sha256(...rest, "--workers", "2", "--out", "first")).toBe(brief);
    await train(...half, "--workers", "2", "--out", "second");
    expect(await sha256(...rest, "--pipeline", "--out", "second")).toBe(brief);
  });

  it("is refused what it cannot do", async () => {
    for (const [args, error] of [
      [["--clip", "1"], /clip 1 needs the norm of the whole gradient.*leave clip out/],
      [["--precision", "f16"], /precision f16 needs.*use f32/],
      [["--workers", "4"], /not 4 workers: leave --workers out/],
      [["--devices", "cpu*4"], /4 devices for the 3 stages of this model/],
    ] as const) {
      const { code, stderr } = await place.call("train", ...OPTIONS, "--pipeline", ...args, "--out", "none");
      expect([code, stderr]).toEqual([2, expect.stringMatching(error)]);
    }
  });
});
