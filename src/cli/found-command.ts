/** The `train` command of the options that a search found. */
import type { Command } from "commander";
import type { Candidate } from "../search/space.js";
import { commandText } from "./invocation.js";

/** Options of a search that are not of the run that it found. */
const OF_SEARCH = ["vary", "candidates", "eta", "withheld", "out", "resume", "json", "workers", "devices"];

/** Trains the best candidate on all images. Epochs are those of its trials: by the candidate's batch, train would take others. */
export function foundCommand(options: Candidate, epochs: number, command: Command): string {
  const own = Object.entries({ epochs, ...options });
  const shared = sharedWords(
    command,
    own.map(([key]) => key),
  );
  return commandText(["train", ...shared, ...own.flatMap(wordsOf)]);
}

/** The options that all candidates shared, as they were typed, without those that are a candidate's own. */
function sharedWords(command: Command, own: readonly string[]): string[] {
  const given = command.options.filter((option) => command.getOptionValueSource(option.attributeName()) === "cli");
  const shared = given.filter((option) => ![...OF_SEARCH, ...own].includes(option.attributeName()));
  const words = shared.flatMap((option) =>
    wordsOf([option.attributeName(), command.getOptionValue(option.attributeName())]),
  );
  return [...command.args, ...words];
}

/** `--weight-decay 0.1`, `--layers 784,256,32`, `--no-standardise` */
function wordsOf([key, value]: readonly [string, unknown]): string[] {
  const flag = key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  if (typeof value === "boolean" && !value && key !== "standardise") return [];
  if (typeof value === "boolean") return [value ? `--${flag}` : `--no-${flag}`];
  return [`--${flag}`, String(value)];
}
