/** A checkpoint records its data set. Every command refuses other data, unless an option allows it. */
import { copyFile, mkdir, rename } from "node:fs/promises";
import { beforeAll, describe, expect, it } from "vitest";
import { pictures, SMALL, Workplace } from "./dawnpour.js";

const place = new Workplace();
const CPU = ["--device", "cpu"];

/** Two files of one shape. */
const before = pictures(200, 6);
const after = before.map((byte, i) => (i < 16 ? byte : 255 - byte));

const refusal = (name: string): RegExp =>
  new RegExp(
    `the checkpoint was trained on ${name} \\(180 \\+ 20 rows, SHA-256 [0-9a-f]{12}\\), and this is ${name} \\(180 \\+ 20 rows, SHA-256 [0-9a-f]{12}\\): name the data it was trained on with --dataset, or take this with --other-data\n$`,
  );

async function trained(name: string, out: string, ...args: readonly string[]): Promise<void> {
  await place.write(name, before);
  await place.train(...SMALL, "--dataset", name, "--steps", "20", "--out", out, ...args);
}

describe("data that was overwritten behind a checkpoint", () => {
  beforeAll(async () => {
    await trained("x.idx", "overwritten");
    await place.write("x.idx", after);
  });

  it.each([
    ["train", "--resume", "--out", "overwritten", "--steps", "30"],
    ["evaluate", "overwritten"],
    ["encode", "overwritten", "-o", "codes.npy"],
    ["reconstruct", "overwritten", "-o", "pictures.png"],
  ])("is refused by %s", async (...command) => {
    const { code, stderr } = await place.call(...command, ...CPU);
    expect(stderr).toMatch(refusal("x.idx"));
    expect(code).toBe(1);
  });

  it("is measured with --other-data", async () => {
    const { code, stdout } = await place.call("evaluate", "overwritten", "--other-data", ...CPU);
    expect([code, stdout]).toEqual([0, expect.stringContaining("test   SSE")]);
  });
});

it("the same data is known by its content, wherever it lies and however much of it is taken", async () => {
  await trained("y.idx", "moved", "--limit", "100");
  await mkdir(place.path("elsewhere"));
  await rename(place.path("y.idx"), place.path("elsewhere", "z.idx"));
  const gone = await place.call("evaluate", "moved", ...CPU);
  expect([gone.code, gone.stderr]).toEqual([2, expect.stringContaining(`dataset "${place.path("y.idx")}"`)]);
  for (const more of [[], ["--limit", "10"], ["--limit", "150"]]) {
    const { code, stderr } = await place.call("evaluate", "moved", "--dataset", "elsewhere/z.idx", ...more, ...CPU);
    expect([code, stderr]).toEqual([0, ""]);
  }
  await place.train("--resume", "--out", "moved", "--dataset", "elsewhere/z.idx", "--steps", "30");
  expect((await place.manifest("moved")).configuration.dataset).toBe(place.path("elsewhere", "z.idx"));
});

it("another data set that is named is refused, too", async () => {
  await trained("a.idx", "named");
  await place.write("b.idx", after);
  const { code, stderr } = await place.call("evaluate", "named", "--dataset", "b.idx", ...CPU);
  expect(stderr).toMatch(/trained on a\.idx \(.*\), and this is b\.idx \(/);
  expect(code).toBe(1);
});

it("a folder named with --data that lacks the files ends the run before it begins", async () => {
  await mkdir(place.path("partly", "mnist"), { recursive: true });
  await copyFile(place.path("images-idx3-ubyte"), place.path("partly", "mnist", "train-images-idx3-ubyte"));
  const lacks = "partly/mnist, which lacks train-labels-idx1-ubyte, t10k-images-idx3-ubyte, t10k-labels-idx1-ubyte";
  for (const [data, message] of [
    ["typo", "MNIST is not in typo: there is no such folder"],
    ["partly", `MNIST is not in ${lacks}`],
  ]) {
    for (const named of [[], ["--dataset", "mnist"]]) {
      const { code, stderr, stdout } = await place.call("train", "--data", data, ...named, "--epochs", "1", ...CPU);
      expect([code, stdout, stderr]).toEqual([1, "", expect.stringContaining(message)]);
    }
  }
});
