/** Marks: how far each part is, from the contributions to one piece. */
import type { Change } from "./protocol.js";

export interface Mark {
  /** The next clock of the part. */
  readonly clock: number;
  /** The life of the part's last contribution. */
  readonly life: number;
  /** The clock of that contribution. */
  readonly last: number;
}

/** @param round that all parts have reached */
export const firstMarks = (parts: number, round: number): Mark[] =>
  Array.from({ length: parts }, () => ({ clock: round, life: 0, last: -1 }));

/** Updates the mark of a part by a change. */
export function note(marks: Mark[], change: Change): void {
  const { clock, life, last } = marks[change.part];
  marks[change.part] =
    "skip" in change
      ? { clock: Math.max(clock, change.skip), life, last }
      : { clock: Math.max(clock, change.clock + 1), life: change.life, last: change.clock };
}

/** Whether a push repeats an earlier one. A life pushes its clocks in order, so a clock that is not later is a repetition. */
export const isDoubled = ({ life, last }: Mark, push: { readonly life: number; readonly clock: number }): boolean =>
  push.life === life && push.clock <= last;
