/**
 * Finds the fastest of several kernels by measurement. A single timing can be off by a factor of three, and a changing
 * clock or another program favours the kernel that runs at that moment. So kernels take turns, one timing each. Of two
 * heats the better timing of each kernel counts, which is enough to drop the slow ones; the median of many rounds
 * decides the final.
 */

export interface Contestant {
  readonly name: string;
  /** Milliseconds of one run, by one measurement. */
  time(): Promise<number>;
}

export interface RaceRules {
  /**
   * Kernels that are in the final whatever their heats. The first holds the title: it keeps it unless it is beaten
   * clearly.
   */
  readonly seeded: readonly string[];
  /** Asked before each timing; the race ends when it returns true. */
  readonly timeIsUp: () => boolean;
}

export interface RaceResult {
  readonly winner: string;
  /** Median milliseconds of each finalist by name; empty when the time was up before there was one. */
  readonly medians: ReadonlyMap<string, number>;
}

const HEATS = 2;
/** A kernel this much slower than the fastest in its heats would not win the final. */
const HOPELESS = 1.5;
const CHALLENGERS = 3;
const ROUNDS = 9;
/** Fewer rounds have no useful median. */
const LEAST_ROUNDS = 3;
/** A kernel takes the title if it needs less than this fraction of the holder's time, */
const CLEARLY = 0.97;
/** and is faster in this fraction of the rounds. */
const MOSTLY = 2 / 3;

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

/** The times of each kernel; kernels run one after the other, round by round. */
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
