/** Advice for a run that goes badly, in the words of the command line. */

import type { RunErrors } from "../measures.js";
import type { TrainingConfig } from "./config.js";
import { defaultRate } from "./defaults.js";

/** A rate above this multiple of the default gets a warning at once. */
const FAR_TOO_HIGH = 10;
/** When a run goes badly, a rate that differs from the default by this factor is named first. */
const SUSPICIOUS = 3;
/** A ratio of test to training errors above this means overfitting. */
const BY_HEART = 1.25;
/** Suggestions at most. */
const MOST = 3;

/** One line, for a rate far above the default of its optimizer. */
export function tooHighRate(config: TrainingConfig): string | undefined {
  const { lr, optimizer, loss } = config;
  const usual = defaultRate(config);
  if (lr === undefined || lr < FAR_TOO_HIGH * usual) return undefined;
  return `lr ${lr} is ${times(lr / usual)} the default of ${optimizer} for loss ${loss}, ${usual}: if the loss does not fall, try that`;
}

/** Advice against values that are not finite: the end of a message. @param canClip whether the run can have a clip that it has not */
export function divergenceAdvice(config: TrainingConfig, canClip = config.clip === undefined): string {
  const { lr, optimizer, loss } = config;
  const usual = defaultRate(config);
  if (lr !== undefined && lr > usual) {
    return `lr ${lr} is too high: try ${usual}, the default of ${optimizer} for loss ${loss}`;
  }
  return `lower lr${lr === undefined ? "" : `, from ${lr} to ${lr / SUSPICIOUS}`}${canClip ? ", or set clip to 1" : ""}`;
}

/** What to try after a run that ended worse than PCA; empty after one that did not. */
export function adviceAgainstPca(errors: Required<RunErrors>, config: TrainingConfig, features: number): string[] {
  const { train, test, pca } = errors;
  if (test.sse <= pca.test.sse) return [];
  const byHeart = train.sse < pca.test.sse && test.sse > BY_HEART * train.sse;
  const advice = [
    pca.components >= features &&
      `a code smaller than the ${features} values of a row: PCA with ${pca.components} components keeps all of a row`,
    rateAdvice(config),
    ["sigmoid", "tanh", "linear"].includes(config.activation) && "--activation gelu",
    byHeart &&
      "more rows, smaller --layers or fewer --epochs: the error of the training rows is smaller than that of the test rows",
    !byHeart && longer(config),
    !byHeart && config.schedule === "constant" && "--schedule cosine",
    !byHeart && "wider --layers",
  ];
  return advice.filter((line) => typeof line === "string").slice(0, MOST);
}

const longer = ({ steps, epochs = 1 }: TrainingConfig): string =>
  steps === undefined ? `--epochs ${3 * epochs}` : `--steps ${3 * steps}`;

function rateAdvice(config: TrainingConfig): string | false {
  const usual = defaultRate(config);
  const { lr = usual, optimizer } = config;
  if (lr >= SUSPICIOUS * usual) return `--lr ${usual}: ${lr} is ${times(lr / usual)} the default of ${optimizer}`;
  if (lr <= usual / SUSPICIOUS)
    return `--lr ${usual}: ${lr} is a ${ordinal(usual / lr)} of the default of ${optimizer}`;
  return false;
}

const times = (factor: number): string => `${Number(factor.toPrecision(2))} times`;
const ordinal = (factor: number): string => `${Math.round(factor)}th`;
