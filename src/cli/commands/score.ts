/** `dawnpour score`: the reconstruction error of each row, and which rows are unlike those of the training. */
import { type Command, InvalidArgumentError } from "commander";
import { areaUnderRoc, quantile } from "../../analysis/anomaly.js";
import { openCheckpoint } from "../../checkpoint/open.js";
import type { StoredCheckpoint } from "../../checkpoint/read.js";
import type { Split } from "../../data/dataset.js";
import { encodeNpy } from "../../data/formats/npy.js";
import { UsageError } from "../../error.js";
import { TrainedAutoencoder } from "../../training/trained.js";
import type { World } from "../../world/world.js";
import { writeWhole } from "../../world/write-whole.js";
import { askedRows, type RowsOptions, splitOption } from "../asked-rows.js";
import { checkOutput } from "../check-output.js";
import { note, print, printJson } from "../display/output.js";
import { number, wholes } from "../options.js";
import { loadData, openAsTrained, type TrainedOptions, trainedCommand } from "../trained.js";

interface ScoreOptions extends TrainedOptions, RowsOptions {
  readonly output: string;
  readonly quantile: number;
  readonly threshold?: number;
  readonly anomalies?: readonly number[];
  readonly json?: boolean;
}

export function scoreCommand(world: World): Command {
  return trainedCommand("score", "write the reconstruction error of each row: the squared error, summed over the row")
    .requiredOption("-o, --output <file>", "the file to write: .npy (float32 [n]) or .csv (row, score, anomaly)")
    .addOption(splitOption())
    .option("--quantile <q>", "rows above this quantile of the training rows' scores are anomalies", share, 0.99)
    .option("--threshold <score>", "rows above this score are anomalies; the training rows are then not read", number)
    .option("--anomalies <labels>", "the labels of rows that are known to be anomalies: prints the AUC", wholes)
    .option("--json", "print one JSON line")
    .addHelpText("after", HELP)
    .action((checkpoint: string, options: ScoreOptions) => runScore(world, checkpoint, options));
}

const HELP = `
Train on normal rows. Rows of another kind then have high scores.

  dawnpour train --dataset normal.npy --out runs/normal
  dawnpour score runs/normal --dataset new.npy -o scores.csv`;

function share(text: string): number {
  const value = number(text);
  if (value < 0 || value > 1) throw new InvalidArgumentError(`"${text}" is not a share from 0 to 1.`);
  return value;
}

async function runScore(world: World, path: string, options: ScoreOptions): Promise<void> {
  const { output, json = false } = options;
  if (!/\.(npy|csv)$/i.test(output)) {
    throw new UsageError(`--output ${output}: the name must end in .npy or .csv, which decides the format`);
  }
  await checkOutput(world, output);
  const checkpoint = await openCheckpoint(world, path, { optimizer: false });
  for (const problem of checkpoint.skipped) note(`warning: ${problem}`);
  const { rows, source, which, training } = await rowsOf(world, checkpoint, options);
  const device = await openAsTrained(checkpoint, options);
  try {
    const trained = TrainedAutoencoder.restore(device, checkpoint);
    const scores = await trained.score(rows);
    const threshold = options.threshold ?? quantile(await trained.score(training as Split), options.quantile);
    const above = scores.reduce((count, score) => count + (score > threshold ? 1 : 0), 0);
    const auc = options.anomalies && areaOf(scores, rows, options.anomalies);
    await writeWhole(world.disk, output, encode(output, scores, threshold, rows.labels));
    const figures = { output, rows: rows.count, threshold, above, auc };
    if (json) printJson({ checkpoint: path, device: device.info.name, source, ...figures });
    else for (const line of lines(figures, `${which} rows of ${source}`, options, training)) print(line);
  } finally {
    device.destroy();
  }
}

/** The rows to score and, unless the threshold is given, the training rows. */
async function rowsOf(world: World, checkpoint: StoredCheckpoint, options: ScoreOptions) {
  const { dataset, threshold } = options;
  const asked = await askedRows(world, checkpoint, options);
  const known = dataset === undefined && options.limit === undefined ? asked.data : undefined;
  const trainedOn = { data: options.data };
  const training =
    threshold === undefined ? (known ?? (await loadData(world, trainedOn, checkpoint))).train : undefined;
  return { ...asked, training };
}

function areaOf(scores: Float32Array, { labels }: Split, anomalies: readonly number[]): number {
  if (!labels) throw new UsageError("--anomalies needs labels, and the data has none: leave it out");
  return areaUnderRoc(scores, (row) => anomalies.includes(labels[row]));
}

function encode(output: string, scores: Float32Array, threshold: number, labels: Split["labels"]): Uint8Array | string {
  if (/\.npy$/i.test(output)) return encodeNpy(scores, [scores.length]);
  const lines = Array.from(scores, (score, row) => {
    const label = labels ? `,${labels[row]}` : "";
    return `${row},${shortest(score)},${score > threshold ? 1 : 0}${label}\n`;
  });
  return `row,score,anomaly${labels ? ",label" : ""}\n${lines.join("")}`;
}

/** The fewest digits that identify a number of single precision. */
const shortest = (score: number): string => String(Number(score.toPrecision(9)));

function lines(
  {
    output,
    rows,
    threshold,
    above,
    auc,
  }: Readonly<Record<"rows" | "threshold" | "above", number>> & {
    readonly output: string;
    readonly auc?: number;
  },
  source: string,
  { quantile }: ScoreOptions,
  training: Split | undefined,
): string[] {
  const origin = training ? `quantile ${quantile} of ${training.count} training rows` : "as given";
  return [
    `${output}: ${rows} scores, of ${source}`,
    `threshold ${threshold.toPrecision(6)} (${origin})`,
    `above it ${above} rows (${((100 * above) / rows).toFixed(2)} %)`,
    ...(auc === undefined ? [] : [`AUC ${auc.toFixed(4)}`]),
  ];
}
