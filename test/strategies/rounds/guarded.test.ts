/** An error in the code of a strategy names the strategy. The loss of a device is not such an error. */
import { expect, it } from "vitest";
import { DeviceLostError } from "../../../src/device/device.js";
import { UsageError } from "../../../src/error.js";
import { makeStrategy } from "../../../src/strategies/registry.js";
import { guarded, StrategyError } from "../../../src/strategies/rounds/guarded.js";
import type { Strategy } from "../../../src/strategies/strategy.js";
import { strategyRun } from "../../../src/strategies/strategy-run.js";
import { synchronous } from "../../../src/strategies/synchronous.js";
import { AutoencoderWorkload } from "../../../src/workload/autoencoder.js";
import { config, IMAGES, model, ROUNDS } from "../../simulation/small-training.js";

const workload = new AutoencoderWorkload({ model, config, steps: ROUNDS });
const run = strategyRun(workload, { ...config, images: IMAGES, steps: ROUNDS, rate: () => 0.01 });
const base = synchronous({}, run);

const failing = (error: unknown): Strategy =>
  guarded({
    ...base,
    name: "mine",
    rows: () => {
      throw error;
    },
    contribute: async () => {
      throw error;
    },
  });

it("names the strategy, the method, the message and the place, and has the cause", async () => {
  const cause = new TypeError("x is\nundefined");
  const mine = failing(cause);
  const message = /^strategy mine failed in contribute: x is undefined \(guarded\.test\.ts:\d+:\d+\)$/;
  const failure = await mine.contribute(undefined as never, undefined as never).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(StrategyError);
  expect(failure).toMatchObject({ message: expect.stringMatching(message), cause });
  expect(() => mine.rows(0, 0)).toThrow(/^strategy mine failed in rows: x is undefined/);
});

it("what is no error is told too, and a wrong use of a learner without a place", async () => {
  expect(() => failing("a word").rows(0, 0)).toThrow(/^strategy mine failed in rows: a word$/);
  expect(() => failing(new UsageError("3 rows")).rows(0, 0)).toThrow(/^strategy mine failed in rows: 3 rows$/);
});

it("a lost device stays one", async () => {
  const lost = new DeviceLostError("gone");
  await expect(failing(lost).contribute(undefined as never, undefined as never)).rejects.toBe(lost);
});

it("keeps what `this` is", () => {
  class Mine {
    readonly #steps = 3;
    readonly strategy = { ...base, advance: () => ({ steps: this.#steps, samples: 1 }) };
  }
  expect(guarded(new Mine().strategy).advance(0)).toEqual({ steps: 3, samples: 1 });
  const own = {
    ...base,
    length: 7,
    advance(this: { length: number }) {
      return { steps: this.length, samples: 1 };
    },
  };
  expect(guarded(own as Strategy).advance(0).steps).toBe(7);
});

it("a factory that fails, or an advance, names the strategy", () => {
  const broken = () => {
    throw new TypeError("nothing there");
  };
  expect(() => makeStrategy(broken, { module: "file:///mine.js" }, run)).toThrow(
    /^strategy of file:\/\/\/mine.js failed: nothing there \(guarded.test.ts/,
  );
  expect(() => makeStrategy(() => ({ ...base, name: "mine", advance: broken }), "synchronous", run)).toThrow(
    /^strategy mine failed in advance: nothing there/,
  );
});
