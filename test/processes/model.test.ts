/** A user's own model and a task on real processes: whatever is killed, the bits are those of one worker. */
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { beforeAll, expect, it } from "vitest";
import { lastLine, Workplace } from "../cli/dawnpour.js";

const place = new Workplace();

/** Eight dense layers with batch normalisation and dropout. */
const DEEP = `
import { layers, losses } from "${pathToFileURL(resolve("dist/index.js"))}";
const { dense, batchNorm, dropout, sequential } = layers;
export default function deep({ width = 12 }, { classes }) {
  const block = () => [dense(width, { activation: "tanh" }), batchNorm(), dropout(0.1)];
  const model = sequential([...Array.from({ length: 7 }, block).flat(), dense(classes)]);
  return { model, loss: losses.crossEntropy(), target: "labels" };
}`;

const RUN = ["train", "--dataset", "digits:300", "--batch", "49", "--parts", "7", "--device", "cpu", "--json"];
const MODEL = ["--model", "./deep.mjs:width=16", "--epochs", "12"];

const told = (stdout: string) => JSON.parse(lastLine(stdout));

beforeAll(() => place.write("deep.mjs", DEEP));

it("a module's model has the same bits on 1, 2, 3 and 7 workers, of which one is killed", async () => {
  const runs = [
    ["--workers", "1"],
    ["--workers", "2"],
    ["--workers", "3", "--faults", "kill worker-1 at step 20; kill coordinator at step 40"],
    ["--workers", "7"],
  ];
  const found = [];
  for (const [i, workers] of runs.entries()) {
    const { code, stdout, stderr } = await place.run(...RUN, ...MODEL, ...workers, "--out", `deep-${i}`);
    expect([code, code === 0 ? "" : stderr]).toEqual([0, ""]);
    found.push(told(stdout));
  }
  expect(new Set(found.map(({ parametersSha256 }) => parametersSha256)).size).toBe(1);
  const [{ test, model, confusion }] = found;
  expect([model, confusion.length]).toEqual(["deep.mjs:width=16", 10]);
  expect(test.accuracy).toBeGreaterThan(0.15);
  const evaluated = await place.run("evaluate", "deep-2", "--device", "cpu", "--json");
  expect(told(evaluated.stdout).test.accuracy).toBeCloseTo(test.accuracy, 6);
});

it("a classifier goes on from a checkpoint on other workers", async () => {
  const network = ["--task", "classify", "--layers", "784,16,10", "--schedule", "constant"];
  const whole = await place.run(...RUN, ...network, "--epochs", "6", "--workers", "1", "--out", "whole");
  await place.run(...RUN, ...network, "--epochs", "3", "--workers", "3", "--out", "begun");
  const resume = ["train", "--resume", "--out", "begun", "--epochs", "6", "--device", "cpu", "--json"];
  const resumed = await place.run(...resume, "--workers", "2");
  expect(told(resumed.stdout).parametersSha256).toBe(told(whole.stdout).parametersSha256);
});

it("a variational autoencoder by local SGD has the same bits on one worker and on three", async () => {
  const network = ["--variational", "--denoise", "mask:0.2", "--layers", "784,16,4", "--strategy", "local-sgd:H=2"];
  const runs = await Promise.all(
    ["1", "3"].map((workers) =>
      place.run(...RUN, ...network, "--no-pca", "--epochs", "2", "--workers", workers, "--out", `vae-${workers}`),
    ),
  );
  const [one, three] = runs.map(({ stdout }) => told(stdout));
  expect(three.parametersSha256).toBe(one.parametersSha256);
  expect(three.test.sse).toBe(one.test.sse);
});
