/** `dawnpour apply`: what a classifier, a regression or a model of a module gives for each row. */
import type { Command } from "commander";
import { openCheckpoint } from "../../checkpoint/open.js";
import { type Split, targetsOf } from "../../data/dataset.js";
import { encodeNpy } from "../../data/formats/npy.js";
import { brief, UsageError } from "../../error.js";
import { likeliest } from "../../training/model-measures.js";
import { configFromCheckpoint } from "../../training/run-folder/snapshot.js";
import { isAutoencoder } from "../../training/task/task.js";
import { TrainedModel } from "../../training/trained-model.js";
import type { World } from "../../world/world.js";
import { writeWhole } from "../../world/write-whole.js";
import { askedRows, type RowsOptions, splitOption } from "../asked-rows.js";
import { checkOutput } from "../check-output.js";
import { note, print, printJson } from "../display/output.js";
import { openAsTrained, type TrainedOptions, trainedCommand } from "../trained.js";

interface ApplyOptions extends TrainedOptions, RowsOptions {
  readonly output: string;
  readonly json?: boolean;
}

export function applyCommand(world: World): Command {
  return trainedCommand(
    "apply",
    "write the class or the numbers that a trained classifier or regression gives each row",
  )
    .requiredOption("-o, --output <file>", "the file to write: .csv (row and result) or .npy (float32 [n, outputs])")
    .addOption(splitOption())
    .option("--json", "print one JSON line")
    .addHelpText("after", HELP)
    .action((checkpoint: string, options: ApplyOptions) => runApply(world, checkpoint, options));
}

const HELP = `
A classifier gives the likeliest class and its probability; its .npy has the
probabilities of all classes. A regression gives numbers in the units of the
training data. Rows without a label are as good as others: name the column of
labels with --label where there is one.

  dawnpour train flowers.csv --task classify --out runs/flowers
  dawnpour apply runs/flowers --dataset new.csv -o classes.csv`;

async function runApply(world: World, path: string, options: ApplyOptions): Promise<void> {
  const { output, json = false } = options;
  if (!/\.(npy|csv)$/i.test(output)) {
    throw new UsageError(`--output ${brief(output)}: the name must end in .npy or .csv, which decides the format`);
  }
  await checkOutput(world, output);
  const checkpoint = await openCheckpoint(world, path, { optimizer: false });
  for (const problem of checkpoint.skipped) note(`warning: ${problem}`);
  if (isAutoencoder(configFromCheckpoint(checkpoint))) {
    throw new UsageError(
      "apply gives classes and numbers, and the checkpoint is an autoencoder: take encode for its codes, reconstruct for its reconstructions",
    );
  }
  const { rows, source, which } = await askedRows(world, checkpoint, options);
  const device = await openAsTrained(checkpoint, options);
  try {
    using trained = await TrainedModel.restore(device, checkpoint);
    const results = resultsOf(trained, rows, await trained.predict(rows));
    await writeWhole(world.disk, output, /\.npy$/i.test(output) ? npy(results, rows) : csv(results, rows));
    const facts = { rows: rows.count, outputs: trained.sizes.outputs, classes: trained.task.classNames };
    if (json) printJson({ checkpoint: path, device: device.info.name, source, output, ...facts });
    else print(`${output}: ${results.what} of ${rows.count} rows, ${which} rows of ${source}`);
  } finally {
    device.destroy();
  }
}

/** What a model gave for rows, as a table. */
interface Results {
  /** For display. */
  readonly what: string;
  /** `[n, outputs]` */
  readonly values: Float32Array;
  readonly head: readonly string[];
  cells(row: number): readonly string[];
  /** What the data say of a row, where they say it. */
  readonly known?: { readonly head: readonly string[]; cells(row: number): readonly string[] };
}

function resultsOf({ task, sizes: { outputs } }: TrainedModel, rows: Split, made: Float32Array): Results {
  const of = (row: number): Float32Array => made.subarray(row * outputs, (row + 1) * outputs);
  if (task.target !== "labels") {
    const isInput = task.target === "input";
    return {
      what: "outputs",
      values: made,
      head: names("value", outputs),
      cells: (row) => Array.from(of(row), shortest),
      ...(!isInput && { known: knownNumbers(rows) }),
    };
  }
  for (let row = 0; row < rows.count; row++) softmax(of(row));
  return {
    what: "classes",
    values: made,
    head: ["class", "probability"],
    cells: (row) => {
      const best = likeliest(of(row));
      return [task.classNames?.[best] ?? String(best), shortest(of(row)[best])];
    },
    known: knownLabels(rows),
  };
}

const names = (name: string, count: number): string[] =>
  count === 1 ? [name] : Array.from({ length: count }, (_, i) => `${name}.${i}`);

function knownLabels({ labels, classNames }: Split): Results["known"] {
  return labels && { head: ["label"], cells: (row) => [classNames?.[labels[row]] ?? String(labels[row])] };
}

function knownNumbers(rows: Split): Results["known"] {
  const { targets } = rows;
  if (!targets) return knownLabels(rows);
  const columns = targetsOf(rows);
  const cells = (row: number) => Array.from(targets.subarray(row * columns, (row + 1) * columns), shortest);
  return { head: names("target", columns), cells };
}

/** In place; the greatest value is subtracted first, so that no power overflows. */
function softmax(values: Float32Array): void {
  const most = values[likeliest(values)];
  const powers = Array.from(values, (value) => Math.exp(value - most));
  const sum = powers.reduce((total, power) => total + power, 0);
  values.set(powers.map((power) => power / sum));
}

const npy = ({ values }: Results, { count }: Split): Uint8Array => encodeNpy(values, [count, values.length / count]);

function csv({ head, cells, known }: Results, { count }: Split): string {
  const lines = [["row", ...head, ...(known?.head ?? [])]];
  for (let row = 0; row < count; row++) lines.push([String(row), ...cells(row), ...(known?.cells(row) ?? [])]);
  return `${lines.map((line) => line.map(cell).join(",")).join("\n")}\n`;
}

/** A value with a comma, a quote or a line break stands in quotes (RFC 4180). */
const cell = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

/** The fewest digits that identify a number of single precision. */
const shortest = (value: number): string => String(Number(value.toPrecision(9)));
