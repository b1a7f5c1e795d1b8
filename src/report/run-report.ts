/** Makes the report of a finished run: a few images through the network and through PCA, its filters, its codes. */
import { type Pca, pcaReconstruct } from "../analysis/pca.js";
import { type Split, sliceSplit } from "../data/dataset.js";
import { fromDeviations, toDeviations } from "../data/standardise.js";
import { messageOf } from "../error.js";
import type { Autoencoder } from "../model/autoencoder.js";
import type { TrainingConfig } from "../training/config/config.js";
import { settingsOf } from "../training/config/settings.js";
import type { RunMeasures } from "../training/measures.js";
import type { TrainedAutoencoder } from "../training/trained.js";
import type { World } from "../world/world.js";
import type { Examples, ReportData } from "./data.js";
import { failureLog } from "./failure-log.js";
import type { ImageSet } from "./images.js";
import { filtersOf, type PictureShape, picturesOf } from "./pictures.js";
import { renderReport } from "./report.js";
import { type FinishedRun, runData } from "./run-data.js";

interface ReportedRun extends FinishedRun<Autoencoder> {
  readonly autoencoder: TrainedAutoencoder;
  readonly measures: RunMeasures;
}

const EXAMPLES = 20;
const FILTERS = 100;
const CODES = 2000;

/** Writes report.html to the run's folder. Returns what it lacks, and why: a line for each. */
export async function writeReport(world: World, run: ReportedRun): Promise<readonly string[]> {
  const data = await reportData(world, run);
  await run.folder.writeReport(renderReport(data));
  return data.notices ?? [];
}

async function reportData(world: World, run: ReportedRun): Promise<ReportData> {
  const { model, config, dataset, measures } = run;
  const notices = [...measures.notices];
  /** A part that cannot be made is left out. The rest of the report stays. */
  const part = async <T>(what: string, make: () => T | Promise<T>): Promise<T | undefined> => {
    try {
      return await make();
    } catch (error) {
      notices.push(`the report lacks ${what}: ${messageOf(error)}`);
      return undefined;
    }
  };
  const { test } = dataset;
  const { shape } = test;
  const events = await run.folder.events();
  return {
    ...runData(world, run, events),
    codeSize: model.codeSize,
    loss: config.loss,
    configuration: settingsOf(config, model, { steps: run.step, images: dataset.train.count, privacy: run.privacy }),
    errors: measures.errors,
    advice: measures.advice,
    deviations: config.columns !== undefined,
    examples: shape && (await part("reconstructions", () => examples(run, test, { ...test, shape }))),
    filters: shape && (await part("filters", () => filters(run, { ...test, shape }))),
    codes: await part("codes", () => codes(run)),
    failures: await part("failures", () => failureLog(events)),
    notices,
  };
}

async function examples(run: ReportedRun, test: Split, picture: PictureShape): Promise<Examples> {
  const shown = sliceSplit(test, 0, Math.min(EXAMPLES, test.count));
  const originals = Float32Array.from(shown.images, (value) => value * shown.scale);
  const reconstructions = await run.autoencoder.reconstruct(originals);
  const { measures, config } = run;
  const pca = measures.pca && throughPca(measures.pca, originals, shown.count, config.columns);
  const pictures = (values: Float32Array): ImageSet => picturesOf(picture, values);
  return {
    originals: pictures(originals),
    reconstructions: pictures(reconstructions),
    pca: pca && pictures(pca),
    labels: shown.labels,
  };
}

/** PCA of standardized columns where the network has standardized columns. */
function throughPca(pca: Pca, rows: Float32Array, count: number, columns: TrainingConfig["columns"]): Float32Array {
  const scaled = columns ? toDeviations(rows, columns) : rows;
  const matrix = { rows: count, columns: rows.length / count, values: Float64Array.from(scaled) };
  const made = Float32Array.from(pcaReconstruct(pca, matrix).values);
  return columns ? fromDeviations(made, columns) : made;
}

function filters({ model, parameters }: ReportedRun, picture: PictureShape): ImageSet {
  const [first] = model.layers;
  return filtersOf(picture, model.layout.part(parameters, `${first.name}.weight`), first.outputs, FILTERS);
}

async function codes({ autoencoder, dataset: { test } }: ReportedRun) {
  const shown = sliceSplit(test, 0, Math.min(CODES, test.count));
  const values = await autoencoder.encode(shown);
  return { count: shown.count, size: autoencoder.model.codeSize, values, labels: shown.labels };
}
