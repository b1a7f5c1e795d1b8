/** Every function with options refuses an unknown option, and suggests the one with the nearest name. */
import { expect, it } from "vitest";
import { loadDataset } from "../src/data/load.js";
import { openDevice } from "../src/device/open.js";
import { runDistributed } from "../src/distributed/run.js";
import { Autoencoder } from "../src/model/autoencoder.js";
import { refuseUnknownKeys } from "../src/option-keys.js";
import { train } from "../src/train.js";
import { run } from "../src/training/run.js";
import { Trainer } from "../src/training/trainer.js";

/** What a caller without a compiler may pass. */
const wrong = (given: object): never => given as never;

it.each<[string, (options: never) => unknown, object, RegExp]>([
  ["train", (place) => train({}, place), { thread: 1 }, /^place: unknown key "thread": did you mean "threads"/],
  ["openDevice", openDevice, { threds: 1 }, /^options of openDevice: unknown key "threds": did you mean "threads"/],
  [
    "loadDataset",
    (options) => loadDataset("digits", options),
    { limits: 1 },
    /unknown key "limits": did you mean "limit"/,
  ],
  ["Trainer", Trainer.create, { totalStep: 1 }, /unknown key "totalStep": did you mean "totalSteps"/],
  ["run", run, { strategy: "mine" }, /^options of run: unknown key "strategy"/],
  ["runDistributed", runDistributed, { strategy: "mine" }, /^options of runDistributed: unknown key "strategy"/],
  ["Autoencoder", async (config) => new Autoencoder(config), { layer: [2, 1] }, /key "layer": did you mean "layers"/],
])("%s refuses what it would not read", async (_, call, options, message) => {
  await expect((async () => call(wrong(options)))()).rejects.toThrow(message);
});

it.each([[null], [5], ["text"], [[1]]])("%j is no record of options", (given) => {
  expect(() => refuseUnknownKeys(given as unknown as object, {}, "place")).toThrow(
    /^place: must be an object of options/,
  );
});

it("what is undefined counts as not given", () => {
  expect(() => refuseUnknownKeys({ a: 1, b: undefined } as object, { a: true } as never, "place")).not.toThrow();
});
