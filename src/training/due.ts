/** Marks: the steps that end every so many epochs. Epochs need not be whole numbers of steps, so a mark is the first step past its epoch. */

/** The first mark after `done` steps. */
export function nextDue(everyEpochs: number, done: number, images: number, batch: number): number {
  const stepsPerMark = (everyEpochs * images) / batch;
  let mark = Math.floor(done / stepsPerMark);
  while (Math.ceil(mark * stepsPerMark) <= done) mark++;
  return Math.ceil(mark * stepsPerMark);
}

/** Whether there is a mark among the steps after `before` up to `step`. */
export function isDue(everyEpochs: number, before: number, step: number, images: number, batch: number): boolean {
  return nextDue(everyEpochs, Math.max(0, before), images, batch) <= step;
}
