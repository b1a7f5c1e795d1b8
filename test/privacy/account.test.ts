/** The accountants against published values, and against maintained accountants. */
import { describe, expect, it } from "vitest";
import { noiseFor, privacySpent } from "../../src/privacy/account.js";
import { selfConvolved } from "../../src/privacy/fourier.js";
import { epsilonByLossDistribution } from "../../src/privacy/loss-distribution.js";
import { normalCdf } from "../../src/privacy/normal.js";
import { epsilonByOldConversion, epsilonByRenyi, renyiCurve } from "../../src/privacy/renyi.js";

const RATE = 256 / 60000;

/** Noise, epochs and the epsilon that was published, at q = 256 / 60000 and delta 1e-5, by the old conversion. */
const PUBLISHED = [
  [0.7, 45, 7.1],
  [1.1, 60, 3.01],
  [1.3, 15, 1.19],
  [1.12, 60, 2.92],
  [0.6, 30, 9.74],
  [1.2, 10, 1.2],
] as const;

/**
 * Noise, rate, steps, delta; then the epsilon of dp-accounting 0.6.0 (`RdpAccountant`, and `PLDAccountant` with
 * value_discretization_interval 1e-4), and the estimate of prv-accountant 0.2.0 (eps_error 0.01), for
 * `SelfComposedDpEvent(PoissonSampledDpEvent(rate, GaussianDpEvent(noise)), steps)`.
 */
const MAINTAINED = [
  [0.7, RATE, 10547, 1e-5, 6.319748, 5.639716, 5.639684],
  [1.1, RATE, 14062, 1e-5, 2.596556, 2.381686, 2.3816],
  [1.3, RATE, 3516, 1e-5, 0.954564, 0.864589, 0.864546],
  [1.12, RATE, 14062, 1e-5, 2.51859, 2.310185, 2.310097],
  [0.6, RATE, 7031, 1e-5, 8.776576, 7.690027, 7.690011],
  [1.2, RATE, 2344, 1e-5, 0.93176, 0.792465, 0.792437],
  [2, 0.01, 1000, 1e-6, 0.782796, 0.720936, 0.720924],
  [4, 0.1, 500, 1e-5, 2.548837, 2.340723, 2.340722],
  [1, 1, 10, 1e-5, 19.053598, 17.856587, 17.856587],
  [0.5, 0.001, 10000, 1e-7, 8.710944, 7.444505, 7.444487],
  [10, 0.5, 200, 1e-5, 3.219205, 2.967774, 2.967775],
] as const;

const ONE_PERCENT = 0.01;
const apart = (a: number, b: number): number => Math.abs(a / b - 1);

describe("the accountant of Renyi differential privacy", () => {
  it.each(PUBLISHED)("noise %s, %s epochs: published epsilon %s", (noise, epochs, published) => {
    const curve = renyiCurve({ noise, rate: RATE, steps: Math.round(epochs / RATE) });
    expect(apart(epsilonByOldConversion(curve, 1e-5), published)).toBeLessThan(ONE_PERCENT);
  });

  it.each(MAINTAINED)(
    "noise %s, rate %s, %s steps, delta %s: dp-accounting's %s",
    (noise, rate, steps, delta, renyi) => {
      expect(apart(epsilonByRenyi(renyiCurve({ noise, rate, steps }), delta), renyi)).toBeLessThan(0.001);
    },
  );
});

describe("the accountant by the loss distribution", () => {
  it.each(MAINTAINED)("noise %s, rate %s, %s steps, delta %s: an upper bound, within a percent", (...of) => {
    const [noise, rate, steps, delta, , pld, prv] = of;
    const epsilon = epsilonByLossDistribution({ noise, rate, steps }, delta);
    expect(epsilon).toBeGreaterThan(Math.max(pld, prv) * 0.9999);
    expect(apart(epsilon, pld)).toBeLessThan(ONE_PERCENT);
  });

  it("agrees with the exact delta of one Gaussian mechanism (Balle & Wang 2018, theorem 8)", () => {
    const epsilon = epsilonByLossDistribution({ noise: 2, rate: 1, steps: 1 }, 1e-3);
    const delta = normalCdf(0.25 - 2 * epsilon) - Math.exp(epsilon) * normalCdf(-0.25 - 2 * epsilon);
    // An epsilon that is half a percent too high has a delta that is some percent too low.
    expect(apart(delta, 1e-3)).toBeLessThan(0.08);
    expect(delta).toBeLessThan(1e-3);
  });
});

describe("noiseFor", () => {
  it("finds the least noise for an epsilon", () => {
    const epsilon = 2;
    const run = { rate: 0.01, steps: 400 };
    const noise = noiseFor(run, { epsilon, delta: 1e-5 });
    expect(privacySpent({ ...run, noise }, 1e-5).lossDistribution).toBeLessThanOrEqual(epsilon);
    expect(privacySpent({ ...run, noise: noise - 0.004 }, 1e-5).lossDistribution).toBeGreaterThan(epsilon);
  });

  it("refuses a budget that no noise keeps", () => {
    expect(() => noiseFor({ rate: 1, steps: 1e8 }, { epsilon: 0.01, delta: 1e-5 })).toThrow(
      /^epsilon 0.01 at delta 0.00001 needs more than a noise of 1000: take fewer steps/,
    );
  });
});

describe("the arithmetic below", () => {
  it("has the normal distribution", () => {
    expect(normalCdf(0)).toBeCloseTo(0.5, 14);
    expect(normalCdf(1.959963984540054)).toBeCloseTo(0.975, 13);
    expect(apart(normalCdf(-8), 6.220960574271785e-16)).toBeLessThan(1e-7);
    expect([normalCdf(-40), normalCdf(40)]).toEqual([0, 1]);
  });

  it("adds up independent draws, as a sum written out does", () => {
    const coin = Float64Array.of(0.25, 0.75, 0, 0, 0, 0, 0, 0);
    const [none, one, two, three] = selfConvolved(coin, 3);
    for (const [got, wanted] of [
      [none, 0.25 ** 3],
      [one, 3 * 0.75 * 0.25 ** 2],
      [two, 3 * 0.75 ** 2 * 0.25],
      [three, 0.75 ** 3],
    ])
      expect(got).toBeCloseTo(wanted, 14);
  });
});
