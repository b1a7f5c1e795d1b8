/** Each example, run without changes, does what its first lines say. */
import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
import { describeWithMnist } from "../support/mnist.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "dawnpour-examples-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const EXPECTED: Readonly<Record<string, RegExp>> = {
  "custom-trainer.mjs": /^(round \d+: loss 0\.\d{4}, mean of [23] workers\n){12}$/,
  "least-squares.mjs": /^on .+: w = (2|1\.99999\d*|2\.00000\d*), -(3|2\.99999\d*|3\.00000\d*); loss \S+e-\d+\n$/,
  "local-sgd.mjs": /^workers 3: ([0-9a-f]{64}), error (\d+\.\d)\nworkers 1: \1, error \2\n$/,
  "novel-digit.mjs": /^AUC 0\.9\d\d\nabove the threshold: \d+ of 71 novel pictures\n +\d+ of 596 others\n$/,
  "pieces.mjs": /^workers 3: ([0-9a-f]{64}), error (\d+\.\d)\nworkers 1: \1, error \2\n$/,
  "supervised-actor.mjs":
    /^tea costs 3, says connection 1\nbread .*\nconnection 1 closed: failed\n.till is restarted\ntea .* 2\nbread .* 2\nconnection 2 closed: stopped\n$/,
  "train-digits.mjs":
    /^squared error of an image: 1\d\.\d, by PCA 18\.\d\nreport: runs\S+\/report\.html\n(a \d:( -?\d+){16}\n){3}$/,
};

it.each(Object.entries(EXPECTED))("%s", async (name, output) => {
  const { stdout } = await promisify(execFile)(process.execPath, [resolve("examples", name)], { cwd: folder });
  expect(stdout).toMatch(output);
});

describeWithMnist("the classifier of MNIST", () => {
  it("has more than 94 % right after one epoch", async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [resolve("examples/classify-mnist.mjs"), "1"]);
    expect(stdout).toMatch(/^epoch 1: loss 0\.\d{4}, test 9[4-9]\.\d\d % right\non .+ is -?\d+\.\d{3}\n$/);
  });
});

it("the first one in docs/models.md", async () => {
  const code = (await readFile("docs/models.md", "utf8")).match(/```js\n([\s\S]*?)```/)?.[1] as string;
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", code]);
  expect(stdout).toBe("learned\n");
});

it("the low level in README.md", async () => {
  const code = (await readFile("README.md", "utf8")).match(
    /```js\n(import [^\n]*\bdifferentiate\b[\s\S]*?)```/,
  )?.[1] as string;
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", code]);
  const losses = stdout.trim().split("\n").map(Number);
  expect(losses).toHaveLength(5);
  expect(losses).toEqual([...losses].sort((a, b) => b - a));
  expect(losses[4]).toBeLessThan(0.1);
});

it("the softmax in docs/programs.md", async () => {
  const code = (await readFile("docs/programs.md", "utf8")).match(/```js\n([\s\S]*?)```/)?.[1] as string;
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", code]);
  const expected = [0.25, 0.25, 0.5, 0.5, 0.5, 0];
  for (const [i, value] of stdout.trim().split(" ").entries()) expect(Number(value)).toBeCloseTo(expected[i], 6);
});

it("the first one in docs/actors.md", async () => {
  const code = (await readFile("docs/actors.md", "utf8")).match(/```js\n([\s\S]*?)```/)?.[1] as string;
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", code]);
  expect(stdout.split("\n")).toEqual([
    "tea done by local/pool/left#0.3, job 1",
    "local/pool/left#0.3 ended: failed",
    "no answer from local/pool/left: it has ended (failed: cannot do that)",
    "bread done by local/pool/left#0.5, job 1",
    "local/pool/right#0.4 ended: stopped",
    "local/pool/left#0.5 ended: stopped",
    "",
  ]);
});

it("the pool in docs/actors.md", async () => {
  const code = (await readFile("docs/actors.md", "utf8")).match(
    /```js\n(import [^\n]*\bpool\b[\s\S]*?)```/,
  )?.[1] as string;
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", code]);
  expect(stdout).toBe("[ 1, 4, 9 ]\n");
});

it("the one in docs/interchange.md", async () => {
  const code = (await readFile("docs/interchange.md", "utf8")).match(/```js\n([\s\S]*?)```/)?.[1] as string;
  const script = join(folder, "waves.mjs");
  await writeFile(script, code.replace('"dawnpour"', JSON.stringify(resolve("dist/index.js"))));
  const { stdout } = await promisify(execFile)(process.execPath, [script], { cwd: folder });
  expect(stdout).toBe("450 50\n");
});

it("are all tried here", async () => {
  // The page of examples/browser has tests of its own, in test/browser. Reproductions take minutes: npm run reproduce.
  const elsewhere = ["browser", "classify-mnist.mjs", "reproductions"];
  expect(await readdir("examples")).toEqual([...elsewhere, ...Object.keys(EXPECTED)].sort());
});
