import fc from "fast-check";
import { expect, test } from "vitest";
import { nextDue } from "../../src/training/due.js";
import { type TriggerOptions, triggerAt } from "../../src/training/triggers.js";

type Given = Required<TriggerOptions>;

/** Rounds of one length, or of lengths that differ; each is followed by more of its kind. */
const program = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 60 }).map((lengths) => ({
  exchanges: 1,
  stepAt: (round: number): number =>
    Array.from({ length: Math.max(0, round) }, (_, i) => lengths[i % lengths.length]).reduce(
      (sum, one) => sum + one,
      0,
    ),
}));

const options: fc.Arbitrary<Given> = fc.record({
  rounds: fc.integer({ min: 1, max: 60 }),
  program,
  snapshotEvery: fc.integer({ min: 1, max: 20 }),
  evaluateEvery: fc.integer({ min: 1, max: 5 }),
  checkpointEvery: fc.integer({ min: 1, max: 5 }),
  images: fc.integer({ min: 8, max: 200 }),
  batch: fc.integer({ min: 1, max: 64 }),
});

/** The rounds within which the marks of a run on a single device fall, and the last one. */
function roundsOfMarks({ rounds, program, images, batch }: Given, every: number): number[] {
  const found = new Set<number>();
  for (let step = nextDue(every, 0, images, batch); step <= program.stepAt(rounds); ) {
    let round = 0;
    while (program.stepAt(round) < step) round++;
    found.add(round);
    step = nextDue(every, step, images, batch);
  }
  return [...found.add(rounds)].sort((a, b) => a - b);
}

test("evaluations and checkpoints are those of the run on a single device, each in the round that reaches it", () => {
  fc.assert(
    fc.property(options, (given) => {
      const rounds = Array.from({ length: given.rounds }, (_, i) => i + 1);
      const due = (what: "evaluate" | "checkpoint") => rounds.filter((round) => triggerAt(given, round)?.[what]);
      expect(due("evaluate")).toEqual(roundsOfMarks(given, given.evaluateEvery));
      expect(due("checkpoint")).toEqual(roundsOfMarks(given, given.checkpointEvery));
      expect(rounds.filter((round) => triggerAt(given, round)?.last)).toEqual([given.rounds]);
    }),
  );
});

test("between them there are snapshots", () => {
  fc.assert(
    fc.property(options, (given) => {
      for (let round = given.snapshotEvery; round <= given.rounds; round += given.snapshotEvery) {
        expect(triggerAt(given, round)).toBeDefined();
      }
    }),
  );
});
