/** Options for workers that cannot work are refused before anything starts, in one line, without leaving files. */
import { mkdir } from "node:fs/promises";
import { beforeAll, describe, expect, it } from "vitest";
import { SMALL, Workplace } from "./dawnpour.js";

const place = new Workplace();

beforeAll(async () => {
  await mkdir(place.path("folder"));
  await place.write("wrong.txt", "# as it was\nkill worker-0 at step 3\n\nkil worker-1 at step 4\n");
});

type Case = [what: string, args: readonly string[], message: RegExp];

describe("dawnpour train with workers refuses", () => {
  it.each<Case>([
    ["more workers than parts", ["--workers", "3", "--parts", "2"], /3 workers for 2 parts: .*--parts 3, or fewer/],
    ["no workers", ["--workers", "0"], /workers must be a whole number from 1 to \d+, got 0/],
    ["more devices than workers", ["--workers", "1", "--devices", "cpu*2"], /1 worker cannot use 2 devices/],
    ["a device that is not there", ["--devices", "H200x"], /no device "h200x": there is cpu/i],
    ["a slip in the name of a device", ["--devices", "cpuu"], /no device "cpuu": did you mean "cpu"\?/],
    [
      "faults without workers",
      ["--faults", "kill worker-0 at step 3"],
      /faults need workers: give --workers or --devices/,
    ],
    ["chaos without workers", ["--chaos", "mtbf=3s"], /faults need workers: give/],
    [
      "an unknown fault",
      ["--workers", "2", "--faults", "kil worker-1 at step 3"],
      /faults, statement 1, "kil worker-1 at step 3": unknown action "kil": did you mean "kill"\?/,
    ],
    [
      "a fault of a worker that is not there",
      ["--workers", "2", "--faults", "kill worker-2 at step 3"],
      /there is no worker-2: the run has 2 of them, worker-0 to worker-1/,
    ],
    [
      "a fault without its moment",
      ["--workers", "2", "--faults", "kill worker-1"],
      /the statement ends too soon: "at" is missing/,
    ],
    [
      "a file of faults that is not there",
      ["--workers", "2", "--faults", "gone.txt"],
      /"gone.txt" is neither a file nor/,
    ],
    ["a folder of faults", ["--workers", "2", "--faults", "folder"], /"folder" is a folder: give a file of faults/],
    [
      "a line in a file of faults",
      ["--workers", "2", "--faults", "wrong.txt"],
      /faults, line 4, .*did you mean "kill"\?/,
    ],
    ["chaos without its pace", ["--workers", "2", "--chaos", "kinds=kill"], /lacks the mean time between faults/],
    ["an unknown setting of chaos", ["--workers", "2", "--chaos", "mtfb=3s"], /"mtfb": did you mean "mtbf"\?/],
    ["an unknown kind of chaos", ["--workers", "2", "--chaos", "mtbf=3s,kinds=hung"], /"hung": did you mean "hang"\?/],
    ["chaos at no time", ["--workers", "2", "--chaos", "mtbf=soon"], /mtbf=soon is not a time above 0/],
    ["a time without its unit", ["--workers", "2", "--timeout", "5"], /"5": a time is written 500ms, 10s/],
    [
      "a timeout below its heartbeats",
      ["--workers", "2", "--heartbeat", "1s", "--timeout", "2s"],
      /timeout 2s with heartbeat 1s: the timeout must be at least three heartbeats/,
    ],
    [
      "a step timeout below the timeout",
      ["--workers", "2", "--step-timeout", "1s"],
      /step timeout 1s with timeout 1500ms|step timeout 1s with timeout 1\.5s/,
    ],
    [
      "patience that ends before a restart",
      ["--workers", "2", "--patience", "3s", "--restart-pause", "3s"],
      /patience 3s with timeout 1.5s and restart pause 3s: it must be at least their sum/,
    ],
    ["a heartbeat of nothing", ["--workers", "2", "--heartbeat", "0s"], /heartbeat 0ms: at least 10ms/],
  ])("%s", async (_, args, message) => {
    const before = await place.contents();
    const { code, stderr } = await place.call("train", ...SMALL, "--steps", "5", "--out", "new", ...args);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringMatching(/^dawnpour: .+\n$/) });
    expect(stderr).toMatch(message);
    expect(await place.contents()).toEqual(before);
  });
});

describe("dawnpour train with workers says", () => {
  const train = (...args: readonly string[]) => place.run("train", ...SMALL, "--steps", "5", ...args);

  it("which faults never struck", async () => {
    const faults = "kill worker-0 at step 5000; spoil a gradient at step 2; hang worker-0 for 1s at 10m";
    const { code, stderr } = await train("--devices", "cpu:1", "--out", "struck", "--faults", faults);
    expect(code, stderr).toBe(0);
    expect(stderr.match(/^warning: .*$/gm)).toEqual([
      'warning: "kill worker-0 at step 5000" never struck: the run ended before',
      'warning: "hang worker-0 for 1s at 10m" never struck: the run ended before',
    ]);
  });
});

it("a device is not taken for another one that is spelt like it", async () => {
  const { code, stderr } = await place.call("train", ...SMALL, "--device", "gpu");
  expect([code, stderr]).toEqual([2, expect.stringContaining('unknown --device "gpu": did you mean "webgpu"?')]);
});
