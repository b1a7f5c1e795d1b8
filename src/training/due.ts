/** Due steps: the first step past each multiple of a number of epochs. Epochs need not be whole numbers of steps. */

/** The first due step after `done` steps. */
export function nextDue(everyEpochs: number, done: number, images: number, batch: number): number {
  const stepsPerMark = (everyEpochs * images) / batch;
  let mark = Math.floor(done / stepsPerMark);
  while (Math.ceil(mark * stepsPerMark) <= done) mark++;
  return Math.ceil(mark * stepsPerMark);
}

/** Whether a step after `before`, up to `step`, is due. */
export function isDue(everyEpochs: number, before: number, step: number, images: number, batch: number): boolean {
  return nextDue(everyEpochs, Math.max(0, before), images, batch) <= step;
}
