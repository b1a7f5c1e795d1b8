/** Contributions that travel encoded: what is lost on the way comes later, and nothing else of a run changes. */
import { describe, expect, it } from "vitest";
import type { Compressor } from "../../src/collective/compress/compressor.js";
import { compressors } from "../../src/collective/compress/compressors.js";
import { checkStrategy } from "../../src/distributed/check-strategy.js";
import { programOf, type RunTask } from "../../src/distributed/task.js";
import { CompressedRounds } from "../../src/strategies/compressed-rounds.js";
import { GradientRounds } from "../../src/strategies/gradient-rounds.js";
import { localSgd } from "../../src/strategies/local-sgd.js";
import type { StrategyFactory } from "../../src/strategies/strategy.js";
import { synchronous } from "../../src/strategies/synchronous.js";
import { parseConfig, type TrainingOptions } from "../../src/training/config.js";
import { modelFromConfig } from "../../src/training/from-config.js";
import { Random } from "../../src/world/random.js";

const f16 = compressors.get("f16").make({}) as Compressor;
const PARTS = 2;

const optionsOf = (options: TrainingOptions) => {
  const config = parseConfig({ layers: [6, 5, 2], batch: 8, steps: 4, parts: PARTS, ...options });
  return { model: modelFromConfig(config, 6), config, steps: 4 };
};

const rounds = (): CompressedRounds => {
  const options = optionsOf({});
  return new CompressedRounds(new GradientRounds(options), f16, (vector) => options.model.layout.clearGaps(vector));
};

it("gives each part a residual, which begins as zeros", () => {
  const program = rounds();
  const plain = new GradientRounds(optionsOf({}));
  expect(program.names).toEqual([...plain.names, "state.part0.f16.residual", "state.part1.f16.residual"]);
  expect([program.vectors, program.local, program.leases]).toEqual([plain.vectors + PARTS, 1, false]);
  const { vectors } = program.initialState();
  expect(vectors.slice(-PARTS)).toEqual(Array.from({ length: PARTS }, () => new Float32Array(program.length)));
});

it("loses nothing in the end: all that was added and the residual are all that was contributed", () => {
  const program = rounds();
  const random = new Random(3);
  const { layout } = optionsOf({}).model;
  let residual = new Float32Array(program.length);
  const contributed = new Float64Array(program.length);
  const added = new Float64Array(program.length);
  for (let round = 0; round < 50; round++) {
    const contribution = Float32Array.from({ length: program.length }, () => random.between(-1, 1) / 1000);
    layout.clearGaps(contribution);
    for (const [i, value] of contribution.entries()) contributed[i] += value;
    const next = new Float32Array(program.length).fill(7);
    const bytes = program.encode(contribution, [residual], [next]).slice();
    expect(bytes.length).toBe(2 * program.length);
    const decoded = new Float32Array(program.length);
    program.decode(bytes, decoded);
    expect(decoded).toEqual(contribution);
    for (const [i, value] of decoded.entries()) added[i] += value;
    residual = next;
  }
  for (const [i, value] of residual.entries()) expect(added[i] + value).toBeCloseTo(contributed[i], 6);
  expect(residual.some((value) => value !== 0)).toBe(true);
});

describe("an impossible request is refused, with the reason", () => {
  const refused = (config: TrainingOptions, compressor: Compressor, strategy: StrategyFactory) => {
    const options = optionsOf(config);
    const split = { type: "f32", offset: 0, count: 16, features: 6, scale: 1 } as const;
    const run = { ...options, pipeline: false, dataset: { train: split, test: split } } as unknown as RunTask;
    return () => programOf({ ...run, config: { ...options.config, layers: [6, 5, 2] } }, { strategy, compressor });
  };
  it.each([
    ["mixed precision", { precision: "f16" }, f16, synchronous, /^precision f16 .* compressor f16 does not keep/],
    ["more bytes than without", {}, { ...f16, bytes: () => 1e9 }, synchronous, /^compressor f16: bytes\(\d+\) must be/],
    [
      "pieces of the vector",
      {},
      f16,
      (options, run) => ({ ...localSgd(options, run), exchange: () => [{ offset: 0, length: 4 }] }),
      /^compressor f16 keeps a residual .* strategy local-sgd exchanges pieces/,
    ],
  ] as [string, TrainingOptions, Compressor, StrategyFactory, RegExp][])(
    "%s",
    (_, config, compressor, strategy, why) => {
      expect(refused(config, compressor, strategy)).toThrow(why);
    },
  );

  it("a pipeline, and what is refused before there are data", async () => {
    await expect(checkStrategy({ compress: "f16", precision: "f32" }, true)).rejects.toThrow(
      "a pipeline sends no contributions: leave compress f16 out",
    );
    await expect(checkStrategy({ compress: "f16", precision: "f16" })).rejects.toThrow(
      /^precision f16 .* compressor f16/,
    );
    await expect(checkStrategy({ compress: "f61", precision: "f32" })).rejects.toThrow('did you mean "f16"?');
  });
});
