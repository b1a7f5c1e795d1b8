/** Refuses what cannot be differentiated: gradients whose view is already in use, and a factor that is computed too late. */
import { describe, type View } from "../buffer.js";
import { ProgramError } from "../check.js";
import { meets, runOf, type Trace, type Value } from "./values.js";

/** An entry of `by`, and where its gradient goes. */
interface Entry {
  readonly view: View;
  readonly into: View;
  readonly value: Value;
}

/** @throws ProgramError when two entries are the same value, or an entry is the scalar `of` itself */
export function checkDistinct(where: string, entries: readonly Entry[], end: Value): void {
  for (const [i, { view, value }] of entries.entries()) {
    const earlier = entries.slice(0, i).find((entry) => entry.value === value);
    if (earlier) {
      throw new ProgramError(
        `${where}: "by" names ${describe(earlier.view)} again, as ${describe(view)}: name it once`,
      );
    }
    if (value === end) {
      throw new ProgramError(`${where}: ${describe(view)} is in "by" and is "of": its gradient is 1, leave it out`);
    }
  }
}

/** @throws ProgramError when an `into` has the wrong shape or type, or overlaps a view that is in use */
export function checkPlaces(where: string, entries: readonly Entry[], trace: Trace, scale: View | undefined): void {
  const used = [...trace.reads.flat().map(({ view }) => view), ...trace.writes.flat().map(({ view }) => view)];
  for (const [i, { view, into }] of entries.entries()) {
    if (into.type !== "f32" || into.rows !== view.rows || into.columns !== view.columns) {
      throw new ProgramError(
        `${where}: the gradient of ${describe(view)} must go into f32 [${view.rows}, ${view.columns}], got ${into.type} ${describe(into)}`,
      );
    }
    const others = [...used, ...(scale ? [scale] : []), ...entries.slice(0, i).map((entry) => entry.into)];
    const other = others.find((one) => meets(runOf(one), runOf(into)));
    if (other) {
      throw new ProgramError(
        `${where}: the gradient of ${describe(view)} goes into ${describe(into)}, which overlaps ${describe(other)}: give it a buffer of its own`,
      );
    }
  }
}

/** @throws ProgramError when an op writes the factor, which must be known before the program begins */
export function checkEarly(where: string, scale: View, trace: Trace): void {
  const op = trace.writes.findIndex((values) => values.some(({ run }) => meets(run, runOf(scale))));
  if (op < 0) return;
  throw new ProgramError(
    `${where}: "scale", ${describe(scale)}, must be known before the program begins, but op ${op} writes it: write it in an earlier program`,
  );
}
