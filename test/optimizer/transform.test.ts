/** Chains of optimizers: formulas beside the library's kernels, and each part by hand. */
import { describe, expect, it } from "vitest";
import { openReferenceDevice } from "../../src/device/reference/reference-device.js";
import { chainOps, chainRate, observeLoss, stepScalars } from "../../src/optimizer/chain-ops.js";
import * as optimizers from "../../src/optimizer/optimizers.js";
import * as schedules from "../../src/optimizer/rates.js";
import { ProgramBuilder } from "../../src/program/program.js";

const { chain, clipByNorm, clipByValue, custom, lamb, lion, schedule, weightDecay } = optimizers;

/** Two tensors of 3 elements; what is between them is never touched. */
const TENSORS = [
  { offset: 0, length: 3 },
  { offset: 128, length: 3 },
];
const LENGTH = 192;
const START = [0.5, -1, 2];

/** The parameters, tensor by tensor, after some steps by gradients that depend on them: g = p + step. */
async function updated(optimizer: optimizers.Optimizer, steps: number, total = 10): Promise<number[]> {
  const builder = new ProgramBuilder("optimizer");
  const [parameters, gradients] = ["p", "g"].map((name) => builder.buffer(name, "f32", [LENGTH]));
  const step = builder.buffer("step", "f32", [1]);
  builder.map({ expression: ["add", "p", "step"], inputs: { p: parameters, step }, out: gradients });
  chainOps(builder, optimizer, { parameters, gradients, tensors: TENSORS });
  const executable = await openReferenceDevice().compile(builder.build());
  const start = new Float64Array(LENGTH);
  for (const { offset } of TENSORS) start.set(START, offset);
  executable.buffer("p").writeExact(start);
  for (let at = 0; at < steps; at++) {
    executable.buffer("step").writeExact(Float64Array.of(at));
    for (const [name, values] of Object.entries(stepScalars(optimizer, { step: at, total }))) {
      executable.buffer(name).writeExact(Float64Array.from(values));
    }
    executable.run();
  }
  const found = [...executable.buffer("p").readExact()];
  const isTensor = (i: number) => TENSORS.some(({ offset, length }) => i >= offset && i < offset + length);
  expect(found.filter((value, i) => value !== 0 && !isTensor(i))).toEqual([]);
  return found.filter((_, i) => isTensor(i));
}

const close = (found: readonly number[], expected: readonly number[]) => {
  expect(found).toHaveLength(expected.length);
  for (const [i, value] of found.entries()) expect(value).toBeCloseTo(expected[i], 6);
};

const twice = (of: readonly number[]): number[] => [...of, ...of];

describe("a formula of one's own", () => {
  it("is gradient descent in one line", async () => {
    const mine = custom({ update: { p: ["sub", "p", ["mul", "r", "g"]] } }, 0.1);
    close(await updated(mine, 3), await updated(optimizers.sgd({ learningRate: 0.1 }), 3));
  });

  it("is Adam in four", async () => {
    const correct = (beta: number) => ["sub", 1, ["exp", ["mul", "t", Math.log(beta)]]] as const;
    const mine = custom(
      {
        state: ["m", "v"],
        update: {
          m: ["add", ["mul", 0.9, "m"], ["mul", 0.1, "g"]],
          v: ["add", ["mul", 0.99, "v"], ["mul", 0.01, ["mul", "g", "g"]]],
          p: [
            "sub",
            "p",
            ["div", ["mul", "r", ["div", "m", correct(0.9)]], ["add", ["sqrt", ["div", "v", correct(0.99)]], 1e-8]],
          ],
        },
      },
      0.05,
    );
    close(await updated(mine, 4), await updated(optimizers.adam({ learningRate: 0.05, beta2: 0.99 }), 4));
  });

  it.each<readonly [string, optimizers.Transform, string]>([
    ["to nothing", { update: { q: "p" } }, 'optimizer: an assignment is to "q", which is none of p, g'],
    ["of a norm of nothing", { norms: { n: { of: "q" } }, update: { p: "n" } }, 'optimizer: norm n is of "q"'],
    ["with state named p", { state: ["p"], update: {} }, 'optimizer: "p" has a meaning already'],
  ])("%s is refused", async (_, transform, sentence) => {
    await expect(updated(custom(transform), 1)).rejects.toThrow(sentence);
  });
});

