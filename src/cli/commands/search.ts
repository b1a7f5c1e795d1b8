/** `dawnpour search`: the configuration with the least error, by successive halving. */
import { join } from "node:path";
import { Command, InvalidArgumentError } from "commander";
import { brief, UsageError } from "../../error.js";
import { plural } from "../../report/number-text.js";
import { candidateText } from "../../search/candidate-text.js";
import { ranked } from "../../search/ranking.js";
import type { SearchRecord, Trial } from "../../search/record.js";
import { type SearchResult, search } from "../../search/search.js";
import type { SearchAxis, SearchSpace } from "../../search/space.js";
import { checkOptions, layerOptions } from "../../training/config/config.js";
import { preset } from "../../training/config/presets.js";
import type { World } from "../../world/world.js";
import { Downloads, note, print, printJson } from "../display/output.js";
import { foundCommand } from "../found-command.js";
import { Interruption } from "../interruption.js";
import { asCalled } from "../invocation.js";
import { configOptions, number, refuseTwoValues, whole } from "../options.js";
import { addTrainOptions, placeOf, type TrainCommandOptions } from "../train-options.js";
import { oneDataset } from "./train.js";

interface SearchCommandOptions extends TrainCommandOptions {
  readonly vary?: readonly [string, SearchAxis][];
  readonly candidates?: number;
  readonly eta?: number;
  readonly withheld?: number;
}

/** Options of `train` that are not for a search. */
const FOREIGN = [
  ...["strategy", "compress", "pipeline", "config", "other-data", "steps", "parts", "faults", "chaos", "tensorboard"],
  ...["evaluate-every", "checkpoint-every", "keep", "no-pca", "no-tune", "heartbeat", "timeout", "step-timeout"],
  ...["restart-pause", "patience", "servers", "reduce", "find-lr", "check-finite", "model"],
];

export function searchCommand(world: World): Command {
  const command = new Command("search")
    .description("find the options with the least error: many candidates on few images, the best on all")
    .argument("[dataset]", "as --dataset")
    .addHelpText("after", asCalled(HELP));
  command
    .optionsGroup("Search:")
    .option(
      "--vary <key=values>",
      "an option that varies: lr=0.0003..0.01, batch=64,128, layers=784-256-32,784-512-32; may be given several times",
      parseAxis,
    )
    .option("--candidates <n>", "candidates of the first rung, at most (default: 27)", whole)
    .option("--eta <n>", "of how many candidates one goes on, to as many times the images (default: 3)", whole)
    .option("--withheld <fraction>", "training images that compare the candidates (default: 0.1)", number);
  addTrainOptions(command);
  for (const option of command.options) option.hideHelp([...FOREIGN, "task"].includes(nameOf(option.long)));
  return refuseTwoValues(command).action((dataset: string | undefined, options: SearchCommandOptions) =>
    runSearch(world, { ...options, dataset: oneDataset(dataset, options) }, command),
  );
}

const nameOf = (long: string | undefined): string => (long ?? "").replace(/^--/, "");

/** `lr=0.0003..0.01`, `layers=784-256-32,784-512-32`; the key in kebab or camel case. */
function parseAxis(text: string, before: readonly [string, SearchAxis][] = []): [string, SearchAxis][] {
  const [, name, values] = /^([\w-]+)=(.+)$/s.exec(text) ?? [];
  if (name === undefined) throw new InvalidArgumentError(`${brief(text)}: write key=from..to or key=value,value.`);
  const key = name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
  if (before.some(([other]) => other === key)) throw new InvalidArgumentError(`${key} is given twice: give it once.`);
  const [, from, to] = /^(.+?)\.\.(.+)$/.exec(values) ?? [];
  const axis =
    from === undefined
      ? values.split(",").map((value) => parseValue(key, value))
      : { from: Number(from), to: Number(to) };
  return [...before, [key, axis]];
}

function parseValue(key: string, text: string): unknown {
  if (key === "layers") return text.split("-").map(Number);
  if (text === "true" || text === "false") return text === "true";
  return text.trim() !== "" && Number.isFinite(Number(text)) ? Number(text) : text;
}

