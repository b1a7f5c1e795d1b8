/** Every tile computes the same product, whichever the planner would choose here. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Device } from "../../../src/device/device.js";
import { type GemmPlan, gemmTiles, planGemm } from "../../../src/device/webgpu/gemm-tile.js";
import type { Target } from "../../../src/device/webgpu/kernel.js";
import { expectAgreement } from "../../support/agreement.js";
import { normal, Scenario } from "../../support/scenario.js";
import { openAdapter } from "./support.js";

let device: Device;
let plan: GemmPlan;
/** As the device sees it; known after its first gemm was planned. */
let target: Target;

beforeAll(async () => {
  device = await openAdapter({
    planGemm: (shape, seen) => {
      target = seen;
      return plan ?? planGemm(shape, seen);
    },
  });
  await device.compile(products("first").program);
});
afterAll(() => device.destroy());

function products(name: string): Scenario {
  const scenario = new Scenario(name);
  for (const { m, n, k } of [
    { m: 13, n: 37, k: 71 },
    { m: 36, n: 20, k: 96 },
  ]) {
    const out = scenario.f32(`out ${m}`, [m, n], normal);
    const bias = scenario.f32(`bias ${m}`, [1, n], normal);
    for (const transposeA of [false, true]) {
      for (const transposeB of [false, true]) {
        const a = scenario.f32(`a ${m} ${transposeA} ${transposeB}`, transposeA ? [k, m] : [m, k], normal);
        const b = scenario.f32(`b ${m} ${transposeA} ${transposeB}`, transposeB ? [n, k] : [k, n], normal);
        scenario.builder.gemm({ a, b, transposeA, transposeB, accumulate: true, bias, activation: "tanh", out });
      }
    }
  }
  return scenario;
}

describe("gemm", () => {
  it("of every tile, with K whole and in parts, agrees with the reference", async () => {
    const tiles = gemmTiles(target);
    expect(tiles.length).toBeGreaterThan(3);
    for (const tile of tiles) {
      for (const parts of [1, 3]) {
        plan = { tile, parts };
        await expectAgreement(device, products(JSON.stringify(plan)));
      }
    }
  });
});
