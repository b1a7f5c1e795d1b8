/** `dawnpour train`: from a data set's name to a trained, measured, saved autoencoder with a report. */
import { join } from "node:path";
import { Command } from "commander";
import { describeDataset } from "../../data/describe.js";
import type { MachinePlace } from "../../distributed/machines/leadership.js";
import type { StrikeNow } from "../../distributed/options.js";
import type { ClusterStatus } from "../../distributed/status/status.js";
import { brief, UsageError } from "../../error.js";
import type { RunPage } from "../../page/run-page.js";
import { leastOf } from "../../placement/worker-count.js";
import { type ModelTrainResult, type TrainResult, train } from "../../train.js";
import { checkOptions, layerOptions, type TrainingOptions } from "../../training/config/config.js";
import { preset } from "../../training/config/presets.js";
import type { RunEvent } from "../../training/event.js";
import { explained } from "../../world/disk-error.js";
import type { World } from "../../world/world.js";
import { folderAsker } from "../ask-folder.js";
import { commandLine } from "../command-line.js";
import { Downloads, note, Progress, print, printJson, tuningLines } from "../display/output.js";
import { StatusView } from "../display/status-view.js";
import { deviceLines, resultLines, summary } from "../display/train-lines.js";
import { Interruption } from "../interruption.js";
import { asCalled } from "../invocation.js";
import { configOptions, refuseTwoValues } from "../options.js";
import { addPageOptions, openRunPage, type PageOptions } from "../page-options.js";
import { refuseStar } from "../reduce-option.js";
import {
  addTrainOptions,
  isDistributed,
  placeOf,
  resumeCommand,
  type TrainCommandOptions,
  withPresetPlace,
} from "../train-options.js";

export function trainCommand(world: World): Command {
  const command = new Command("train")
    .description("train an autoencoder, a classifier, a regression or a model of your own, measure it, write a report")
    .argument("[dataset]", "as --dataset")
    .addHelpText("after", asCalled(HELP));
  addPageOptions(addTrainOptions(command));
  return refuseTwoValues(command).action((dataset: string | undefined, options: TrainOptions) =>
    runTrain(world, withPresetPlace({ ...options, dataset: oneDataset(dataset, options) }), command),
  );
}

/** The data set may be a word without an option: `dawnpour train mnist`. */
export function oneDataset(word: string | undefined, { dataset }: TrainCommandOptions): string | undefined {
  if (word === undefined || dataset === undefined || word === dataset) return word ?? dataset;
  throw new UsageError(`two data sets, ${brief(word)} and --dataset ${brief(dataset)}: give one`);
}

type TrainOptions = TrainCommandOptions & PageOptions;

/** @param machines those of the run; default: this one */
export async function runTrain(world: World, options: TrainOptions, command: Command, machines?: MachinePlace) {
  const { file, config } = await askedConfig(world, options);
  const say = options.json ? note : print;
  const progress = new Progress(world.clock, process.stderr);
  const downloads = new Downloads(process.stderr);
  const view = machines || isDistributed(options) ? new StatusView(world.clock, process.stderr) : undefined;
  const interruption = new Interruption(view ?? progress);
  let isCutShort = false;
  const page = await openRunPage(world, options);
  try {
    // Of which kind the result is depends on the configuration, and, of a resumed run, on its checkpoint.
    const result: TrainResult | ModelTrainResult = await train(config, {
      world,
      ...placeOf(options),
      machines,
      // The user did not type the data set of a preset.
      substitute: options.dataset === undefined && file.dataset === undefined,
      command: commandLine(process.argv.slice(2)),
      signal: interruption.signal,
      askFolder: folderAsker(world, view ?? progress),
      ...watchers(view ?? progress, page, options, machines),
      tensorboard: options.tensorboard,
      onDownload: downloads.observe,
      onTuning: tuningLines((line) => progress.line(line)),
      findLr: options.findLr,
      onRates: ({ suggested }) => say(`rate    ${suggested}, found by a range test; the report has its curve`),
      onPca(state) {
        interruption.message =
          state === "begun"
            ? "leaving out PCA; Ctrl-C again ends at once"
            : "the run is over, its report is being written; Ctrl-C again ends at once";
        isCutShort = state === "stopped";
        // Why it failed is told as a warning.
        if (state !== "done" && state !== "failed") (view ?? progress).line(PCA_LINES[state]);
      },
      async onReady(dataset, devices, out, config) {
        downloads.close();
        if (dataset.notice) say(`note: ${dataset.notice}`);
        for (const [i, line] of describeDataset(dataset, config.columns !== undefined).entries())
          say(`${i === 0 ? "data    " : "        "}${line}`);
        for (const line of deviceLines(devices, leastOf(options.workers))) say(line);
        say(`out     ${out}`);
        await page?.ready({ dataset, folder: out, config, resume: options.resume ?? false });
        if (page) say(`page    ${page.link}`);
        // Before this there is nothing to save, and a signal may end the process.
        interruption.listen();
      },
    });
    // The line would be drawn over the block.
    view?.close();
    progress.close();
    for (const line of resultLines(result)) say(line);
    if (result.stopped) say(`stopped at step ${result.step}; go on with:`, resumeCommand(command, result.folder.path));
    say(`report  ${join(result.folder.path, "report.html")}`);
    if (options.json) printJson(summary(result));
    if (!result.stopped && !isCutShort) interruption.cameTooLate();
    result.close();
  } finally {
    downloads.close();
    view?.close();
    progress.close();
    interruption.close();
    await page?.close();
  }
}

