/**
 * One forward, one backward (1F1B: Narayanan et al. 2019, "PipeDream"; Fan et al. 2021): a stage takes in micro-batches
 * until the first one comes back, and then one for each that it sends back. So it holds at most as many as there are
 * stages from it to the end, whatever their number, and gradients come in the order of the micro-batches.
 *
 * When the forward pass takes the same time in all stages, and the backward pass too, p stages idle for (p - 1) / (m +
 * p - 1) of the time of m micro-batches: no order of whole passes does better.
 */

export interface PassOf {
  readonly pass: "forward" | "backward";
  readonly microBatch: number;
}

/** Most micro-batches that a stage holds at a time: forward done, backward not. */
export function inFlight(stages: number, stage: number): number {
  return stages - stage;
}

/** The passes of a stage for `microBatches`, in their order. */
export function schedule(stages: number, stage: number, microBatches: number): PassOf[] {
  const ahead = Math.min(inFlight(stages, stage), microBatches);
  const passes: PassOf[] = [];
  for (let microBatch = 0; microBatch < ahead; microBatch++) passes.push({ pass: "forward", microBatch });
  for (let microBatch = 0; microBatch < microBatches; microBatch++) {
    passes.push({ pass: "backward", microBatch });
    if (microBatch + ahead < microBatches) passes.push({ pass: "forward", microBatch: microBatch + ahead });
  }
  return passes;
}
