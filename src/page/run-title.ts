/** What a run is, in words. */
import { choiceText } from "../choice.js";
import { datasetTitle } from "../report/number-text.js";
import type { TrainingConfig } from "../training/config/config.js";

const NOUNS: Readonly<Record<string, string>> = { classify: "Classifier", regress: "Regression" };

/** @param data name of the data set */
export function runTitle(
  { layers, task = "autoencoder", model, strategy }: Partial<TrainingConfig>,
  data: string,
): { readonly title: string; readonly lead: string } {
  const noun = model === undefined ? (NOUNS[task] ?? "Autoencoder") : choiceText(model);
  const how = strategy === undefined ? [] : [`strategy ${choiceText(strategy)}`];
  const what = [...(layers && model === undefined ? [layers.join("-")] : []), ...how];
  return { title: `${noun} of ${datasetTitle(data)}`, lead: what.join(", ") };
}
