/** What a private run cannot be combined with: where a row would reveal more than its epsilon says, or nothing says how much. */
import { UsageError } from "../error.js";
import type { RoundPrivacy, Strategy } from "../strategies/strategy.js";
import type { TrainingConfig } from "../training/config/config.js";
import { UNCOMPRESSED } from "../training/config/strategy-choice.js";
import type { Plan } from "../training/plan.js";
import type { Leadership } from "./machines/leadership.js";

type OfPrivate = Partial<
  Pick<TrainingConfig, "compress" | "precision" | "augment" | "task" | "standardise" | "columns">
>;

/** @throws UsageError with the reason, and what to do */
export function checkPrivate({ name, privacy }: Strategy, config: OfPrivate): void {
  if (!privacy) return;
  const { compress = UNCOMPRESSED, precision = "f32", augment = "none", task, standardise, columns } = config;
  const refuse = (what: string, why: string, instead: string): never => refused(name, what, why, instead);
  if (compress !== UNCOMPRESSED) {
    refuse(
      "a compressor",
      "keeps residuals, so a row counts in more rounds than it takes part in",
      "leave compress out",
    );
  }
  if (precision !== "f32") {
    refuse(
      `precision ${precision}`,
      "rounds clipped gradients, which may then be longer than clip",
      "use precision f32",
    );
  }
  if (augment !== "none") {
    refuse(`augment ${augment}`, "makes several training rows of one, and epsilon is for one row", "leave augment out");
  }
  if (task === "regress") {
    refuse(
      "task regress",
      "computes mean and deviation of the targets from the rows, without noise",
      "use your own model (--model)",
    );
  }
  if (standardise && !columns) refuseStandardised(name, "standardise");
}

/** What shows once the rows are there. @throws UsageError with the reason, and what to do */
export function checkPrivateRows(
  { delta }: RoundPrivacy,
  { standardisedByRows, dataset, checkpoint }: Plan,
  choice: string,
): void {
  const { count } = dataset.train;
  if (standardisedByRows)
    refuseStandardised(choice, "standardise, the default for a table with values outside [0, 1],");
  if (!checkpoint && delta * count >= 1) {
    const less = Number((0.1 / count).toPrecision(1));
    refused(
      choice,
      `delta ${delta}`,
      `allows for one of the ${count} rows to be revealed`,
      `give delta=${less}, or another value below 1 / rows`,
    );
  }
}

const refuseStandardised = (name: string, what: string): never =>
  refused(
    name,
    what,
    "computes mean and deviation of the columns from the rows, without noise",
    "give --no-standardise (standardise: false), with data that are standardised by figures that are public",
  );

function refused(name: string, what: string, why: string, instead: string): never {
  throw new UsageError(`private training (strategy ${name}): ${what} ${why}: ${instead}`);
}

/** The key of the noise travels to the machines of the workers. @throws UsageError where others may read it */
export function checkPrivateMachines({ privacy }: Pick<Strategy, "privacy">, machines: Leadership | undefined): void {
  if (!privacy || !machines || machines.credentials) return;
  throw new UsageError(
    "private training sends the key of its noise to the workers, and without --credentials the network can read it: make keys with dawnpour cluster init, or train on one machine (dawnpour train)",
  );
}