async function runSearch(world: World, options: SearchCommandOptions, command: Command): Promise<void> {
  const given = command.options.filter((option) => command.getOptionValueSource(option.attributeName()) === "cli");
  const foreign = given.find((option) => FOREIGN.includes(nameOf(option.long)));
  if (foreign) throw new UsageError(`${foreign.long} is not for a search: leave it out`);
  const config = layerOptions(
    options.preset ? preset(options.preset) : {},
    checkOptions(configOptions({ ...options, initial: options.weights }), "command line"),
  );
  const say = options.json ? note : print;
  const downloads = new Downloads(process.stderr);
  const interruption = new Interruption({ line: note, close: () => undefined });
  const { device, adapter, threads, devices, workers, data, out, resume } = placeOf(options);
  if (typeof workers === "object")
    throw new UsageError(`a search has a fixed number of workers: write --workers ${workers.most}`);
  const { candidates, eta, withheld, vary = [] } = options;
  try {
    const result = await search(config, Object.fromEntries(vary) as SearchSpace, {
      ...{ world, device, adapter, threads, devices, workers, data, out, resume, candidates, eta, withheld },
      substitute: options.dataset === undefined,
      signal: interruption.signal,
      onDownload: downloads.observe,
      onReady(record, folder) {
        downloads.close();
        say(`search  ${rungsText(record)}`);
        say(`out     ${folder}`);
        interruption.listen();
      },
      onTrial: (trial, record) => note(trialLine(trial, record)),
    });
    for (const line of resultLines(result, command)) say(line);
    if (options.json) printJson(result);
    if (!result.stopped) interruption.cameTooLate();
  } finally {
    downloads.close();
    interruption.close();
  }
}

/** `27 candidates on 6000 images, 9 on 18000, 3 on 54000; 10 epochs each` */
function rungsText({ rungs, request }: SearchRecord): string {
  const sizes = rungs
    .map(
      ({ candidates, images }, i) =>
        `${candidates}${i === 0 ? " candidates" : ""} on ${images}${i === 0 ? " images" : ""}`,
    )
    .join(", ");
  return `${sizes}; ${plural(request.epochs, "epoch", "epochs")} each`;
}

function trialLine({ rung, candidate, sse, seconds, failure }: Trial, record: SearchRecord): string {
  const done = record.trials.filter((trial) => trial.rung === rung).length;
  const best = ranked(record, rung)[0]?.sse;
  const found = sse === undefined ? `failed: ${failure}` : `SSE ${sse.toFixed(3)}, best ${best?.toFixed(3)}`;
  const of = record.rungs[rung].candidates;
  return `rung ${rung + 1}, ${done} of ${of}: ${found}, ${seconds.toFixed(1)} s, ${candidateText(record.candidates[candidate])}`;
}

function resultLines({ best, stopped, out, trials, request }: SearchResult, command: Command): string[] {
  const page = `page    ${join(out, "search.html")}`;
  if (stopped)
    return [`stopped after ${trials.length} trials: go on with the same options, --resume and --out ${out}`, page];
  if (!best) return ["all candidates failed: search.json has their errors", page];
  return [
    `best    ${candidateText(best.options)}`,
    `        SSE ${best.sse.toFixed(3)} over withheld images, ${best.test?.toFixed(3)} over test images`,
    `run     ${best.out}`,
    page,
    `train   ${foundCommand(best.options, request.epochs, command)}`,
  ];
}

const HELP = `
Every candidate trains on a subset of the training images. One of three goes on
to three times as many images, until the last ones train on all. Candidates are
compared on training images that were withheld from all of them; the test
images measure the last ones. Neither workers nor failures change the result.
The folder gets search.json, search.html and the runs of the last rung.

  dawnpour search mnist --vary lr=0.0003..0.01 --vary batch=64,128,256
  dawnpour search digits --vary layers=784-256-32,784-512-128-32 --workers 2`;
