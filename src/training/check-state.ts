/** Checks that a state to restore is one of this network and this optimizer, before any of it is restored. */
import { nearest, UsageError } from "../error.js";
import type { TrainerState } from "./trainer.js";

/**
 * @param length of the flat vector of parameters
 * @param slots length of each vector of the optimizer
 * @throws UsageError that names what is missing, unknown, or of another length
 */
export function checkState(state: TrainerState, length: number, slots: ReadonlyMap<string, number>): void {
  const { step, parameters, optimizer } = state;
  if (!Number.isSafeInteger(step) || step < 0) {
    throw new UsageError(`restore: step must be a whole number from 0, got ${String(step).slice(0, 40)}`);
  }
  checkVector("parameters", parameters, length);
  for (const [name, expected] of slots) checkVector(`optimizer["${name}"]`, optimizer?.[name], expected);
  const stray = Object.keys(optimizer ?? {}).find((name) => !slots.has(name));
  if (stray !== undefined) {
    const near = nearest(stray, [...slots.keys()]);
    const known = [...slots.keys()].join(", ") || "none";
    throw new UsageError(
      `restore: the optimizer of this trainer keeps no "${stray.slice(0, 40)}": ${near ? `did you mean "${near}"? ` : ""}(it keeps ${known})`,
    );
  }
}

function checkVector(what: string, vector: unknown, length: number): void {
  if (vector instanceof Float32Array && vector.length === length) return;
  const found = vector instanceof Float32Array ? `${vector.length} numbers` : typeof vector;
  throw new UsageError(
    `restore: ${what} must be a Float32Array of ${length} numbers, got ${found}: give a state of this network and optimizer`,
  );
}