/** The listeners of the run: the terminal, and the page if there is one. */
function watchers(
  view: Progress | StatusView,
  page: RunPage | undefined,
  { allowFaults }: PageOptions,
  machines?: MachinePlace,
) {
  return {
    observer: (event: RunEvent): void => {
      page?.observe(event);
      view.observe(event);
    },
    onStatus: (status: ClusterStatus): void => {
      page?.status(status);
      machines?.leadership.show(status);
      if (view instanceof StatusView) view.show(status);
    },
    ...(page && allowFaults && { onFaults: (strike: StrikeNow) => page.canStrike(strike) }),
  };
}

const HELP = `
--layers gives the sizes of the encoder, and the decoder mirrors them:
784,128,32 trains 784-128-32-128-784, which encodes an image as 32 numbers. SSE
is the squared error of an image, summed over its pixels; the mean over the
images is printed. MSE is the same divided by the number of pixels. PCA with as
many numbers is the error to beat.
--preset sets data set, layers, activation, optimizer, schedule, batch and
length; hinton2006: 784,1000,500,250,30, gelu, adam with cosine decay, batch
256, 40 epochs; hinton2006-long: also --augment shift, and 110 epochs;
parameter-server: 10 epochs with 2 workers and --reduce servers:1. Other options
override those of the preset.

The run's folder gets config.json, metrics.jsonl, checkpoints/ and report.html.
Ctrl-C stops the run after it has written a checkpoint; a second Ctrl-C ends it
at once. Exit codes: 0 done, 1 failed, 2 wrong usage, 130 stopped by Ctrl-C,
143 by SIGTERM, 129 by SIGHUP, before training or PCA was done. A signal that
comes later stops nothing, and the code is 0.

  dawnpour train mnist --layers 784,128,32 --epochs 5  a first run
  dawnpour train --preset hinton2006                   the reference network
  dawnpour train a.npy --layers 256,64,8               your own data
  dawnpour train --resume --out runs/a --epochs 80     go on, for longer
  dawnpour train mnist --workers 3 --device cpu        several processes
  dawnpour train mnist --workers 3 --faults "kill worker-1 at 20s"

--faults takes these actions: kill NODE, hang NODE for 10s, cut NODE for 2s
(NODE is worker-0, worker-1, ... or coordinator); slow worker-0 by 3x for 10s;
join 2 workers and leave worker-0, with --workers 2..8;
lose device-0; flip a gradient bit of worker-0; spoil a gradient of worker-0;
fail disk; tear checkpoint. After an action comes: at step 200, at 30s, or at
checkpoint 3. docs/distributed.md explains them.`;

const PCA_LINES = {
  begun: "computing PCA, to compare with (--no-pca leaves it out)",
  stopped: "PCA was left out",
  "too long": "PCA was left out: it took longer than a minute",
};

/** The configuration, and what of it is from a file. */
async function askedConfig(world: World, options: TrainOptions) {
  const file = options.config ? await readConfig(world, options.config) : {};
  const config = layerOptions(
    options.preset ? preset(options.preset) : {},
    file,
    checkOptions(configOptions({ ...options, initial: options.weights }), "command line"),
  );
  await refuseStar(options, config);
  return { file, config };
}

async function readConfig(world: World, path: string): Promise<TrainingOptions> {
  const text = new TextDecoder().decode(await explained("read", path, world.disk.read(path)));
  let options: unknown;
  try {
    options = JSON.parse(text);
  } catch (error) {
    throw new UsageError(`${path}: not JSON: ${(error as Error).message}`);
  }
  return checkOptions(options, path);
}
