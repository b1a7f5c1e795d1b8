/** Options of the page that make no sense are refused before anything is trained, each in one line that says what to do. */
import { expect, it } from "vitest";
import { lastLine, SMALL, Workplace } from "./dawnpour.js";

const work = new Workplace();

it.each([
  [["--page", "x"], 'page (--page) "x" is no port: give one from 0'],
  [["--page", "-1"], 'page (--page) "-1" is no port'],
  [["--page", "1e9"], 'page (--page) "1e9" is no port'],
  [["--page", "0.0.0.0:0"], 'page (--page) "0.0.0.0": other machines reach this address'],
  [["--page", "0", "--page-open"], 'page-open (--page-open) is for a host other than "127.0.0.1": leave it out'],
  [["--page-open"], "--page-open is for a page: add --page 0, or leave it out"],
  [["--allow-faults"], "--allow-faults is for a page: add --page 0, or leave it out"],
])("train %j", async (words, why) => {
  const { code, stderr } = await work.call("train", ...SMALL, "--device", "cpu", "--out", "never", ...words);
  expect(code).toBe(2);
  expect(lastLine(stderr)).toContain(why);
  expect(await work.contents()).not.toContain("never");
});

it("faults by hand need workers", async () => {
  // The bundle of the page is among the compiled files.
  const { code, stderr } = await work.run("train", ...SMALL, "--device", "cpu", "--page", "0", "--allow-faults");
  expect([code, lastLine(stderr)]).toEqual([
    2,
    expect.stringContaining("faults by hand (--allow-faults) need workers"),
  ]);
});

it("view refuses what is no run", async () => {
  const { code, stderr } = await work.call("view", ".");
  expect([code, lastLine(stderr)]).toEqual([1, expect.stringContaining("holds no run: there is no config.json")]);
  const missing = await work.call("view", "nowhere");
  expect([missing.code, lastLine(missing.stderr)]).toEqual([1, expect.stringContaining("nowhere holds no run")]);
  expect((await work.call("view")).code).toBe(2);
});
