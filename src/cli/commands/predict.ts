/** `dawnpour predict`: what a strategy would do on many workers that are not here. */
import { join, resolve } from "node:path";
import { Command } from "commander";
import { COMPRESSORS, mainOption } from "../../collective/compress/compressors.js";
import { brief, UsageError } from "../../error.js";
import { parseChaos } from "../../faults/chaos.js";
import { OPTIMIZERS } from "../../optimizer/optimizer.js";
import { CORE, type DeviceModel, parseDeviceModel } from "../../prediction/device-model.js";
import { parseTopology } from "../../prediction/exchange.js";
import { COLUMNS, renderPrediction } from "../../prediction/page.js";
import { type Prediction, predict, predictedText } from "../../prediction/predict.js";
import { STRATEGIES } from "../../strategies/registry.js";
import { checkOptions } from "../../training/config/config.js";
import { newFolder } from "../../training/run-folder/new-folder.js";
import { parseLink } from "../../transport/link.js";
import { explained } from "../../world/disk-error.js";
import { DURATION_FORM, parseDuration } from "../../world/duration.js";
import type { World } from "../../world/world.js";
import { writeWhole } from "../../world/write-whole.js";
import { parseChoice, parseShortChoice } from "../choice-option.js";
import { note, print, printJson } from "../display/output.js";
import { asCalled } from "../invocation.js";
import { addNetworkOptions, choice, configOptions, refuseTwoValues, whole } from "../options.js";

interface PredictCommandOptions {
  readonly workers: number;
  readonly link: string;
  readonly reduce: string;
  readonly chaos?: string;
  readonly restart: string;
  readonly deviceModel?: string;
  readonly price?: string;
  readonly out?: string;
  readonly json?: boolean;
}

export function predictCommand(world: World): Command {
  const command = new Command("predict")
    .description("predict the speed and the cost of a strategy on 1 to 10,000 workers, without training")
    .requiredOption("--workers <n>", "the largest number of workers", whole)
    .option("--strategy <name>", `${STRATEGIES.join(", ")}, or a module, each with :key=value,...`, parseChoice)
    .option(
      "--compress <name>",
      `how contributions are encoded when they are sent: ${COMPRESSORS.join(", ")}, or a module, each with :key=value,...`,
      (text) => parseShortChoice(text, mainOption),
    )
    .option("--batch <n>", "images of one worker in a step (default: 128)", whole)
    .addOption(choice("--optimizer <name>", "update rule", OPTIMIZERS, "adam"))
    .option("--link <how>", "bits a second and latency of each machine's link", "1Gbps,1ms")
    .option("--reduce <how>", "where contributions are added: star, at the coordinator; servers:K; or ring", "star")
    .option("--chaos <how>", "mtbf=8h: mean time between two failures with all workers; fewer fail less often")
    .option("--restart <time>", "until a worker that failed is back", "10s")
    .option("--device-model <file>", "JSON: name, flops, bytesPerSecond, secondsPerOp (default: a CPU core)")
    .option("--price <p>", "of a worker: 3/h")
    .option("--out <folder>", "folder of the page and the numbers (default: a new one in runs/)")
    .option("--json", "print one JSON line to stdout, and everything else to stderr")
    .addHelpText("after", asCalled(HELP));
  addNetworkOptions(command);
  return refuseTwoValues(command).action((options: PredictCommandOptions) => runPredict(world, options));
}

async function runPredict(world: World, options: PredictCommandOptions): Promise<void> {
  const config = checkOptions(configOptions({ ...options }), "command line");
  const device = await deviceModel(world, options.deviceModel);
  const predictions = await predict({
    ...{ config, workers: options.workers, device },
    link: parseLink(options.link),
    reduce: parseTopology(options.reduce),
    mtbf: options.chaos === undefined ? undefined : mtbfOf(options.chaos),
    price: options.price === undefined ? undefined : priceOf(options.price),
    restart: secondsOf(options.restart),
  });
  const say = options.json ? note : print;
  for (const line of tableLines(predictions)) say(line);
  const out = options.out ?? (await newFolder(world, "prediction"));
  await explained("make the folder", out, world.disk.makeFolder(out));
  const chaos = options.chaos === undefined ? "nothing fails" : options.chaos;
  const place = `${device.name}, link ${options.link}, ${options.reduce}, ${chaos}`;
  const date = world.clock.date().toISOString().slice(0, 16).replace("T", " ");
  const page = renderPrediction({ strategy: predictedText(config), place }, predictions, date);
  await writeWhole(world.disk, join(out, "prediction.html"), page);
  await writeWhole(world.disk, join(out, "prediction.json"), `${JSON.stringify(predictions, null, 2)}\n`);
  say(`page    ${join(out, "prediction.html")}`);
  if (options.json) printJson({ predictions, out });
}

async function deviceModel(world: World, path: string | undefined): Promise<DeviceModel> {
  if (path === undefined) return CORE;
  const bytes = await explained("read", path, world.disk.read(resolve(path)));
  return parseDeviceModel(new TextDecoder().decode(bytes), path);
}

/** Seconds. */
function mtbfOf(text: string): number {
  const other = /\b(kinds|hang)=/.exec(text);
  if (other) throw new UsageError(`--chaos: a prediction has no ${other[1]}: write mtbf=8h`);
  return parseChaos(text).mtbf / 1000;
}

function secondsOf(text: string): number {
  const milliseconds = parseDuration(text);
  if (milliseconds === undefined) throw new UsageError(`--restart ${brief(text)} is no time: ${DURATION_FORM}`);
  return milliseconds / 1000;
}

/** Of an hour. */
function priceOf(text: string): number {
  const [, price] = /^(\d+(?:\.\d+)?)\/h$/.exec(text) ?? [];
  if (price === undefined) throw new UsageError(`--price ${brief(text)}: write the price of a worker for an hour, 3/h`);
  return Number(price);
}

function tableLines(predictions: readonly Prediction[]): string[] {
  const rows = [COLUMNS.map(([name]) => name), ...predictions.map((one) => COLUMNS.map(([, text]) => text(one)))];
  const widths = COLUMNS.map((_, i) => Math.max(...rows.map((row) => row[i].length)));
  return rows.map((row) => row.map((cell, i) => cell.padStart(widths[i])).join("  "));
}

const HELP = `
The time of a part comes from the work of its program and the device model, the
time of an exchange from the bytes of the strategy and the link; 1000 rounds are
simulated with their failures. Every worker has as many images a step, whatever
the number of workers. Nothing is trained.

  dawnpour predict --workers 4096 --strategy diloco --link 100Mbps,50ms
  dawnpour predict --workers 64 --compress powersgd:4 --chaos mtbf=8h`;
