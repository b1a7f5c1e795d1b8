/** The result of a run depends on its configuration and seed only: not on when it was stopped, nor on its number of threads. */
import { describe, expect, it } from "vitest";
import type { RunEvent } from "../../src/training/event.js";
import { lastLine, SMALL, Workplace } from "./dawnpour.js";

/** The learning rate does not depend on the length of the run, so an extended run equals one that was longer from the start. */
const STEADY = [...SMALL, "--schedule", "constant"];

const place = new Workplace();

async function metrics(run: string): Promise<RunEvent[]> {
  const lines = (await place.read(run, "metrics.jsonl")).toString().trimEnd().split("\n");
  return lines.map((line) => JSON.parse(line));
}

/** Each step up to the last is recorded once, in order. */
async function expectOneCourse(run: string, steps: number): Promise<void> {
  const events = await metrics(run);
  const told = events.flatMap((event) => (event.event === "steps" ? [event.step] : []));
  expect(told).toEqual([...new Set(told)].sort((a, b) => a - b));
  expect(told.at(-1)).toBe(steps);
  expect(events.at(-1)).toMatchObject({ event: "end", step: steps });
}

describe("dawnpour train --resume", () => {
  it("makes 20 steps, and 20 more, what 40 at once are", async () => {
    const straight = await place.train(...STEADY, "--steps", "40", "--out", "straight");
    const half = await place.train(...STEADY, "--steps", "20", "--out", "halves");
    const whole = await place.train("--resume", "--steps", "40", "--out", "halves");
    expect(half.parametersSha256).not.toBe(whole.parametersSha256);
    expect(whole.parametersSha256).toBe(straight.parametersSha256);
    expect([whole.steps, whole.test, whole.train]).toEqual([40, straight.test, straight.train]);
    await expectOneCourse("halves", 40);
    expect((await place.manifest("halves")).parametersSha256).toBe(whole.parametersSha256);
    expect((await place.manifest("straight")).parametersSha256).toBe(whole.parametersSha256);
  });

  it("says what is of this session, and reports the time of all sessions", async () => {
    const run = ["--device", "cpu", "--out", "sessions"];
    await place.train(...STEADY, "--steps", "20", "--no-pca", "--out", "sessions");
    // As if its training had taken 100 seconds.
    const [end, ...others] = (await metrics("sessions")).reverse();
    const slow = [...others.reverse(), { ...end, time: 100 }].map((event) => `${JSON.stringify(event)}\n`);
    await place.write("sessions/metrics.jsonl", slow.join(""));
    const more = await place.call("train", "--resume", "--steps", "50", ...run);
    expect(more.stdout).toMatch(/^36-12-3-12-36: 50 steps, 30 of them now, in \d+s, \d+ images\/s$/m);
    const none = await place.call("train", "--resume", ...run);
    expect(none.stdout).toMatch(/^36-12-3-12-36: 50 steps, all of them done before: a larger --epochs or --steps /m);
    const report = (await place.read("sessions", "report.html")).toString();
    expect(report).toMatch(/Training time<\/dt><dd><b>1 min \d\d s</);
  });

  it("goes on where Ctrl-C stopped it", async () => {
    const endless = place.start(
      "train",
      "--device",
      "cpu",
      ...STEADY,
      "--steps",
      "1000000000",
      "--out",
      "stopped",
      "--json",
    );
    await endless.until(/^step \d/m);
    endless.process.kill("SIGINT");
    const { code, stdout, stderr } = await endless.outcome;
    expect([code, stderr.match(/^dawnpour:/m)]).toEqual([130, null]);
    expect(stderr).toMatch(/^stopping .*Ctrl-C again ends at once$/m);
    const hint = /^stopped at step (\d+); go on with: .* train --resume --out stopped --device cpu --json$/m;
    const step = Number(hint.exec(stderr)?.[1]);
    const { parametersSha256 } = await place.manifest("stopped");
    const errors = { train: { sse: expect.any(Number) }, test: { sse: expect.any(Number) }, pca: null };
    expect(JSON.parse(stdout)).toMatchObject({ steps: step, stopped: true, ...errors, parametersSha256 });
    expect((await place.read("stopped", "report.html")).toString()).toContain("stopped on request");
    expect((await metrics("stopped")).at(-1)).toMatchObject({ event: "stop", step });

    const steps = ["--steps", String(step + 20)];
    const whole = await place.train("--resume", ...steps, "--out", "stopped");
    const straight = await place.train(...STEADY, ...steps, "--out", "not-stopped");
    expect(whole.parametersSha256).toBe(straight.parametersSha256);
    await expectOneCourse("stopped", step + 20);
  });

  it("goes on from the checkpoint before, when the newest is damaged, and says so", async () => {
    const { parametersSha256 } = await place.train(...STEADY, "--steps", "30", "--out", "damaged");
    const model = ["damaged", "checkpoints", "step-0000000030", "model.safetensors"].join("/");
    const bytes = await place.read(model);
    bytes[bytes.length - 1] ^= 1;
    await place.write(model, bytes);
    const warning = /^warning: "damaged\/checkpoints\/step-0000000030\/model.safetensors" is damaged: /m;
    const evaluated = await place.call("evaluate", "damaged", "--device", "cpu", "--json");
    expect(evaluated.stderr).toMatch(warning);
    expect(JSON.parse(evaluated.stdout)).toMatchObject({ step: 23 });
    const resumed = await place.call("train", "--device", "cpu", "--resume", "--out", "damaged", "--json");
    expect(resumed.stderr).toMatch(warning);
    expect(JSON.parse(lastLine(resumed.stdout))).toMatchObject({ steps: 30, parametersSha256 });
    await expectOneCourse("damaged", 30);
  });

  it("ends at once on a second Ctrl-C", async () => {
    // A step takes about a second, so the second Ctrl-C comes while the run still waits for its steps to end.
    const slow = ["--dataset", "digits:5000", "--layers", "784,2000,100", "--batch", "4000", "--threads", "1"];
    const run = place.start("train", "--device", "cpu", ...slow, "--steps", "100", "--out", "ended");
    await run.until(/^step 1\//m);
    run.process.kill("SIGINT");
    await run.until(/^stopping/m);
    run.process.kill("SIGINT");
    const { code, stdout } = await run.outcome;
    expect([code, /stopped at/.test(stdout)]).toEqual([130, false]);
  });
});

describe("dawnpour train --seed", () => {
  it("decides the result, to the bit, whatever the number of threads", async () => {
    const parameters = async (...args: string[]): Promise<string> => {
      const name = args.join("");
      const run = await place.train(
        "--dataset",
        "digits:500",
        "--layers",
        "784,120,9",
        "--steps",
        "5",
        "--out",
        name,
        ...args,
      );
      return run.parametersSha256;
    };
    const one = await parameters("--seed", "1", "--threads", "1");
    expect(await parameters("--seed", "1", "--threads", "2")).toBe(one);
    expect(await parameters("--seed", "2", "--threads", "1")).not.toBe(one);
  });
});
