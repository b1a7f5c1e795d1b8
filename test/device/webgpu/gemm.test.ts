/** Every tile computes the right product, not only the one that the planner would choose here. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Device } from "../../../src/device/device.js";
import { type GemmPlan, type GemmTile, gemmTiles, planGemm } from "../../../src/device/webgpu/gemm-tile.js";
import type { Target } from "../../../src/device/webgpu/kernel.js";
import { expectAgreement } from "../../support/agreement.js";
import { FULL } from "../../support/full.js";
import { normal, Scenario } from "../../support/scenario.js";
import { openAdapter } from "./support.js";

let device: Device;
let plan: GemmPlan;
/** As the device sees it; known after its first gemm was planned. */
let target: Target;

beforeAll(async () => {
  device = await openAdapter({
    planGemm: (shape, seen, op) => {
      target = seen;
      return plan ?? planGemm(shape, seen, op);
    },
  });
  await device.compile(products("first").program);
});
afterAll(() => device.destroy());

function products(name: string): Scenario {
  const scenario = new Scenario(name);
  const [m, n, k] = [13, 37, 71];
  // The code of one transpose does not depend on the other, so two products cover all of it.
  for (const transpose of [false, true]) {
    const a = scenario.f32(`a ${transpose}`, transpose ? [k, m] : [m, k], normal);
    const b = scenario.f32(`b ${transpose}`, transpose ? [n, k] : [k, n], normal);
    const out = scenario.f32(`out ${transpose}`, [m, n], normal);
    scenario.builder.gemm({ a, b, transposeA: transpose, transposeB: transpose, accumulate: true, out });
  }
  return scenario;
}

describe("gemm", () => {
  it(`of ${FULL ? "every tile" : "every third tile"}, its K in parts, agrees with the reference`, async () => {
    const all = gemmTiles(target);
    expect(all.length).toBeGreaterThan(3);
    // A software GPU takes seconds to compile. Every third tile still covers each family and each number of parts.
    const tiles = FULL ? all : all.filter((_, i) => i % 3 === 0);
    const families = (of: readonly GemmTile[]): string[] => [...new Set(of.map(({ family }) => family))];
    expect(families(tiles)).toEqual(families(all));
    for (const [i, tile] of tiles.entries()) {
      plan = { tile, parts: (i % 3) + 1 };
      await expectAgreement(device, products(JSON.stringify(plan)));
    }
  });
});
