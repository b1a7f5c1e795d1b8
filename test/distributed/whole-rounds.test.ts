/** The length of a run in whole rounds, where rounds differ, and where they depend on the length of the run. */
import { expect, it } from "vitest";
import type { Choice } from "../../src/choice.js";
import { taskOf } from "../../src/distributed/task.js";
import { inWholeRounds } from "../../src/distributed/whole-rounds.js";
import { roundAt } from "../../src/strategies/rounds/replica.js";
import { planNew } from "../../src/training/plan.js";
import { config, dataset } from "../simulation/small-training.js";

/** @param done steps of the checkpoint that the run goes on from */
async function whole(strategy: Choice, steps: number, done?: number) {
  const asked = { ...config, parts: 2, strategy, steps, schedule: "cosine" as const };
  const plan = planNew(asked, { ...dataset, name: "small", source: "" });
  const checkpoint = done !== undefined && {
    state: { step: done, parameters: new Float32Array(0), optimizer: {} },
    arithmetic: plan.config.arithmetic,
  };
  const begun = { ...plan, ...(checkpoint && { checkpoint }) };
  return inWholeRounds(begun, taskOf(begun, { places: [] }));
}

const local = (options: Record<string, number>): Choice => ({ name: "local-sgd", options });

it("ends with the round that the last step is in, and says how long that one is", async () => {
  const { plan, task, strategy } = await whole(local({ H: 4, post: 5 }), 11);
  expect([plan.steps, plan.config.steps, task.steps]).toEqual([13, 13, 13]);
  expect(plan.remarks.at(-1)).toBe("13 steps instead of 11: a round of local-sgd:H=4,post=5 has 4 steps");
  expect(roundAt(strategy, 13)).toBe(7);
  expect((await whole(local({ H: 4, post: 5 }), 9)).plan.remarks).toEqual([]);
});

it("has the steps that were asked for where the last round ends with the run", async () => {
  const { plan, strategy } = await whole(local({ H: 2, alpha: 0.02 }), 41);
  expect([plan.steps, plan.remarks]).toEqual([41, []]);
  const lengths = Array.from({ length: roundAt(strategy, 41) }, (_, round) => strategy.advance(round).steps);
  expect(lengths.slice(0, -1)).toEqual([...lengths.slice(0, -1)].sort((a, b) => a - b));
  expect(new Set(lengths).size).toBeGreaterThan(2);
});

it("goes on from the end of a round only", async () => {
  expect((await whole(local({ H: 4, post: 5 }), 13, 9)).plan.steps).toBe(13);
  await expect(whole(local({ H: 4, post: 5 }), 13, 10)).rejects.toThrow(
    "cannot resume: in a run of 13 steps no round of local-sgd:H=4,post=5 ends with step 10, where the checkpoint is: resume with the length that the run had",
  );
});
