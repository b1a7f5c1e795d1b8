/** Finds a GPU by a part of its name or by the beginning of its UUID. */
import type { Gpu } from "../device/gpu.js";
import { brief, nearest, UsageError } from "../error.js";
import { DEVICE_WORDS } from "./parse-devices.js";

/**
 * A whole name or id wins over a part of a longer one. Case does not matter.
 * @throws UsageError unless exactly one GPU matches
 */
export function findGpu(text: string, gpus: readonly Gpu[], cores: number): Gpu {
  const wanted = text.toLowerCase();
  const exact = gpus.filter(({ id, name }) => id.toLowerCase() === wanted || name.toLowerCase() === wanted);
  if (exact.length === 1) return exact[0];
  const matching = gpus.filter((gpu) => gpu.name.toLowerCase().includes(wanted) || beginsId(gpu, wanted));
  if (matching.length === 1) return matching[0];
  if (matching.length > 1) {
    throw new UsageError(
      `device ${brief(text)} matches ${matching.map(shown).join(", ")}: give the id, or enough of it to be the only one`,
    );
  }
  throw notThere(text, gpus, cores);
}

/** `8f6a` begins the id of every twin, `8f6a#2` only that of the second, `8f6a#1` only that of the first. */
function beginsId({ id }: Gpu, wanted: string): boolean {
  const [uuid, ordinal = "1"] = id.toLowerCase().split("#");
  const [beginning, wantedOrdinal = ordinal] = wanted.split("#");
  return beginning !== "" && uuid.startsWith(beginning) && ordinal === wantedOrdinal;
}

function notThere(text: string, gpus: readonly Gpu[], cores: number): UsageError {
  const words = gpus.flatMap(({ id, name }) => [name, ...name.split(/\s+/), id]);
  const near = nearest(text, [...DEVICE_WORDS, ...words]);
  const there = [`cpu (${cores} ${cores === 1 ? "core" : "cores"})`, ...gpus.map(shown)].join(", ");
  return new UsageError(`no device ${brief(text)}: ${near ? `did you mean "${near}"? ` : ""}there is ${there}`);
}

function shown({ id, name, software }: Gpu): string {
  return `${name} (${id}${software ? ", software" : ""})`;
}
