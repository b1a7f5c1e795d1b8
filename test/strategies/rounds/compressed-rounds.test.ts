/** Contributions that are sent encoded: what an encoding loses is added later, and nothing else of a run changes. */
import { describe, expect, it } from "vitest";
import type { Compressor, CompressorFactory } from "../../../src/collective/compress/compressor.js";
import { compressors } from "../../../src/collective/compress/compressors.js";
import { checkStrategy } from "../../../src/distributed/check-strategy.js";
import { programOf, type RunTask } from "../../../src/distributed/task.js";
import { localSgd } from "../../../src/strategies/local-sgd.js";
import { checkedCompressor, makeCompressor } from "../../../src/strategies/rounds/checked-compressor.js";
import { CompressedRounds } from "../../../src/strategies/rounds/compressed-rounds.js";
import { GradientRounds } from "../../../src/strategies/rounds/gradient-rounds.js";
import { StrategyError } from "../../../src/strategies/rounds/guarded.js";
import type { StrategyFactory } from "../../../src/strategies/strategy.js";
import { synchronous } from "../../../src/strategies/synchronous.js";
import { parseConfig, type TrainingOptions } from "../../../src/training/config/config.js";
import { modelFromConfig } from "../../../src/training/from-config.js";
import { Random } from "../../../src/world/random.js";
import { exchanged } from "../exchanged.js";
import { halves } from "../halves.js";

const LENGTH = 64;
/** The last elements are a gap. */
const USED = 60;
const PARTS = 3;
const RUN = { length: LENGTH, tensors: [{ name: "w", rows: 6, columns: 10, offset: 0 }], parts: PARTS, seed: 4 };
const f16 = compressors.get("f16").make({}, RUN) as Compressor;

const random = (round: number, part: number): Float32Array => {
  const numbers = new Random(round, part);
  return Float32Array.from({ length: LENGTH }, (_, i) => (i < USED ? numbers.between(-1, 1) / 1000 : 0));
};

const exchange = (compressor: Compressor, rounds: number, contribution = random) =>
  exchanged(
    { compressor: checkedCompressor(compressor, LENGTH), length: LENGTH, parts: PARTS, used: USED },
    rounds,
    contribution,
  );

it("gives each part a residual, which begins as zeros", () => {
  const config = parseConfig({ layers: [6, 5, 2], batch: 8, steps: 4, parts: PARTS });
  const plain = new GradientRounds({ model: modelFromConfig(config, 6), config, steps: 4 });
  const program = new CompressedRounds(plain, checkedCompressor(f16, plain.length), () => undefined);
  const residuals = [0, 1, 2].map((part) => `state.part${part}.f16.residual`);
  expect(program.names).toEqual([...plain.names, ...residuals]);
  expect([program.vectors, program.local, program.leases]).toEqual([plain.vectors + PARTS, 1, false]);
  const { vectors } = program.initialState();
  expect(vectors.slice(-PARTS)).toEqual(Array.from({ length: PARTS }, () => new Float32Array(program.length)));
});

it("loses nothing in the end: all that was added and the residuals are all that was contributed", async () => {
  const { added, contributed, locals, bytes } = await exchange(f16, 50);
  expect(bytes).toBe(50 * PARTS * 2 * LENGTH);
  const residual = locals.map(([vector]) => vector);
  for (let i = 0; i < LENGTH; i++) {
    expect(added[i] + residual.reduce((sum, vector) => sum + vector[i], 0)).toBeCloseTo(contributed[i], 6);
  }
  expect(residual.some((vector) => vector.some((value) => value !== 0))).toBe(true);
});

