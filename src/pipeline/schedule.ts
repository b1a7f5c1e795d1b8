/**
 * One forward, one backward (1F1B: Narayanan et al. 2019, "PipeDream"; Fan et al. 2021): a stage takes in micro-batches
 * until the first one comes back, and from then on one for each that it sends back. So it holds no more of them than it
 * is stages away from the end, however many there are, and the order of gradients is that of the micro-batches.
 *
 * When forward passes take one unit of time in all stages, and backward passes another, p stages stand still for
 * (p - 1) / (m + p - 1) of the time that m micro-batches take: no order of whole passes does better.
 */

export interface PassOf {
  readonly pass: "forward" | "backward";
  readonly microBatch: number;
}

/** Most micro-batches that a stage holds at a time: those that have gone forward and not yet back. */
export function inFlight(stages: number, stage: number): number {
  return stages - stage;
}

/** What a stage does with `microBatches` of them, in this order. */
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
