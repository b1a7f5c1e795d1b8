/** The state that a run must end with. It is computed by the same strategy without actors, one part after the other. */

import { PortableCollective } from "../../src/collective/portable-collective.js";
import { openReferenceDevice } from "../../src/device/reference/reference-device.js";
import type { ReplicaVectors } from "../../src/strategies/rounds/replica.js";
import { applyRounded, dataset, ROUNDS, synchronous } from "./small-training.js";

const known = new Map<number, Promise<ReplicaVectors>>();

/** The state after all rounds. */
export function faultless(parts: number): Promise<ReplicaVectors> {
  const state = known.get(parts) ?? compute(parts);
  known.set(parts, state);
  return state;
}

async function compute(parts: number): Promise<ReplicaVectors> {
  const strategy = synchronous(parts);
  const device = openReferenceDevice();
  const learner = await strategy.open(device, dataset);
  learner.restore(0, strategy.initialState());
  const collective = new PortableCollective();
  const vector = (): Float32Array => new Float32Array(strategy.length);
  for (let round = 0; round < ROUNDS; round++) {
    const gradients = Array.from({ length: parts }, vector);
    for (const [part, out] of gradients.entries()) await learner.contribute(part, out);
    const sum = vector();
    await strategy.combine(collective, gradients, sum);
    await applyRounded(learner, strategy, sum);
  }
  const vectors = Array.from({ length: strategy.vectors }, vector);
  const scalars = await learner.save(vectors);
  device.destroy();
  return { vectors, scalars };
}

/** The first place in which the bits of two states differ. Undefined if the states are the same. */
export function difference(a: ReplicaVectors, b: ReplicaVectors): string | undefined {
  for (const [i, vector] of a.vectors.entries()) {
    const [these, those] = [bits(vector), bits(b.vectors[i])];
    const at = these.findIndex((word, j) => word !== those[j]);
    if (at >= 0) return `element ${at} of vector ${i} is ${vector[at]}, not ${b.vectors[i][at]}`;
  }
  return undefined;
}

const bits = (vector: Float32Array): Uint32Array => new Uint32Array(vector.buffer, vector.byteOffset, vector.length);
