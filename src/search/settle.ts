/**
 * What the candidates of a search leave to defaults. Defaults that follow from the data are those of all its rows, so that they
 * are the same on every rung. Batch, layers and loss are a candidate's own, as `train` would settle them; the length of a run and
 * whether columns are standardised are common, because they decide what the errors mean. Nothing depends on the order of values.
 */
import { type Dataset, sliceSplit } from "../data/dataset.js";
import type { TrainingOptions } from "../training/config/config.js";
import { planRun, settledOptions } from "../training/plan.js";
import type { Candidate } from "./space.js";

/** Rows that check a candidate's network against the data. */
const FEW = 100;

interface SettledCandidates {
  /** Of every candidate. */
  readonly epochs: number;
  /** The options of each candidate's runs. */
  readonly options: readonly TrainingOptions[];
}

/** @throws UsageError for what `train` would refuse of any candidate */
export function settleCandidates(
  given: TrainingOptions,
  candidates: readonly Candidate[],
  dataset: Dataset,
): SettledCandidates {
  const { epochs = 0, columns } = settledOptions(given, dataset);
  const common = { ...given, epochs, standardise: columns !== undefined, keep: 1 };
  const rows = few(dataset);
  const options = candidates.map((candidate) => {
    const asked = { ...common, ...candidate };
    const { batch, layers, loss } = settledOptions(asked, dataset);
    const settled = { ...asked, batch, layers, loss };
    planRun({ config: settled, dataset: rows });
    return settled;
  });
  return { epochs, options };
}

function few({ train, test, ...rest }: Dataset): Dataset {
  return { ...rest, train: sliceSplit(train, 0, Math.min(FEW, train.count)), test: sliceSplit(test, 0, 1) };
}
