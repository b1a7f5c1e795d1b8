/** The bytes of exchanges: a part that goes on from what it has receives nothing. */
import { expect, it } from "vitest";
import { downpour } from "../../../src/strategies/downpour.js";
import { payloadOf } from "../../../src/strategies/rounds/payload.js";
import { RUN } from "../quadratic.js";

it("counts bytes to the parts only for rounds in which they read", () => {
  const { length } = RUN;
  const rare = payloadOf(downpour({ push: 1, fetch: 10 }, RUN), length, 20);
  const always = payloadOf(downpour({ push: 1, fetch: 1 }, RUN), length, 20);
  expect(rare.up).toBe(always.up);
  expect(always.down).toBe(always.up);
  expect(rare.down).toBeCloseTo(always.down / 10, 10);
});
