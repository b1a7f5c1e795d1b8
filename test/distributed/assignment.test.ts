import { describe, expect, it } from "vitest";
import { assign } from "../../src/distributed/assignment.js";
import { COORDINATOR, workerName } from "../../src/distributed/names.js";
import type { WorkerPlace } from "../../src/distributed/placement.js";
import { layOut } from "../../src/distributed/shared-dataset.js";
import type { RunTask } from "../../src/distributed/task.js";
import { DEFAULT_TIMES } from "../../src/distributed/times.js";
import { config, dataset, ROUNDS } from "../simulation/small-training.js";

/** A worker on each of `gpus`, which only its own process sees. */
function placesOn(...gpus: readonly string[]): WorkerPlace[] {
  return gpus.map((gpu, i) => ({
    label: `device-${i}`,
    open: { device: "webgpu" },
    environment: { ONLY: gpu },
    describe: `A GPU, ${gpu}`,
  }));
}

function run(options: Partial<RunTask>): RunTask {
  const named = layOut({ ...dataset, name: "small", source: "a seed" });
  const common = { config, steps: ROUNDS, workers: 1, pipeline: false, tune: true, times: DEFAULT_TIMES };
  return { ...common, dataset: named, faultSteps: [], ...options };
}

/** How the nodes of a run tune their devices. */
function tunings(options: Partial<RunTask>, places: readonly WorkerPlace[]): (string | undefined)[] {
  const assignment = assign(run(options), places);
  const tasks = assignment.computing.map((node) => assignment.task(node));
  return tasks.map((task) => ("tuning" in task ? task.tuning : undefined));
}

describe("assignment", () => {
  it("has the first worker on each device tune it", () => {
    expect(tunings({}, placesOn("a", "b", "a", "b", "c"))).toEqual(["race", "race", "known", "known", "race"]);
  });

  it("has the stages of a pipeline use what is known", () => {
    expect(tunings({ pipeline: true }, placesOn("a", "b"))).toEqual(["known", "known", "known"]);
  });

  it("tunes nothing when told not to", () => {
    expect(tunings({ tune: false }, placesOn("a", "b"))).toEqual(["default", "default"]);
    expect(tunings({ tune: false, pipeline: true }, placesOn("a"))).toEqual(["default", "default", "default"]);
  });

  it("gives each node the environment of its device, and the coordinator none", () => {
    const assignment = assign(run({}), placesOn("a", "b"));
    expect([0, 1].map((i) => assignment.environment(workerName(i)))).toEqual([{ ONLY: "a" }, { ONLY: "b" }]);
    expect(assignment.environment(COORDINATOR)).toBeUndefined();
    expect(assignment.task(COORDINATOR).kind).toBe("coordinator");
  });
});