it("of parameters, encodes how far they are from the global ones", async () => {
  const parameters = Float32Array.from({ length: LENGTH }, (_, i) => (i < USED ? 1 + i / 8 : 0));
  const topk = compressors.get("topk").make({ share: 0.05 }, RUN) as Compressor;
  const about = { compressor: checkedCompressor(topk, LENGTH), length: LENGTH, parts: PARTS, used: USED, parameters };
  const same = await exchanged(about, 2, () => parameters);
  // Nothing is far from them: what is sent is the number of elements, 0.
  expect([same.bytes, [...same.added]]).toEqual([2 * PARTS * 4, [...parameters].map((value) => 2 * PARTS * value)]);
  const moved = await exchanged(about, 2, (round, part) =>
    parameters.map((value, i) => value + random(round, part)[i]),
  );
  const residuals = moved.locals.map(([vector]) => vector);
  for (let i = 0; i < LENGTH; i++) {
    const all = residuals.reduce((sum, vector) => sum + vector[i], moved.added[i]);
    expect(all).toBeCloseTo(moved.contributed[i] + 2 * PARTS * parameters[i], 4);
  }
  expect(Math.max(...residuals.flatMap((vector) => [...vector].map(Math.abs)))).toBeLessThan(0.003);
});

it("has vectors of each part and of all, and as many exchanges as the compressor asks for", async () => {
  const { rounds, added, contributed, locals, global, losses } = await exchange(halves, 3);
  expect(rounds.names.slice(1)).toEqual([
    "state.test/halves.seen",
    ...[0, 1, 2].flatMap((part) => [`state.part${part}.test/halves.count`, `state.part${part}.test/halves.residual`]),
  ]);
  expect([rounds.exchanges, rounds.stepAt(4), rounds.stepAt(5), rounds.elements(0)]).toEqual([2, 2, 2, LENGTH / 2]);
  expect(rounds.initialState().vectors[1].slice(0, 3)).toEqual(Float32Array.of(1, 1, 0));
  // The odd elements arrive, doubled by `prepare`. The even ones are still in the residuals.
  for (let i = 0; i < USED; i++) {
    const residual = locals.reduce((sum, [, vector]) => sum + vector[i], 0);
    expect(added[i]).toBeCloseTo(i % 2 === 1 ? 2 * contributed[i] : 0, 6);
    expect(residual).toBeCloseTo(i % 2 === 1 ? 0 : 2 * contributed[i], 6);
    if (i % 2 === 0) expect(global[0][i]).toBeCloseTo(2 * contributed[i], 6);
  }
  expect(locals.map(([count]) => count[0])).toEqual([3, 3, 3]);
  expect(losses).toEqual([true, false, true, false, true, false]);
});

it("adds nothing in gaps, whatever the compressor makes of their zeros", async () => {
  const ones: Compressor = { ...f16, name: "ones", decode: (_, out) => void out.fill(1) };
  const { added } = await exchange(ones, 1);
  expect([added[0], added[USED - 1], added[USED], added[LENGTH - 1]]).toEqual([PARTS, PARTS, 0, 0]);
});

