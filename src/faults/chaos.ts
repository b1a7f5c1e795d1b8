/**
 * Random faults for as long as a run lasts. The faults are independent of one another (a Poisson process), so the times between
 * them are exponentially distributed. The same seed makes the same faults.
 */

import { brief, UsageError, unknownWord } from "../error.js";
import { COORDINATOR, workerName } from "../placement/names.js";
import { DURATION_FORM, LONGEST, parseDuration } from "../world/duration.js";
import type { Random } from "../world/random.js";
import { type Action, type Fault, type FaultKind, faultKinds } from "./fault.js";

const DEFAULT_HANG = 5000;
const SETTINGS = ["mtbf", "kinds", "hang"] as const;
const EXAMPLE = "mtbf=30s or mtbf=30s,kinds=kill+hang,hang=2s";

/** How often random faults strike, and of which kinds. */
export interface ChaosOptions {
  /** Mean milliseconds between two faults, over all nodes. */
  readonly mtbf: number;
  /** At least one. All are equally likely. */
  readonly kinds: readonly FaultKind[];
  /** Milliseconds that a hang or a cut lasts. */
  readonly hang: number;
}

/**
 * Reads `mtbf=30s,kinds=kill+hang,hang=2s`; `mtbf` is required.
 *
 * @throws UsageError in one line
 */
export function parseChaos(text: string): ChaosOptions {
  const settings = new Map<string, string>();
  for (const part of text.split(",")) {
    const [, name, value] = /^\s*([^=]*?)\s*=\s*(.*?)\s*$/.exec(part) ?? [];
    if (name === undefined) throw new UsageError(`--chaos: ${brief(part)} has no "=": write ${EXAMPLE}`);
    if (!SETTINGS.some((known) => known === name)) throw unknownWord("setting of --chaos", name, SETTINGS);
    if (settings.has(name)) throw new UsageError(`--chaos: ${name} is there twice: give it once`);
    settings.set(name, value);
  }
  const mtbf = settings.get("mtbf");
  if (mtbf === undefined)
    throw new UsageError(`--chaos ${brief(text)} lacks the mean time between faults: write ${EXAMPLE}`);
  return {
    mtbf: time("mtbf", mtbf),
    kinds: kinds(settings.get("kinds")),
    hang: time("hang", settings.get("hang") ?? `${DEFAULT_HANG}ms`),
  };
}

function time(setting: string, value: string): number {
  const milliseconds = parseDuration(value);
  if (!milliseconds) throw new UsageError(`--chaos: ${setting}=${value} is not a time above 0: ${DURATION_FORM}`);
  return milliseconds;
}

function kinds(value: string | undefined): readonly FaultKind[] {
  const all = faultKinds.all();
  if (value === undefined) return all.filter(({ leavesNoTrace }) => leavesNoTrace).map(({ name }) => name);
  const chosen = value.split("+").map((word) => {
    const kind = all.find(({ name }) => name === word.trim());
    if (kind === undefined) throw unknownWord("kind of --chaos", word.trim(), faultKinds.names());
    return kind.name;
  });
  return [...new Set(chosen)];
}

/**
 * Faults in the order of their times, up to the longest time that a timer can have. All nodes are equally likely, the coordinator
 * included.
 */
export function* chaosFaults(options: ChaosOptions, workers: number, random: Random): Generator<Fault, void> {
  const pause = (): number => -options.mtbf * Math.log(1 - random.uniform());
  for (let elapsed = pause(); elapsed < LONGEST; elapsed += pause()) {
    const action = randomAction(options, workers, random);
    yield { ...action, at: { by: "time", milliseconds: Math.round(elapsed) } };
  }
}

function randomAction({ kinds, hang }: ChaosOptions, workers: number, random: Random): Action {
  const kind = kinds[random.below(kinds.length)];
  const worker = random.below(workers);
  return faultKinds.get(kind).draw({ worker, milliseconds: hang, node: () => randomNode(workers, random) });
}

function randomNode(workers: number, random: Random): string {
  const node = random.below(workers + 1);
  return node === workers ? COORDINATOR : workerName(node);
}
