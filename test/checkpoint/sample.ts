/** Small checkpoints for tests. Every number in them is computed from the step and a variant. */
import type { Checkpoint } from "../../src/checkpoint/checkpoint.js";
import type { StoredCheckpoint } from "../../src/checkpoint/read.js";

export function sample(step: number, variant = 0): Checkpoint {
  const value = step * 1000 + variant;
  return {
    step,
    epoch: step / 10,
    seeds: { run: 1, variant },
    configuration: { layers: [3, 2], optimizer: { name: "adam", lr: 1e-3 }, clip: null },
    architecture: "3-2-3",
    parameters: [
      { name: "encoder.0.weight", dtype: "F32", shape: [3, 2], data: new Float32Array(6).fill(value) },
      { name: "encoder.0.bias", dtype: "F32", shape: [2], data: new Float32Array(2).fill(-value) },
    ],
    optimizer: [
      { name: "first.encoder.0.weight", dtype: "F32", shape: [3, 2], data: new Float32Array(6).fill(value / 7) },
    ],
  };
}

/** The saved part of a checkpoint that was read. */
export function saved(stored: StoredCheckpoint | undefined): Checkpoint | undefined {
  if (!stored) {
    return undefined;
  }
  const { path: _path, manifest: _manifest, skipped: _skipped, ...checkpoint } = stored;
  return checkpoint;
}
