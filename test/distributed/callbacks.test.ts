/** Callbacks of a run on workers. The test uses the built package, because that starts the processes. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import type { TrainOptions, TrainPlace } from "../../src/request.js";

const { train } = (await import(
  new URL("../../dist/index.js", import.meta.url).href
)) as typeof import("../../src/index.js");

const fail = (): never => {
  throw new Error("the callback fails");
};
const dataset = { train: Float32Array.from({ length: 360 }, (_, i) => (i % 7) / 7) };
const config: TrainOptions = { dataset, layers: [6, 4, 2], batch: 8, steps: 2000, loss: "mse" };

it.each<[string, TrainPlace]>([
  ["an observer that rejects", { observer: async ({ event }) => event === "steps" && fail() }],
  ["an observer that throws", { observer: ({ event }) => event === "steps" && fail() }],
  ["a status that cannot be shown", { onStatus: fail }],
])("%s fails the run, with its error", async (_, callback) => {
  const folder = await mkdtemp(join(tmpdir(), "dawnpour-callbacks-"));
  const run = train(config, { workers: 1, devices: "cpu:1", out: join(folder, "run"), ...callback });
  await expect(run).rejects.toThrow("the callback fails");
  await rm(folder, { recursive: true });
});
