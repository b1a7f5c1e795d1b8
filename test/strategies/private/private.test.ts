/** Private gradient descent: its rows, its noise, and the same bits for any number of workers. */
import { describe, expect, it } from "vitest";
import { PortableCollective } from "../../../src/collective/portable-collective.js";
import { openReferenceDevice } from "../../../src/device/reference/reference-device.js";
import { KeyStream } from "../../../src/privacy/key-stream.js";
import { privateDescent } from "../../../src/strategies/private/private.js";
import { BulkRounds } from "../../../src/strategies/rounds/bulk-rounds.js";
import { strategyRun } from "../../../src/strategies/strategy-run.js";
import { AutoencoderWorkload } from "../../../src/workload/autoencoder.js";
import { applyRounded, BATCH, config, dataset, IMAGES, model } from "../../simulation/small-training.js";

const KEY = Uint8Array.from({ length: 32 }, (_, i) => i);
const PARTS = 4;
const workload = new AutoencoderWorkload({ model, config, steps: 9 });
const facts = { parts: PARTS, batch: BATCH, seed: 0, images: IMAGES, steps: 9, rate: () => 0.1 };
const strategyOf = (key?: Uint8Array, options = {}) =>
  privateDescent(options, strategyRun(workload, { ...facts, key }));

/** The parameters after some rounds, by workers of which each computes every so many parts. */
async function trained(workers: number, key = KEY): Promise<Float32Array> {
  const device = openReferenceDevice();
  const rounds = new BulkRounds(workload, strategyOf(key));
  const replicas = await Promise.all(Array.from({ length: workers }, () => rounds.open(device, dataset)));
  for (const replica of replicas) replica.restore(0, rounds.initialState());
  for (let round = 0; round < 5; round++) {
    const parts = Array.from({ length: PARTS }, () => new Float32Array(rounds.length));
    for (const [part, out] of parts.entries()) await replicas[(part + round) % workers].contribute(part, out);
    const sum = new Float32Array(rounds.length);
    await rounds.combine(new PortableCollective(), parts, sum);
    for (const replica of replicas) await applyRounded(replica, rounds, sum);
  }
  const vectors = rounds.names.map(() => new Float32Array(rounds.length));
  await replicas[0].save(vectors);
  device.destroy();
  return vectors[0];
}

describe("the strategy private", () => {
  it("has the same bits for one worker and for three, and others for another key", async () => {
    const one = await trained(1);
    expect(await trained(3)).toEqual(one);
    expect(
      await trained(
        1,
        KEY.map((byte) => byte ^ 1),
      ),
    ).not.toEqual(one);
  });

  it("deals out the rows that take part: each in one part, and other rows in each round", () => {
    const { rows } = strategyOf(KEY);
    const all = (round: number) =>
      Array.from({ length: PARTS }, (_, part) => [...rows(round, part).rows])
        .flat()
        .sort((a, b) => a - b);
    for (const round of [0, 1, 2]) {
      expect(all(round)).toEqual([...new KeyStream(KEY).sample(round, IMAGES, BATCH / IMAGES)]);
    }
    expect(all(0)).not.toEqual(all(1));
  });

  it("draws nothing without a key", () => {
    expect(() => strategyOf().rows(0, 0)).toThrow(/a private run has a key/);
  });

  it.each([
    [{ noise: 0 }, /^strategy private: noise must be a number from 0.3 to 1000, got 0$/],
    [{ clip: -1 }, /^strategy private: clip must be a number from 0.000001 to 1000000, got -1$/],
    [{ delta: 1 }, /^strategy private: delta must be a number from 1e-12 to 0.1, got 1$/],
    [{ noice: 1 }, /^strategy private: unknown option "noice": did you mean "noise"/],
  ])("%j is refused", (options, message) => {
    expect(() => strategyOf(KEY, options)).toThrow(message);
  });
});

describe("the numbers of a key", () => {
  it("sample each row with its probability, and repeat", () => {
    const sampled = new KeyStream(KEY).sample(3, 100_000, 0.01);
    expect(Math.abs(sampled.length - 1000)).toBeLessThan(5 * Math.sqrt(1000));
    expect(new KeyStream(KEY).sample(3, 100_000, 0.01)).toEqual(sampled);
    expect(new KeyStream(KEY).sample(0, 10, 1)).toHaveLength(10);
  });

  it("are normal: mean, deviation and tails", () => {
    const count = 200_000;
    const draws = new KeyStream(KEY).normals(7, count);
    const mean = draws.reduce((sum, x) => sum + x, 0) / count;
    const square = draws.reduce((sum, x) => sum + x ** 2, 0) / count;
    const beyond2 = draws.filter((x) => Math.abs(x) > 2).length / count;
    expect(Math.abs(mean)).toBeLessThan(5 / Math.sqrt(count));
    expect(Math.abs(square - 1)).toBeLessThan(5 * Math.sqrt(2 / count));
    expect(Math.abs(beyond2 - 0.0455)).toBeLessThan(0.003);
    expect(new KeyStream(KEY).normals(8, 3)).not.toEqual(draws.slice(0, 3));
  });

  it("need 32 bytes", () => {
    expect(() => new KeyStream(new Uint8Array(16))).toThrow("a key for private training has 32 bytes, got 16");
  });
});
