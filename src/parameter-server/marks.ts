/** How far each part is, as far as one piece knows. */
import type { Change } from "./protocol.js";

export interface Mark {
  /** The next clock of the part. */
  readonly clock: number;
  /** The life of its last contribution, and that contribution's clock. */
  readonly life: number;
  readonly last: number;
}

/** @param round that all parts have reached */
export const firstMarks = (parts: number, round: number): Mark[] =>
  Array.from({ length: parts }, () => ({ clock: round, life: 0, last: -1 }));

/** Takes a part's mark on by a change. */
export function note(marks: Mark[], change: Change): void {
  const { clock, life, last } = marks[change.part];
  marks[change.part] =
    "skip" in change
      ? { clock: Math.max(clock, change.skip), life, last }
      : { clock: Math.max(clock, change.clock + 1), life: change.life, last: change.clock };
}

/** Whether a push came before: a life pushes its clocks in order. */
export const isDoubled = ({ life, last }: Mark, push: { readonly life: number; readonly clock: number }): boolean =>
  push.life === life && push.clock <= last;
