import { describe, expect, it } from "vitest";
import type { Assignment } from "../../src/distributed/assignment.js";
import { targetIn } from "../../src/distributed/run-faults.js";
import { parseFaults } from "../../src/faults/parse-faults.js";

const FAULTS = [
  "kill worker-1 at 1s",
  "hang worker-2 for 1s at 1s",
  "kill coordinator at 1s",
  "lose device-1 at 1s",
  "flip a gradient bit of worker-2 at 1s",
  "spoil a gradient at 1s",
  "fail disk at checkpoint 1",
];

function targets(assignment: Pick<Assignment, "workers" | "extras" | "computing">): string[] {
  const all = { devices: [], task: () => ({ kind: "none" }) as never, environment: () => undefined, ...assignment };
  return parseFaults(FAULTS.join("; "), { workers: 3 }).map((fault) => targetIn(all, fault));
}

describe("the target of a fault", () => {
  it("is a worker, or its device", () => {
    const computing = ["worker-0", "worker-1", "worker-2"];
    expect(targets({ workers: 3, extras: [], computing })).toEqual([
      "worker-1",
      "worker-2",
      "coordinator",
      "device-1",
      "worker-2",
      "gradient",
      "disk",
    ]);
  });

  it("is a stage in a pipeline, and the head where gradients are told of", () => {
    const stages = ["stage-encoder", "stage-bottleneck", "stage-decoder"];
    expect(targets({ workers: 1, extras: stages, computing: stages })).toEqual([
      "stage-bottleneck",
      "stage-decoder",
      "coordinator",
      "stage-bottleneck",
      "worker-0",
      "gradient",
      "disk",
    ]);
  });
});
