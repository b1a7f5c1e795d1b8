/** Messages of the library call options by their names in a program, never by the flags of the command line. */
import { describe, expect, it } from "vitest";
import * as distributed from "../src/distributed.js";
import * as library from "../src/index.js";
import { optionNames } from "../src/option-names.js";
import { SimulatedWorld } from "../src/world/simulated/world.js";

it.each([
  ["give --workers or --devices", "give workers or devices"],
  ["--step-timeout 5: too short", "stepTimeout 5: too short"],
  ["train from them with --weights and --layers", "train from them with initial and layers"],
  ["give its folder with out (--out)", "give its folder with out"],
  ["a-b--c -- 5--6", "a-b--c -- 5--6"],
])("%s", (message, expected) => {
  expect(optionNames(message)).toBe(expected);
});

describe("the errors of the library", () => {
  const world = new SimulatedWorld();
  world.network.online = false;
  const small: library.TrainOptions = { dataset: "digits:20", layers: [784, 2], epochs: 1 };

  it.each<[string, () => unknown, RegExp]>([
    ["faults", () => library.train(small, { world, faults: "kill worker-1" }), /give workers or devices/],
    ["resume", () => library.train(small, { world, resume: true }), /give its folder with out$/],
    ["no MNIST", () => library.loadDataset("mnist", { world, environment: {} }), /with data or DAWNPOUR_DATA/],
    ["chaos", () => distributed.parseChaos("often"), /^chaos/],
  ])("have no flags: %s", async (_, call, words) => {
    const error = await (async () => call())().catch((error: unknown) => error);
    const { message, stack, name } = error as Error;
    expect(message).toMatch(words);
    expect(`${message} ${stack}`).not.toMatch(/(?<![\w-])--[a-z]/);
    expect(stack).toMatch(`${name}: ${message}`);
    expect(error).toBeInstanceOf(library.DawnpourError);
  });

  it("are passed on as they are where they are of others", async () => {
    const signal = {
      get aborted(): never {
        throw new RangeError("--mine");
      },
    };
    const run = library.train(small, { world, device: "cpu", threads: 1, signal: signal as never, out: "/a" });
    await expect(run).rejects.toThrow(new RangeError("--mine"));
  });
});
