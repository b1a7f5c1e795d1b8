import { describe, expect, it } from "vitest";
import { DEFAULT_TIMES } from "../../src/cluster/times.js";
import { assign } from "../../src/distributed/assignment.js";
import type { RunTask } from "../../src/distributed/task.js";
import { COORDINATOR, workerName } from "../../src/placement/names.js";
import type { WorkerPlace } from "../../src/placement/placement.js";
import { layOut } from "../../src/tensors/shared-dataset.js";
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
  const common = {
    config,
    steps: ROUNDS,
    workers: 1,
    pipeline: false,
    tune: true,
    times: DEFAULT_TIMES,
    transport: "host",
  };
  return { ...common, dataset: named, faultSteps: [], ...options };
}

describe("assignment", () => {
  it.each([true, false])("has every node with a device use what was tuned before, or not (%s)", (tune) => {
    for (const pipeline of [true, false]) {
      const assignment = assign(run({ pipeline, tune }), placesOn("a", "b"));
      const tasks = assignment.computing.map((node) => assignment.task(node));
      expect(tasks).toHaveLength(pipeline ? 3 : 2);
      for (const task of tasks) expect(task).toMatchObject({ tuned: tune, open: { device: "webgpu" } });
    }
  });

  it("gives each node the environment of its device, and the coordinator none", () => {
    const assignment = assign(run({}), placesOn("a", "b"));
    expect([0, 1].map((i) => assignment.environment(workerName(i)))).toEqual([{ ONLY: "a" }, { ONLY: "b" }]);
    expect(assignment.environment(COORDINATOR)).toBeUndefined();
    expect(assignment.task(COORDINATOR).kind).toBe("coordinator");
  });
});
