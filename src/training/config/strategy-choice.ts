/** Which strategy a run has, and how its contributions are encoded, as plain data. */
import { type Choice, choiceText } from "../../choice.js";
import { UsageError } from "../../error.js";

/** The strategy of a run that names none. */
export const SYNCHRONOUS = "synchronous";
/** The compressor of a run that names none: contributions are sent as they are. */
export const UNCOMPRESSED = "none";

interface OfWorkers {
  readonly strategy?: Choice;
  readonly compress?: Choice;
}

/** Whether a run of this configuration needs workers, even one. */
export const needsWorkers = ({ strategy = SYNCHRONOUS, compress = UNCOMPRESSED }: OfWorkers): boolean =>
  strategy !== SYNCHRONOUS || compress !== UNCOMPRESSED;

/** The configuration of a run without workers. @throws UsageError for what needs some */
export function withoutWorkers<C extends OfWorkers>(config: C): C {
  if (!needsWorkers(config)) return config;
  const { strategy = SYNCHRONOUS, compress = UNCOMPRESSED } = config;
  const what = strategy === SYNCHRONOUS ? `compress ${choiceText(compress)}` : `strategy ${choiceText(strategy)}`;
  throw new UsageError(`${what} needs workers: use train, or runDistributed`);
}
