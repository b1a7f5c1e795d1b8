/** What `dawnpour train` prints of a run: its devices, and its result. */
import { choiceText } from "../../choice.js";
import { publishedResults } from "../../report/published.js";
import type { ModelTrainResult, TrainResult } from "../../train.js";
import { privacyText } from "../../training/event.js";
import { figuresText } from "./figures-text.js";
import { duration } from "./progress-line.js";

/**
 * One device, or the devices of the workers, equal ones together.
 * @param least the fewest workers, where they join and leave
 */
export function deviceLines(devices: readonly string[], least?: number): string[] {
  if (devices.length === 1) return [`device  ${devices[0]}`];
  const counts = new Map<string, number>();
  for (const device of devices) counts.set(device, (counts.get(device) ?? 0) + 1);
  const lines = [...counts].map(([device, count]) => `${count} x ${device}`);
  const range = least === undefined ? "" : `${least}..${devices.length}: `;
  return lines.map((line, i) => `${i === 0 ? `workers ${range}` : "        "}${line}`);
}

export function resultLines(result: TrainResult | ModelTrainResult): string[] {
  const lines = "trained" in result ? modelLines(result) : autoencoderLines(result);
  return result.privacy ? [...lines, `privacy ${privacyText(result.privacy)}`] : lines;
}

function modelLines(result: ModelTrainResult): string[] {
  const { measures, model } = result;
  if (!measures) return [];
  const { test, train } = measures;
  return ["", `${model.name}: ${stepsText(result)}`, `test    ${figuresText(test)}`, `train   ${figuresText(train)}`];
}

function autoencoderLines(result: TrainResult): string[] {
  const { measures, model, dataset } = result;
  if (!measures) return [];
  const { errors, advice } = measures;
  const { train, test, pca } = errors;
  return [
    "",
    `${model.name}: ${stepsText(result)}`,
    `test    SSE ${test.sse.toFixed(3)}   MSE ${test.mse.toFixed(6)}`,
    `train   SSE ${train.sse.toFixed(3)}   MSE ${train.mse.toFixed(6)}`,
    ...(pca
      ? [
          `${`PCA-${pca.components}`.padEnd(6)}  SSE ${pca.test.sse.toFixed(3)}   (test, the best linear code of that size)`,
        ]
      : []),
    ...advice.map((line, i) => `${i === 0 ? "worse than PCA: try" : "                or "} ${line}`),
    ...publishedResults(dataset.name, model.codeSize).map(
      ({ method, source, sse }) => `        SSE ${sse.toFixed(3)}   (test, published: ${method}, ${source})`,
    ),
  ];
}

/** `40 steps in 3s, 210 images/s`; of a resumed run, how many of the steps that time and that speed are for. */
function stepsText({
  step,
  firstStep,
  seconds,
  imagesPerSecond,
}: Pick<TrainResult, "step" | "firstStep" | "seconds" | "imagesPerSecond">): string {
  if (step > 0 && step === firstStep) {
    return `${step} steps, all of them done before: a larger --epochs or --steps makes the run longer`;
  }
  const now = firstStep > 0 ? `, ${step - firstStep} of them now,` : "";
  return `${step} steps${now} in ${duration(seconds)}, ${Math.round(imagesPerSecond)} images/s`;
}

/** The output of `--json`; what was not measured is null. */
export function summary(result: TrainResult | ModelTrainResult) {
  const { device, dataset, step, stopped, config, seconds, imagesPerSecond } = result;
  return {
    device: device.name,
    dataset: dataset.name,
    steps: step,
    stopped,
    epochs: (step * config.batch) / dataset.train.count,
    seconds,
    imagesPerSecond,
    ...("trained" in result ? modelFigures(result) : autoencoderFigures(result)),
    ...(result.privacy && { privacy: result.privacy }),
    parametersSha256: result.parametersSha256,
    out: result.folder.path,
  };
}

function autoencoderFigures({ measures }: TrainResult) {
  const { train = null, test = null, pca = null } = measures?.errors ?? {};
  return { train, test, pca };
}

function modelFigures({ measures, config }: ModelTrainResult) {
  const { train = null, test = null, confusion } = measures ?? {};
  const { task, model } = config;
  return {
    ...(model === undefined ? { task } : { model: choiceText(model) }),
    train,
    test,
    ...(confusion && { confusion: confusion.counts }),
  };
}
