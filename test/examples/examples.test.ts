/** The examples do what their first lines say, for someone who runs them as they stand. */
import { execFile } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "dawnpour-examples-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const EXPECTED: Readonly<Record<string, RegExp>> = {
  "least-squares.mjs": /^on .+: w = (2|1\.99999\d*|2\.00000\d*), -(3|2\.99999\d*|3\.00000\d*); loss \S+e-\d+\n$/,
  "supervised-actor.mjs":
    /^tea costs 3, says connection 1\nbread .*\nconnection 1 closed: failed\n.till is restarted\ntea .* 2\nbread .* 2\nconnection 2 closed: stopped\n$/,
  "train-digits.mjs":
    /^squared error of an image: 1\d\.\d, by PCA 18\.\d\nreport: runs\S+\/report\.html\n(a \d:( -?\d+){16}\n){3}$/,
};

it.each(Object.entries(EXPECTED))("%s", async (name, output) => {
  const { stdout } = await promisify(execFile)(process.execPath, [resolve("examples", name)], { cwd: folder });
  expect(stdout).toMatch(output);
});

it("are all tried here", async () => {
  expect(await readdir("examples")).toEqual(Object.keys(EXPECTED));
});
