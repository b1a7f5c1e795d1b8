/** Strategies by name and by module: which are refused, and with which message. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadStrategy, makeStrategy, STRATEGIES, strategies } from "../../src/strategies/registry.js";
import type { StrategyFactory } from "../../src/strategies/strategy.js";
import { strategyRun } from "../../src/strategies/strategy-run.js";
import { withoutWorkers } from "../../src/training/config/strategy-choice.js";
import { AutoencoderWorkload } from "../../src/workload/autoencoder.js";
import { config, IMAGES, model, ROUNDS } from "../simulation/small-training.js";

const workload = new AutoencoderWorkload({ model, config, steps: ROUNDS });
const run = strategyRun(workload, { ...config, images: IMAGES, steps: ROUNDS, rate: () => 0.01 });

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "dawnpour-strategies-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function moduleOf(name: string, text: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, text);
  return pathToFileURL(path).href;
}

describe("a strategy by name", () => {
  it.each(STRATEGIES)("%s", async (name) => {
    expect((await makeStrategy(await loadStrategy(name), name, run)).name).toBe(name);
  });

  it("that there is not is told the nearest", async () => {
    await expect(loadStrategy("local-sdg")).rejects.toThrow('unknown strategy "local-sdg": did you mean "local-sgd"?');
    await expect(loadStrategy("toString")).rejects.toThrow("the path of a module");
  });

  it("has the options that it has", () => {
    const made = (options: Record<string, number | string>) => () =>
      makeStrategy(strategies["local-sgd"], { name: "local-sgd", options }, run);
    expect(made({ h: 4 })).toThrow('strategy local-sgd: unknown option "h": did you mean "H"?');
    expect(made({ H: 0.5 })).toThrow("strategy local-sgd: H must be a whole number from 1 to 1000000, got 0.5");
    expect(made({ H: 2e9 })).toThrow("H must be a whole number from 1 to 1000000, got 2000000000");
    expect(made({ H: 3 })().advance(0)).toEqual({ steps: 3, samples: 3 * config.batch });
  });
});

it("of a run without workers is synchronous", () => {
  expect(withoutWorkers({ strategy: "synchronous" })).toEqual({ strategy: "synchronous" });
  const other = { strategy: { name: "local-sgd", options: { H: 2 } } };
  expect(() => withoutWorkers(other)).toThrow("strategy local-sgd:H=2 needs workers: use train, or runDistributed");
});

describe("a strategy by module", () => {
  it("is its default export", async () => {
    const module = await moduleOf("good.mjs", "export default (options) => options.made;");
    expect(await loadStrategy({ module })).toBeTypeOf("function");
  });

  it("without a default export, or that cannot be loaded, is refused", async () => {
    const module = await moduleOf("bare.mjs", "export const strategy = 1;");
    await expect(loadStrategy({ module })).rejects.toThrow(/no function as its default export \(it exports strategy\)/);
    await expect(loadStrategy({ module: `${module}x` })).rejects.toThrow(/cannot be loaded: /);
  });

  it.each([
    [{ parts: 0 }, "parts must be a whole number from 1, got 0"],
    [{ contribute: 3 }, "contribute must be a function, got 3"],
    [{ promise: "fast" }, 'promise must be "invariant"'],
    [{ needs: "all" }, 'needs must be "sum" or "each", got "all"'],
    [{ global: [{ name: "mean" }] }, 'global must begin with {name: "parameters"}'],
    [{ local: [{ name: "parameters" }] }, "global and local must have different names"],
    [{ consistency: { kind: "slow" } }, 'consistency.kind must be "bulk", "stale" or "async", got "slow"'],
    [{ consistency: { kind: "async" } }, 'with consistency.kind "async" the promise is "replayable", got "invariant"'],
    [
      { promise: "replayable", consistency: { kind: "stale", bound: -1 } },
      "consistency.bound must be a whole number from 0, got -1",
    ],
    [{ promise: "replayable", consistency: { kind: "async" }, phases: 2 }, 'consistency.kind "async" has no phases'],
    [
      { consistency: { kind: "bulk", quorum: 0 }, promise: "replayable" },
      "consistency.quorum must be a whole number from 1 to parts, got 0",
    ],
    [
      { consistency: { kind: "bulk", quorum: 1 } },
      'with consistency.quorum the promise is "replayable", got "invariant"',
    ],
    [{ phases: 1.5 }, "phases must be a whole number from 1"],
  ])("of another shape is refused: %j", (wrong, message) => {
    const factory = ((options, about) => ({ ...strategies.synchronous(options, about), ...wrong })) as StrategyFactory;
    expect(() => makeStrategy(factory, "synchronous", run)).toThrow(message);
  });

  it("that returns nothing is refused", () => {
    const nothing = (() => undefined) as unknown as StrategyFactory;
    expect(() => makeStrategy(nothing, "synchronous", run)).toThrow("it must return an object, got undefined");
  });
});
