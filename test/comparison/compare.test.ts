/** Comparisons of strategies: each strategy has a run of its own, and the page and the file have the results of these runs. */
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Choice } from "../../src/choice.js";
import type { Comparison } from "../../src/comparison/compare.js";
import { renderComparison } from "../../src/comparison/page.js";
import type { TrainingOptions } from "../../src/training/config/config.js";

const built = (name: string): string => new URL(`../../dist/${name}.js`, import.meta.url).href;
const { compare } = (await import(built("distributed"))) as typeof import("../../src/distributed.js");
const { train } = (await import(built("index"))) as typeof import("../../src/index.js");

const OPTIONS: TrainingOptions = { dataset: "digits:96", layers: [784, 8, 3], batch: 16, epochs: 2, evaluateEvery: 1 };
const LOCAL = { name: "local-sgd", options: { H: 3 } };

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "dawnpour-comparison-"));
});
afterAll(() => rm(folder, { recursive: true }));

describe("a comparison", () => {
  it("over a link has the times of as many machines as parts, whatever this machine takes", async () => {
    const over = async (name: string) => {
      const place = { out: join(folder, name), device: "cpu", threads: 1, link: "1Mbps,20ms", target: 1e6 } as const;
      return compare(OPTIONS, ["synchronous", LOCAL], place);
    };
    const [first, again] = [await over("linked"), await over("linked-again")];
    const [synchronous, local] = first.runs;
    expect(again.runs.map(({ seconds }) => seconds)).toEqual([synchronous.seconds, local.seconds]);
    const parameters = 2 * (784 * 8 + 8 * 3) + 8 + 3 + 8 + 784;
    // Four parts: a contribution, a sum, and three times the longer of them, at 125,000 bytes a second.
    const exchange = 0.04 + (5 * 4 * parameters) / 125_000;
    expect(synchronous.seconds / 12).toBeGreaterThan(exchange);
    expect(synchronous.seconds / 12).toBeLessThan(1.05 * exchange);
    expect(local.seconds / 4).toBeLessThan(1.05 * exchange);
    expect(synchronous.toTarget).toBe(synchronous.points[0].seconds);
    const page = await readFile(join(folder, "linked", "comparison.html"), "utf8");
    expect(page).toContain("with links of 1Mbps,20ms");
    expect(page).toContain("Time to 1,000,000");
    await expect(compare(OPTIONS, ["synchronous", LOCAL], { target: Number.NaN })).rejects.toThrow(/target .* got NaN/);
    await expect(compare(OPTIONS, ["synchronous", LOCAL], { link: "fast" })).rejects.toThrow(/link "fast"/);
  });

  it("has the errors and bytes of its runs, in a table, a file and curves", async () => {
    const out = join(folder, "whole");
    const told: string[] = [];
    const result = await compare(OPTIONS, ["synchronous", LOCAL], {
      ...{ out, device: "cpu", threads: 1 },
      onRun: (strategy, index) => told.push(`${index} ${strategy}`),
    });
    expect(told).toEqual(["0 synchronous", "1 local-sgd:H=3"]);
    expect(result).toMatchObject({ dataset: "digits", workers: 1, stopped: false });
    const alone = await train(
      { ...OPTIONS, parts: 4, strategy: LOCAL },
      { out: join(folder, "alone"), device: "cpu", threads: 1, workers: 2, pca: false },
    );
    alone.close();
    const [synchronous, local] = result.runs;
    expect(local.sse).toBe(alone.measures?.errors.test.sse);
    // A vector of the parameters from each of four parts, for every 16 images, and for every 48.
    const vector = 4 * alone.model.layout.length;
    expect(synchronous.payload).toEqual({ up: (4 * vector) / 16, down: (4 * vector) / 16 });
    expect(local.payload.up).toBeCloseTo(synchronous.payload.up / 3, 6);
    expect(local.points.map(({ images }) => images)).toEqual([96, 192]);
    expect(local.points.at(-1)?.sse).toBeCloseTo(local.sse, 4);

    expect((await readdir(out)).sort()).toEqual([
      ...["1-synchronous", "2-local-sgd-H-3", "comparison.html", "comparison.json"],
    ]);
    expect(JSON.parse(await readFile(join(out, "comparison.json"), "utf8"))).toEqual(result);
    const page = await readFile(join(out, "comparison.html"), "utf8");
    for (const { strategy, sse } of result.runs) {
      expect(page).toContain(`<th scope="row">${strategy}</th>`);
      expect(page).toContain(`${strategy} <b>${sse.toFixed(2)}</b>`);
    }
    expect(page.match(/<figure>/g)?.length).toBe(3);
  });

  it("compares compressors, and counts the bytes that they sent", async () => {
    const out = join(folder, "compressors");
    const two = { strategy: "synchronous", compress: { name: "powersgd", options: { rank: 1 } } };
    const { runs } = await compare(OPTIONS, ["synchronous", LOCAL, two], { out, device: "cpu", threads: 1 });
    const [plain, local, low] = runs;
    expect(runs.map(({ strategy }) => strategy)[2]).toBe("synchronous+powersgd:rank=1");
    expect(local.payload.up).toBeCloseTo(local.payload.down, 9);
    expect(low.payload.up).toBeCloseTo(low.payload.down, 9);
    expect(plain.payload.up / low.payload.up).toBeGreaterThan(4);
    expect(low.sse).not.toBe(plain.sse);
  });

  it("that is stopped has the runs that are done", async () => {
    const out = join(folder, "stopped");
    const controller = new AbortController();
    const result = await compare(OPTIONS, ["synchronous", LOCAL, "easgd"], {
      ...{ out, device: "cpu", threads: 1, signal: controller.signal },
      onDone: () => controller.abort(),
    });
    expect(result.runs.map(({ strategy }) => strategy)).toEqual(["synchronous"]);
    expect(result.stopped).toBe(true);
    expect(await readdir(out)).toContain("comparison.html");
  });

  it("in which a run fails has the runs before it, and counts bytes as they are sent", async () => {
    const out = join(folder, "failed");
    const bad = join(folder, "bad.mjs");
    await writeFile(bad, "export default () => { throw new Error('no such luck') }");
    const strategies = ["synchronous", { module: pathToFileURL(bad) }];
    const options = { ...OPTIONS, compress: "f16" };
    await expect(compare(options, strategies, { out, device: "cpu", threads: 1 })).rejects.toThrow("no such luck");
    const { runs, stopped } = JSON.parse(await readFile(join(out, "comparison.json"), "utf8")) as Comparison;
    expect(stopped).toBe(true);
    expect(runs.map(({ strategy }) => strategy)).toEqual(["synchronous"]);
    expect(runs[0].payload.down / runs[0].payload.up).toBe(2);
    expect(await readdir(out)).toContain("comparison.html");
  });

  it("draws no curve where nothing was measured on the way", () => {
    const payload = { up: 1, down: 1 };
    const run = {
      ...{ strategy: "a<b", parts: 4, sse: 2, mse: 1, seconds: 1, imagesPerSecond: 9, payload, out: "" },
      ...{ failures: 0, stepsLost: 0, waited: 0, points: [] },
    };
    const comparison = { dataset: "d", network: "n", batch: 8, workers: 1, runs: [run], out: "", stopped: false };
    const page = renderComparison(comparison, "today");
    expect(page).toContain("a&lt;b");
    expect(page).not.toContain("<figure>");
  });
});

describe("what cannot be compared is refused before a run begins", () => {
  it.each<[Choice[], string, TrainingOptions?]>([
    [["synchronous"], "a comparison needs two strategies or more, got 1"],
    [["easgd", LOCAL, { name: "local-sgd", options: { H: 3 } }], "strategy local-sgd:H=3 is given twice"],
    [["synchronous", "locals-sgd"], 'did you mean "local-sgd"?'],
    [["synchronous", { name: "local-sgd", options: { K: 3 } }], "strategy local-sgd:"],
    [["synchronous", "streaming-diloco"], "strategy streaming-diloco exchanges pieces of it", { compress: "f16" }],
    [["synchronous", { name: "sandblaster", options: { m: 2e9 } }], "m must be a whole number from 1 to 100"],
  ])("%j", async (strategies, message, options = {}) => {
    const out = join(folder, "refused");
    await expect(compare({ ...OPTIONS, ...options }, strategies, { out, device: "cpu" })).rejects.toThrow(message);
    expect(await readdir(folder)).not.toContain("refused");
  });
});
