/**
 * Which of several kernels is the fastest, by measurement. A single timing can be off by a factor of three, and a clock
 * that rises or a neighbour that wakes up favours whoever runs at that moment. So heats and final take turns, one timing
 * each: of its two heats a contestant's better counts, which is enough to drop the slow ones; the final is decided by the
 * median of many rounds.
 */

export interface Contestant {
  readonly name: string;
  /** Milliseconds of one run, by one measurement. */
  time(): Promise<number>;
}

export interface RaceRules {
  /** In the final whatever their heats say. The first holds the title: it keeps it unless beaten clearly. */
  readonly seeded: readonly string[];
  /** Asked before each timing; the race ends where it says so. */
  readonly timeIsUp: () => boolean;
}

export interface RaceResult {
  readonly winner: string;
  /** Median milliseconds of each finalist by name; empty when time was up before there was one. */
  readonly medians: ReadonlyMap<string, number>;
}

const HEATS = 2;
/** A challenger this much slower than the fastest in its heats would not win the final. */
const HOPELESS = 1.5;
const CHALLENGERS = 3;
const ROUNDS = 9;
/** Fewer rounds have no median worth the name. */
const LEAST_ROUNDS = 3;
/** The title goes to who needs less than this share of the holder's time, */
const CLEARLY = 0.97;
/** and is faster in this share of the rounds. */
const MOSTLY = 0.75;

export async function race(contestants: readonly Contestant[], rules: RaceRules): Promise<RaceResult> {
  const [holder] = rules.seeded;
  const heats = await takeTurns(contestants, HEATS, rules.timeIsUp);
  if (heats.some((times) => times.length === 0)) return { winner: holder, medians: new Map() };
  const best = heats.map((times) => Math.min(...times));
  const finalists = chooseFinalists(contestants, best, rules.seeded);
  const rounds = await takeTurns(finalists, ROUNDS, rules.timeIsUp);
  if (rounds.some((times) => times.length < LEAST_ROUNDS)) return { winner: holder, medians: new Map() };
  const times = new Map(finalists.map(({ name }, i) => [name, rounds[i]]));
  const medians = new Map(finalists.map(({ name }, i) => [name, median(rounds[i])]));
  return { winner: winnerOf(times, holder), medians };
}

/** The times of each contestant; they run one after the other, round by round. */
async function takeTurns(
  contestants: readonly Contestant[],
  rounds: number,
  timeIsUp: () => boolean,
): Promise<number[][]> {
  const times: number[][] = contestants.map(() => []);
  for (let round = 0; round < rounds; round++) {
    for (const [i, contestant] of contestants.entries()) {
      if (timeIsUp()) return times;
      times[i].push(await contestant.time());
    }
  }
  return times;
}

function chooseFinalists(
  contestants: readonly Contestant[],
  best: readonly number[],
  seeded: readonly string[],
): Contestant[] {
  const fastest = Math.min(...best);
  const ranked = contestants
    .map((contestant, i) => ({ contestant, time: best[i] }))
    .filter(({ contestant, time }) => !seeded.includes(contestant.name) && time < HOPELESS * fastest)
    .sort((a, b) => a.time - b.time);
  const challengers = ranked.slice(0, CHALLENGERS).map(({ contestant }) => contestant);
  return contestants.filter((each) => seeded.includes(each.name) || challengers.includes(each));
}

function winnerOf(times: ReadonlyMap<string, readonly number[]>, holder: string): string {
  const [[fastest, best]] = [...times].sort(([, a], [, b]) => median(a) - median(b));
  const held = times.get(holder) ?? best;
  const won = best.filter((time, round) => time < held[round]).length;
  return median(best) < CLEARLY * median(held) && won >= MOSTLY * best.length ? fastest : holder;
}

/** The upper one of an even number. */
export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1];
}
