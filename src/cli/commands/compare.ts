/** `dawnpour compare`: strategies beside each other on the same data. */
import { join } from "node:path";
import { Command } from "commander";
import { mainOption } from "../../collective/compress/compressors.js";
import { type ComparedRun, compare } from "../../comparison/compare.js";
import { UsageError } from "../../error.js";
import { checkOptions, layerOptions } from "../../training/config/config.js";
import { preset } from "../../training/config/presets.js";
import type { World } from "../../world/world.js";
import { parseCompared } from "../choice-option.js";
import { commandLine } from "../command-line.js";
import { Downloads, note, Progress, print, printJson } from "../display/output.js";
import { Interruption } from "../interruption.js";
import { asCalled } from "../invocation.js";
import { configOptions, number, refuseTwoValues } from "../options.js";
import { addTrainOptions, placeOf, type TrainCommandOptions } from "../train-options.js";

type CompareCommandOptions = TrainCommandOptions & { readonly target?: number };

export function compareCommand(world: World): Command {
  const command = new Command("compare")
    .description("train with several strategies on the same data, and draw their errors beside each other")
    .argument(
      "<strategies...>",
      "two or more, as --strategy of train, and +COMPRESSOR behind it: synchronous synchronous+topk:0.01 local-sgd:H=8",
    )
    .addHelpText("after", asCalled(HELP));
  addTrainOptions(command, "4, or one for each worker if there are more");
  command
    .optionsGroup("Comparison:")
    .option("--target <sse>", "also tell the time until the test SSE is at most this", number);
  for (const option of command.options) option.hideHelp([...FOREIGN, "no-pca", "task"].includes(option.name()));
  return refuseTwoValues(command).action((strategies: string[], options: CompareCommandOptions) =>
    runCompare(world, strategies, options, command),
  );
}

/** Options of `train` that mean nothing for several runs. */
const FOREIGN = [
  "strategy",
  "resume",
  "other-data",
  "pipeline",
  "servers",
  "reduce",
  "config",
  "find-lr",
  "check-finite",
  "model",
];

async function runCompare(
  world: World,
  strategies: readonly string[],
  options: CompareCommandOptions,
  command: Command,
): Promise<void> {
  const given = command.options.filter((option) => command.getOptionValueSource(option.attributeName()) === "cli");
  const foreign = given.find((option) => FOREIGN.includes(option.name()));
  if (foreign) throw new UsageError(`${foreign.long} is not for a comparison: leave it out`);
  const config = layerOptions(
    options.preset ? preset(options.preset) : {},
    checkOptions(configOptions({ ...options, initial: options.weights }), "command line"),
  );
  const say = options.json ? note : print;
  // Each run has a progress of its own, with its own time and failures.
  let progress = new Progress(world.clock, process.stderr);
  const downloads = new Downloads(process.stderr);
  const interruption = new Interruption({ line: (text) => progress.line(text), close: () => progress.close() });
  const { resume: _, pipeline: __, ...place } = placeOf(options);
  try {
    const result = await compare(
      config,
      strategies.map((text) => parseCompared(text, mainOption)),
      {
        ...place,
        world,
        pca: false,
        substitute: options.dataset === undefined,
        command: commandLine(process.argv.slice(2)),
        signal: interruption.signal,
        tensorboard: options.tensorboard,
        target: options.target,
        onDownload: downloads.observe,
        observer: (event) => progress.observe(event),
        onRun(strategy, index, out) {
          downloads.close();
          progress.close();
          progress = new Progress(world.clock, process.stderr);
          progress.line(`${index + 1} of ${strategies.length}: ${strategy}, in ${out}`);
          interruption.listen();
        },
      },
    );
    progress.close();
    for (const line of tableLines(result.runs, result.target)) say(line);
    if (result.stopped) say(`stopped: ${result.runs.length} of ${strategies.length} strategies are done`);
    if (result.runs.length > 0) say(`page    ${join(result.out, "comparison.html")}`);
    if (options.json) printJson(result);
    if (!result.stopped) interruption.cameTooLate();
  } finally {
    downloads.close();
    progress.close();
    interruption.close();
  }
}

/** Best first. */
function tableLines(runs: readonly ComparedRun[], target?: number): string[] {
  const sorted = [...runs].sort((a, b) => a.sse - b.sse);
  const width = Math.max(8, ...sorted.map(({ strategy }) => strategy.length));
  const cells = (...values: string[]): string => values.map((value) => value.padStart(9)).join(" ");
  return [
    `${"strategy".padEnd(width)} ${cells("test SSE", "images/s", "seconds", "B/img up", "B/img dn", "failures", "lost", ...(target === undefined ? [] : [`s to ${target}`]))}`,
    ...sorted.map(({ strategy, sse, imagesPerSecond, seconds, payload, failures, stepsLost, toTarget }) => {
      const reached = target === undefined ? [] : [toTarget?.toFixed(1) ?? "-"];
      const whole = [imagesPerSecond, seconds, payload.up, payload.down].map((value) => value.toFixed(0));
      return `${strategy.padEnd(width)} ${cells(sse.toFixed(3), ...whole, String(failures), String(stepsLost), ...reached)}`;
    }),
  ];
}

const HELP = `
Every strategy trains the same network on the same batches, under the same
faults, one after the other, for as many steps, rounded up to whole rounds. One
worker is enough: neither workers nor failures change the result. Bytes are
those of exchanges between machines, one for each part. The folder gets a run
for each strategy, comparison.html and comparison.json.
--link 100Mbps,20ms trains as fast as this machine can, and tells times as they
would be with a machine for each part (one core, as in predict) and such links.

  dawnpour compare synchronous local-sgd:H=8 diloco:H=50 --dataset mnist
  dawnpour compare synchronous synchronous+topk:0.01 synchronous+powersgd:4
  dawnpour compare synchronous ./mine.js:H=4 --dataset digits --workers 3`;
