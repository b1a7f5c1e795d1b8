/** A user's own strategy on real processes: a worker is killed, and the parameters have the bits of a run with one worker. */
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, it } from "vitest";
import { lastLine, type Outcome, Workplace } from "../cli/dawnpour.js";
import { expectOneCourse, Metrics } from "./metrics.js";
import { livingNodes } from "./nodes.js";

const place = new Workplace();

const STEPS = 400;
const STRATEGY = ["--strategy", `${resolve("examples/local-sgd.mjs")}:H=4`];
const NETWORK = ["--dataset", "digits:300", "--layers", "784,16,4", "--batch", "48", "--parts", "3"];
const RUN = ["train", ...NETWORK, "--device", "cpu", "--no-pca", "--checkpoint-every", "4", "--json", ...STRATEGY];

const sha256 = (stdout: string): string => JSON.parse(lastLine(stdout)).parametersSha256;

it("is local SGD by a module, on three workers of which one is killed, and on one", async () => {
  const length = ["--steps", String(STEPS)];
  const whole = await place.run(...RUN, ...length, "--workers", "1", "--out", "whole");
  const run = place.start(...RUN, ...length, "--workers", "3", "--out", "struck");
  await run.until(/step (4\d|[5-9]\d|1\d\d)/);
  // The coordinator is the first.
  const { pids } = await livingNodes(run.process.pid as number);
  process.kill(pids.at(-1) as number, "SIGKILL");
  const { code, stdout, stderr } = await run.outcome;
  expect([code, code === 0 ? "" : stderr]).toEqual([0, ""]);
  expect(sha256(stdout)).toBe(sha256(whole.stdout));
  const metrics = await Metrics.of(place, "struck");
  expectOneCourse(metrics, STEPS);
  expect(metrics.all("recovery").map(({ failure }) => failure)).toEqual([expect.stringMatching(/SIGKILL/)]);
});

it("is kept by a run that is resumed, and the steps of a round are made whole", async () => {
  const begun = await place.run(...RUN, "--steps", "101", "--workers", "2", "--schedule", "constant", "--out", "begun");
  expect(JSON.parse(lastLine(begun.stdout)).steps).toBe(104);
  expect(begun.stderr).toContain("104 steps instead of 101: a round of local-sgd.mjs:H=4 has 4 steps");
  const resume = ["train", "--resume", "--out", "begun", "--json", "--no-pca", "--steps", "160", "--device", "cpu"];
  const other = await place.run(...resume, "--strategy", "synchronous");
  expect([other.code, other.stderr]).toEqual([
    2,
    expect.stringContaining("was trained with strategy local-sgd.mjs:H=4, got synchronous: leave it out"),
  ]);
  expect(JSON.parse((await place.read("begun", "config.json")).toString()).steps).toBe(104);
  const resumed = await place.run(...resume, "--workers", "3");
  const whole = await place.run(
    ...RUN,
    "--steps",
    "160",
    "--schedule",
    "constant",
    "--workers",
    "1",
    "--out",
    "whole-2",
  );
  expect(sha256(resumed.stdout)).toBe(sha256(whole.stdout));
});

describe("a module that is the script of its run, too", () => {
  const script = async (name: string, start: string): Promise<Outcome> => {
    const from = pathToFileURL(resolve("dist/index.js"));
    const module = await readFile("examples/local-sgd.mjs", "utf8");
    const [strategy] = module.split("async function main()");
    const config = { dataset: "digits:60", layers: [784, 8, 2], batch: 12, parts: 2, steps: 16 };
    await place.write(
      name,
      `${strategy}
      import { train } from "${from}";
      const strategy = { module: new URL(import.meta.url) };
      const place = { workers: 2, device: "cpu", pca: false, out: "${name}-run" };
      const begin = () => train({ ...${JSON.stringify(config)}, strategy }, place);
      ${start}`,
    );
    return place.script(name);
  };

  it("must not await the run at its top level: the module would wait for itself", async () => {
    const { code, stderr } = await script("awaits.mjs", "await begin();");
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /UsageError: strategy file:.*awaits.mjs awaits at its top level what needs the module itself/,
    );
  });

  it("must not start a run wherever it is imported: its processes would start others", async () => {
    const { code, stderr } = await script("starts.mjs", "begin();");
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /worker-\d of a run was asked to start another run: the module of a strategy must start none/,
    );
  });
});

it("has the same bits with contributions in half precision, on one worker, on two, and on three of which one is killed", async () => {
  const half = [...RUN.slice(0, -STRATEGY.length), "--steps", "60", "--compress", "f16"];
  const [whole, two, struck, plain] = [
    await place.run(...half, "--workers", "1", "--out", "half-1"),
    await place.run(...half, "--workers", "2", "--out", "half-2"),
    await place.run(...half, "--workers", "3", "--faults", "kill worker-1 at step 20", "--out", "half-3"),
    await place.run(...half, "--compress", "none", "--workers", "3", "--out", "plain"),
  ];
  expect([whole.code, two.code, struck.code, plain.code]).toEqual([0, 0, 0, 0]);
  expect([sha256(two.stdout), sha256(struck.stdout)]).toEqual([sha256(whole.stdout), sha256(whole.stdout)]);
  expect(sha256(plain.stdout)).not.toBe(sha256(whole.stdout));
  const resume = ["train", "--resume", "--out", "half-2", "--json", "--no-pca", "--steps", "90", "--device", "cpu"];
  const other = await place.run(...resume, "--compress", "none");
  expect([other.code, other.stderr]).toEqual([2, expect.stringContaining("trained with compress")]);
  const more = await place.run(...resume);
  expect([more.code, more.code === 0 ? "" : more.stderr]).toEqual([0, ""]);
});
