/** `dawnpour score` gives high scores to pictures unlike those of the training. `dawnpour export` writes a model for others. */
import { beforeAll, describe, expect, it } from "vitest";
import { decodeSafetensors } from "../../../src/checkpoint/safetensors.js";
import { encodeNpy, NPY } from "../../../src/data/formats/npy.js";
import { readAll } from "../../data/formats/read.js";
import { SMALL, Workplace } from "../dawnpour.js";

const place = new Workplace();
const CPU = ["--device", "cpu", "--threads", "1"];

beforeAll(async () => {
  await place.train(...SMALL, "--activation", "gelu", "--epochs", "30", "--out", "run");
  // The model was trained on pictures with one bright spot. These are dark with a bright frame.
  const frame = Array.from({ length: 36 }, (_, i) => ([0, 5].includes(i % 6) || i < 6 || i > 29 ? 1 : 0));
  await place.write("frames.npy", encodeNpy(Float32Array.from([...frame, ...frame, ...frame]), [3, 36]));
});

const scored = async (...args: readonly string[]) => {
  const { code, stdout, stderr } = await place.call("score", "run", ...CPU, ...args);
  expect([code, stderr]).toEqual([0, ""]);
  return stdout;
};

describe("dawnpour score", () => {
  it("takes the test rows, and the threshold from the training rows", async () => {
    expect(await scored("-o", "scores.csv", "--quantile", "0.9")).toMatch(
      /^scores.csv: 20 scores, of the test rows of .+\nthreshold \d[\d.]* \(quantile 0.9 of 180 training rows\)\nabove it \d+ rows \(\d+\.00 %\)\n$/,
    );
    const [head, ...lines] = (await place.read("scores.csv")).toString().trimEnd().split("\n");
    expect(head).toBe("row,score,anomaly");
    expect(lines.map((line) => line.split(",")[0])).toEqual(Array.from({ length: 20 }, (_, i) => String(i)));
  });

  it("finds rows of another kind, all of a file and in its order", async () => {
    const report = JSON.parse(await scored("--dataset", "frames.npy", "-o", "scores.npy", "--json"));
    expect(report).toMatchObject({ output: "scores.npy", rows: 3, above: 3 });
    const { shape, values } = await readAll(NPY, await place.read("scores.npy"));
    expect(shape).toEqual([3]);
    expect(new Set(values).size).toBe(1);
    expect(values[0]).toBeGreaterThan(2 * report.threshold);
  });

  it("agrees with evaluate on the sum of all", async () => {
    await scored("-o", "all.csv", "--split", "train", "--threshold", "1");
    const lines = (await place.read("all.csv")).toString().trimEnd().split("\n").slice(1);
    const mean = lines.reduce((sum, line) => sum + Number(line.split(",")[1]), 0) / lines.length;
    const { stdout } = await place.call("evaluate", "run", ...CPU, "--json");
    expect(mean).toBeCloseTo(JSON.parse(stdout).train.sse, 4);
    expect(lines.every((line) => Number(line.split(",")[1]) > 1 === line.endsWith(",1"))).toBe(true);
  });

  it.each([
    [["-o", "scores.txt"], "--output scores.txt: the name must end in .npy or .csv, which decides the format"],
    [["-o", "a.csv", "--quantile", "1.5"], '"1.5" is not a share from 0 to 1'],
    [["-o", "a.csv", "--anomalies", "3"], "--anomalies needs labels, and the data has none"],
  ])("refuses %j", async (args, message) => {
    const { code, stderr } = await place.call("score", "run", ...CPU, ...args);
    expect([code, stderr]).toEqual([2, expect.stringContaining(message)]);
  });
});

describe("dawnpour export", () => {
  it("writes the files that it is asked for", async () => {
    const { code, stdout } = await place.call("export", "run", "--onnx", "a.onnx", "--pytorch", "a.safetensors");
    expect([code, stdout.split("\n").length]).toEqual([0, 3]);
    expect((await place.read("a.onnx")).length).toBeGreaterThan(4 * (36 * 12 + 12 * 3) * 2);
    const { tensors } = decodeSafetensors(await place.read("a.safetensors"), "a.safetensors");
    expect(tensors.get("encoder.0.weight")?.shape).toEqual([12, 36]);
  });

  it.each([
    [[], "say what to write: --onnx FILE, --pytorch FILE"],
    [["--part", "encoder", "--pytorch", "a"], "--part encoder is for --onnx FILE"],
    [["--part", "encodr", "--onnx", "a"], 'did you mean "encoder"?'],
  ])("refuses %j", async (args, message) => {
    const { code, stderr } = await place.call("export", "run", ...args);
    expect([code, stderr]).toEqual([2, expect.stringContaining(message)]);
  });

  it("gives weights that a run can begin with", async () => {
    await place.call("export", "run", "--pytorch", "weights.safetensors");
    const before = await place.manifest("run");
    await place.train(...SMALL, "--weights", "weights.safetensors", "--steps", "1", "--lr", "1e-30", "--out", "again");
    expect((await place.manifest("again")).parametersSha256).toBe(before.parametersSha256);
  });
});