describe("each part", () => {
  const descent = optimizers.sgd({ learningRate: 1 });

  it("clipByNorm: by the norm of all", async () => {
    const norm = Math.sqrt(2 * (0.25 + 1 + 4));
    close(await updated(chain(clipByNorm(1), descent), 1), twice(START.map((p) => p - p / norm)));
    close(await updated(chain(clipByNorm(100), descent), 1), twice([0, 0, 0]));
  });

  it("clipByValue", async () => {
    close(await updated(chain(clipByValue(0.75), descent), 1), twice([0, -0.25, 1.25]));
  });

  it("weightDecay, behind clipping", async () => {
    close(await updated(chain(clipByValue(0.5), weightDecay(0.1), descent), 1), twice([-0.05, -0.4, 1.3]));
  });

  it("schedule: any function of the step", async () => {
    const halves = schedule(({ step }) => 0.5 ** step);
    const [first] = await updated(chain(halves, optimizers.sgd({ learningRate: 0.1 })), 2);
    const p = 0.5 - 0.1 * 0.5;
    expect(first).toBeCloseTo(p - 0.05 * (p + 1), 6);
    expect(chainRate(chain(halves, optimizers.sgd({ learningRate: 0.1 })), { step: 2, total: 9 })).toBeCloseTo(0.025);
  });

  it("lion: the sign of an average", async () => {
    // g = p, then m = 0.01 g, and g = p + 1.
    const rate = 0.1;
    const first = START.map((p) => p - rate * Math.sign(p));
    const second = first.map((p, i) => p - rate * Math.sign(0.9 * 0.01 * START[i] + 0.1 * (p + 1)));
    close(await updated(lion({ learningRate: rate }), 2), twice(second));
  });

  it("lamb: a step as long as the tensor, times the rate", async () => {
    const found = await updated(lamb({ learningRate: 0.1 }), 1);
    const length = Math.sqrt(START.reduce((sum, p) => sum + p * p, 0));
    const moved = START.map((p, i) => p - found[i]);
    expect(Math.sqrt(moved.reduce((sum, d) => sum + d * d, 0))).toBeCloseTo(0.1 * length, 5);
    expect(moved.map(Math.sign)).toEqual(START.map(Math.sign));
  });

  it.each([clipByNorm, clipByValue])("%o refuses a bound of 0", (clip) => {
    expect(() => clip(0)).toThrow("the bound must be above 0, got 0");
  });
});

describe("schedules", () => {
  const at = (rate: schedules.RateFactor, steps: readonly number[]) => steps.map((step) => rate({ step, total: 100 }));

  it("follow their formulas", () => {
    close(at(schedules.polynomial({ power: 2, floor: 0.2 }), [0, 50, 100, 200]), [1, 0.4, 0.2, 0.2]);
    close(at(schedules.oneCycle({ rise: 0.5, start: 0.1, end: 0 }), [0, 99]), [0.1, 0]);
    expect(
      Math.max(
        ...at(
          schedules.oneCycle(),
          Array.from({ length: 100 }, (_, i) => i),
        ),
      ),
    ).toBeGreaterThan(0.99);
    close(at(schedules.cosine(), [0, 50, 100]), [1, 0.5, 0]);
    close(at(schedules.linear({ warmup: 1, floor: 0.5 }), [0, 1, 100]), [0.5, 1, 0.5]);
    close(at(schedules.step({ every: 10 }), [9, 10, 25]), [1, 0.5, 0.25]);
    close(at(schedules.constant(), [0, 99]), [1, 1]);
  });

  it("plateau goes by the losses of evaluations", () => {
    const rate = schedules.plateau({ factor: 0.1, patience: 2 });
    const chained = chain(schedule(rate), optimizers.sgd({ learningRate: 1 }));
    const found = [3, 2, 2.5, 2.5, 1, 4].map((loss, i) => {
      observeLoss(chained, loss);
      return chainRate(chained, { step: i + 1, total: 7 });
    });
    close(found, [1, 1, 1, 0.1, 0.1, 0.1]);
    close([chainRate(chained, { step: 0, total: 7 })], [1]);
  });

  it("that give no number are refused", () => {
    const optimizer = chain(
      schedule(() => Number.NaN),
      optimizers.sgd(),
    );
    expect(() => stepScalars(optimizer, { step: 3, total: 9 })).toThrow("a schedule gives the factor NaN at step 3");
  });
});

it.each<readonly [string, () => unknown, string]>([
  ["a rule", () => optimizers.adam({ lr: 1 } as object), 'optimizers.adam: unknown key "lr"'],
  ["a rule that has others", () => optimizers.momentum({ beta1: 0.5 }), 'optimizers.momentum: unknown key "beta1"'],
  ["lion", () => lion({ learningrate: 1 } as object), 'did you mean "learningRate"?'],
  ["lamb", () => lamb({ beta: 1 } as object), 'optimizers.lamb: unknown key "beta"'],
  ["a schedule", () => schedules.cosine({ flor: 1 } as object), 'schedules.cosine: unknown key "flor"'],
  ["oneCycle", () => schedules.oneCycle({ ris: 1 } as object), 'did you mean "rise"?'],
  ["plateau", () => schedules.plateau({ patiance: 1 } as object), 'did you mean "patience"?'],
  [
    "a chain of what is no optimizer",
    () => chain(optimizers.adam as never),
    "chain: an optimizer is what optimizers.adam()",
  ],
])("an option of %s that does not exist is refused", (_, make, sentence) => {
  expect(make).toThrow(sentence);
});
