/**
 * The candidates of a search. Each axis is cut into as many equal stretches as there are candidates, and each candidate
 * has one place in a stretch of its own (a Latin hypercube: McKay, Beckman and Conover 1979). So every axis is covered
 * evenly, however many there are.
 */
import { Random } from "../world/random.js";
import { type Candidate, isRange, type SearchAxis, type SearchSpace, valueAt } from "./space.js";

/** Stream of the random numbers of a search. */
const STREAM = 0x5ea6c4;

/**
 * At most `count` candidates, each different: the same ones for a seed. Where all combinations of lists are no more than
 * that, the candidates are all of them.
 */
export function drawCandidates(space: SearchSpace, count: number, seed: number): Candidate[] {
  const axes = Object.entries(space) as [string, SearchAxis][];
  const combinations = axes.reduce((product, [, axis]) => product * (isRange(axis) ? Infinity : axis.length), 1);
  const all = combinations <= count ? grid(axes) : hypercube(axes, count, seed);
  const texts = all.map((candidate) => JSON.stringify(candidate));
  return all.filter((_, i) => texts.indexOf(texts[i]) === i);
}

/** The first axis changes slowest. */
function grid(axes: readonly [string, SearchAxis][]): Candidate[] {
  return axes.reduce<Candidate[]>(
    (candidates, [key, axis]) =>
      candidates.flatMap((candidate) => (axis as readonly unknown[]).map((value) => ({ ...candidate, [key]: value }))),
    [{}],
  );
}

function hypercube(axes: readonly [string, SearchAxis][], count: number, seed: number): Candidate[] {
  const columns = axes.map(([key, axis], k) => {
    const random = new Random(seed, STREAM, k);
    return shuffled(count, random).map((stretch) => {
      return [key, valueAt(key, axis, (stretch + random.uniform()) / count)] as const;
    });
  });
  return Array.from({ length: count }, (_, i) => Object.fromEntries(columns.map((column) => column[i])));
}

/** The numbers below `count` in random order (Fisher and Yates). */
export function shuffled(count: number, random: Random): number[] {
  const order = Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = random.below(i + 1);
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
}
