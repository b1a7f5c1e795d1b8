/** Private training on the command line: its key, its epsilon, resuming, and what it refuses. */
import { cp, rm, stat, writeFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { lastLine, Workplace } from "../cli/dawnpour.js";
import { Metrics } from "./metrics.js";

const place = new Workplace();
const DATA = ["train", "--dataset", "digits:300", "--batch", "60", "--device", "cpu", "--no-pca", "--json"];
const PRIVATE = [...DATA, "--layers", "784,16,4", "--parts", "3", "--strategy", "private:noise=2,clip=0.5"];

it("goes on with its key: a resumed run on three workers has the bits and the epsilon of one on one worker", async () => {
  const whole = await place.run(...PRIVATE, "--epochs", "4", "--keep", "9", "--workers", "1", "--out", "whole");
  expect([whole.code, whole.code === 0 ? "" : whole.stderr]).toEqual([0, ""]);
  expect(whole.stderr).toMatch(/epoch 1.0 {2}step 5 \| epsilon 1\.\d\d at delta 0.00001 for a row/);
  const { parametersSha256, privacy } = JSON.parse(lastLine(whole.stdout));
  expect(privacy.epsilon).toBeGreaterThan(1);
  expect((await stat(place.path("whole", "private.key"))).mode & 0o777).toBe(0o600);
  const told = (await Metrics.of(place, "whole")).all("privacy");
  expect(told.at(-1)).toMatchObject(privacy);

  await cp(place.path("whole"), place.path("again"), { recursive: true });
  for (const step of ["15", "20"]) {
    await rm(place.path("again", "checkpoints", `step-${step.padStart(10, "0")}`), { recursive: true });
  }
  const again = await place.run(
    ...["train", "--resume", "--out", "again", "--workers", "3", "--device", "cpu", "--no-pca", "--json"],
  );
  expect(JSON.parse(lastLine(again.stdout))).toMatchObject({ parametersSha256, privacy });

  await rm(place.path("again", "private.key"));
  const lost = await place.run("train", "--resume", "--out", "again", "--epochs", "5", "--device", "cpu");
  expect([lost.code, lost.stderr]).toEqual([
    2,
    expect.stringMatching(/again.private.key is missing, and this private run/),
  ]);
});

it.each([
  [["--precision", "bf16"], /precision bf16 rounds clipped gradients/],
  [["--augment", "shift"], /augment shift makes several training rows of one/],
  [["--compress", "int8"], /a compressor keeps residuals/],
])("%j is refused", async (wrong, message) => {
  const { code, stderr } = await place.run(...PRIVATE, ...wrong);
  expect([code, stderr]).toEqual([2, expect.stringMatching(message)]);
});

it("refuses a table that is standardised by default, by figures without noise", async () => {
  const rows = Array.from({ length: 40 }, (_, i) => `${i},${(7 * i) % 11}\n`);
  await writeFile(place.path("table.csv"), `a,b\n${rows.join("")}`);
  const TABLE = ["train", "table.csv", "--layers", "2,1", "--epochs", "1", "--device", "cpu", "--no-pca"];
  const refused = await place.run(...TABLE, "--strategy", "private", "--out", "table");
  expect([refused.code, refused.stderr]).toEqual([
    2,
    expect.stringMatching(/standardise, the default .*--no-standardise/),
  ]);
  const taken = await place.run(...TABLE, "--strategy", "private", "--no-standardise", "--out", "table");
  expect([taken.code, taken.code === 0 ? "" : taken.stderr]).toEqual([0, ""]);
});

it("refuses a delta at which a row may be revealed", async () => {
  const { code, stderr } = await place.run(...DATA, "--layers", "784,4", "--strategy", "private:delta=0.01");
  expect([code, stderr]).toEqual([
    2,
    expect.stringMatching(/delta 0.01 allows for one of the 300 rows .*delta=0.0003/),
  ]);
});
