import { readdirSync, readlinkSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { DEFAULT_TIMES } from "../../src/cluster/times.js";
import { RunMemory } from "../../src/distributed/run-memory.js";
import { programOf, type RunTask } from "../../src/distributed/task.js";
import { synchronous } from "../../src/strategies/synchronous.js";
import { layOut, openShared } from "../../src/tensors/shared-dataset.js";
import { config, dataset, ROUNDS } from "../simulation/small-training.js";

const named = { ...dataset, name: "small", source: "a seed" };

function taskOf(pipeline: boolean): RunTask {
  const workers = pipeline ? 1 : 2;
  return {
    config,
    steps: ROUNDS,
    workers,
    pipeline,
    dataset: layOut(named),
    times: DEFAULT_TIMES,
    transport: "host",
    faultSteps: [],
    tune: false,
  };
}

/** The file descriptors of shared memory in this process. Only Linux lists them. */
const descriptors = (): string[] =>
  readdirSync("/proc/self/fd").filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).startsWith("/memfd:dawnpour");
    } catch {
      // This is the descriptor that read the folder.
      return false;
    }
  });

describe("RunMemory", () => {
  for (const pipeline of [false, true]) {
    it(`holds tensor store and data set${pipeline ? ", and a pipeline's activation buffers" : ""}`, () => {
      const task = taskOf(pipeline);
      const memory = new RunMemory(task, programOf(task, { strategy: synchronous }), named);
      expect(memory.all).toHaveLength(pipeline ? 4 : 3);
      expect(openShared(task.dataset, memory.all[1].buffer)).toMatchObject(dataset);
      memory.tensors.slot(0).fill(1);
      memory.close();
    });
  }

  it.runIf(process.platform === "linux")("leaves nothing behind when the system refuses a part of it", () => {
    const task = taskOf(false);
    const refused = { ...task, dataset: { ...task.dataset, bytes: Number.MAX_SAFE_INTEGER } };
    const before = descriptors();
    expect(() => new RunMemory(refused, programOf(task, { strategy: synchronous }), named)).toThrow("shared memory");
    expect(descriptors()).toEqual(before);
  });
});