describe("a mistake in a compressor names it", () => {
  it.each(["prepare", "encode", "decode", "aggregate"] as const)("thrown in %s", async (method) => {
    const wrong = {
      ...f16,
      name: "mine",
      [method]: () => {
        throw new TypeError(`no ${method}\nfor you`);
      },
    };
    const failure = await exchange(wrong, 1).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(StrategyError);
    expect(failure).toMatchObject({
      message: expect.stringMatching(
        new RegExp(
          `^compressor mine failed in ${method}: no ${method} for you \\(compressed-rounds\\.test\\.ts:\\d+:\\d+\\)$`,
        ),
      ),
    });
  });

  it.each([[undefined], [0], [1.5], [2 * LENGTH + 1], [Number.NaN]])("encode that returns %s bytes", async (value) => {
    const wrong = { ...f16, name: "mine", encode: () => value as number };
    await expect(exchange(wrong, 1)).rejects.toThrow(
      `compressor mine: encode, which must return the bytes used, must be a whole number from 1 to ${2 * LENGTH}, got ${value}`,
    );
  });

  it.each([
    [
      { bytes: () => 1e9 },
      /^compressor f16: bytes\(64, 0\), 4 an element at most, must be a whole number from 1 to 256, got 10{9}$/,
    ],
    [{ elements: () => 65, expand: () => undefined }, /^compressor f16: elements\(64, 0\) must be .* to 64, got 65$/],
    [{ name: "a b" }, /^compressor: name must begin with a letter .*, got "a b"$/],
    [{ encode: 7 }, /^compressor: encode must be a function, got 7$/],
    [{ prepare: "x" }, /^compressor: prepare must be a function, got "x"$/],
    [{ phases: 0 }, /^compressor: phases must be a whole number from 1, got 0$/],
    [{ phases: 2 }, /^compressor: expand must be a function: the numbers of the last exchange are no whole vector$/],
    [{ local: "m" }, /^compressor: local must be a list of names, got "m"$/],
    [{ local: ["residual"] }, /^compressor: local must not have "residual"/],
    [{ local: ["m"], global: [{ name: "m" }] }, /^compressor: local and global must have different names, got m, m$/],
  ] as [object, RegExp][])("%j", (wrong, why) => {
    const factory = (() => ({ ...f16, ...wrong })) as CompressorFactory;
    expect(() => makeCompressor(factory, "f16", RUN)).toThrow(why);
  });

  it("a factory that throws, or returns nothing of use", () => {
    const module = { module: "file:///mine.js" };
    const throws: CompressorFactory = () => {
      throw new RangeError("no");
    };
    expect(() => makeCompressor(throws, module, RUN)).toThrow(/^compressor of file:\/\/\/mine.js failed: no \(/);
    const word = (() => "f16") as unknown as CompressorFactory;
    expect(() => makeCompressor(word, module, RUN)).toThrow(/mine.js: it must return an object, got "f16"$/);
  });
});

describe("an impossible request is refused, with the reason", () => {
  const refused = (config: TrainingOptions, factory: StrategyFactory) => {
    const whole = parseConfig({ layers: [6, 5, 2], batch: 8, steps: 4, parts: PARTS, compress: "f16", ...config });
    const split = { type: "f32", offset: 0, count: 16, features: 6, scale: 1 } as const;
    const run = { config: whole, steps: 4, pipeline: false, dataset: { train: split, test: split } };
    return () => programOf(run as unknown as RunTask, { strategy: factory, compressor: compressors.get("f16").make });
  };
  it.each([
    ["mixed precision", { precision: "f16" }, synchronous, /^precision f16 .* compressor f16 does not keep/],
    [
      "pieces of the vector",
      {},
      (options, run) => ({ ...localSgd(options, run), exchange: () => [{ offset: 0, length: 4 }] }),
      /^compressor f16 keeps a residual .* strategy local-sgd exchanges pieces/,
    ],
  ] as [string, TrainingOptions, StrategyFactory, RegExp][])("%s", (_, config, strategy, why) => {
    expect(refused(config, strategy)).toThrow(why);
  });

  it("gradients at first and parameters later, for a compressor that is for differences", async () => {
    const strategy = { name: "local-sgd", options: { post: 10 } };
    const topk = checkStrategy({ strategy, compress: "topk", precision: "f32" });
    await expect(topk).rejects.toThrow(
      /^compressor topk is for differences, and strategy local-sgd contributes gradients at/,
    );
    await expect(checkStrategy({ strategy, compress: "f16", precision: "f32" })).resolves.toEqual({ isServed: false });
  });

  it("a pipeline, and what is refused before there are data", async () => {
    await expect(checkStrategy({ compress: "f16", precision: "f32" }, { pipeline: true })).rejects.toThrow(
      "a pipeline sends no contributions: leave compress f16 out",
    );
    await expect(checkStrategy({ compress: "f16", precision: "f16" })).rejects.toThrow(
      /^precision f16 .* compressor f16/,
    );
    const backup = { name: "synchronous", options: { backup: 1 } };
    await expect(checkStrategy({ strategy: backup, compress: "f16", precision: "f32" })).rejects.toThrow(
      "strategy synchronous leaves parts out that come late: leave compress or backup out",
    );
    await expect(checkStrategy({ compress: "f61", precision: "f32" })).rejects.toThrow('did you mean "f16"?');
  });
});
