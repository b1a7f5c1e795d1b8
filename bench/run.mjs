/**
 * Benchmarks: Dawnpour and its peers, on every device of the machine. Machines are shared and their clock rates change, so times
 * from different moments cannot be compared. Every case is measured in several rounds. In each round every contestant has its
 * turn, and the ratio within a round counts. Every result is checked.
 */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { arch, availableParallelism, cpus, platform, tmpdir, totalmem } from "node:os";
import { dirname, join } from "node:path";
import { Command, InvalidArgumentError, Option } from "commander";
import { benchmarks, listDevices } from "dawnpour/kernels";
import { gemmCase, gemmShapes, stepCases } from "./cases.mjs";
import { Contestant } from "./contestant.mjs";
import { entrants, OURS, PEER_NAMES, takesPart } from "./contestants.mjs";
import { hasGoal } from "./goals.mjs";
import { modelCases } from "./models.mjs";
import { measurePeak } from "./peak/peak.mjs";
import { quiet, settle } from "./quiet.mjs";
import { reportText } from "./report-text.mjs";
import { summarise } from "./summary.mjs";
import { goalTable, resultTable } from "./table.mjs";

/** A peer that needs longer than this for a case is left out of it. Dawnpour has more time, as its result is always wanted. */
const CASE_MILLISECONDS = 120_000;
const OUR_MILLISECONDS = 1_200_000;

const PRECISIONS = ["f32", "f16", "bf16"];

const count = (text) => {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError("It is not a whole number from 1.");
  return value;
};
const listOf = (known) => (text) => {
  const wanted = text.split(",");
  const wrong = wanted.find((one) => !known.includes(one));
  if (wrong !== undefined) throw new InvalidArgumentError(`"${wrong}" is none of ${known.join(", ")}.`);
  return wanted;
};
const options = new Command("bench")
  .description("measure Dawnpour beside its peers; see bench/README.md")
  .option("--device <name>", "only this device: cpu, or part of a WebGPU adapter's name")
  .addOption(
    new Option("--only <kind>", "products, steps of autoencoders, or steps of models of one's own alone").choices([
      "gemm",
      "step",
      "model",
    ]),
  )
  .option("--largest <size>", "leave out products with a longer side than this", count, 8192)
  .option("--shapes <list>", "these products instead: MxNxK,... with an optional :nt, :tn, :tt", benchmarks.parseShapes)
  .option("--match <text>", "only cases with this in their name, such as 1024 or batch", "")
  .option("--precision <list>", "of the operands: f32, f16, bf16, or several of them", listOf(PRECISIONS), ["f32"])
  .option(
    "--arithmetic <name>",
    "arithmetic of our products in f32 on the CPU, see `dawnpour bench`; default: the device's choice",
  )
  .option("--peers <list>", `only these: ${PEER_NAMES.join(", ")}`, listOf(PEER_NAMES), PEER_NAMES)
  .option("--rounds <count>", "rounds of steps and of products with a goal; other products have one round", count, 3)
  .option("--patience <seconds>", "how long a round waits for a quiet machine", count, 30)
  .option("--out <file>", "where to write the results", "bench/results/latest.json")
  .parse()
  .opts();

const folder = await mkdtemp(join(tmpdir(), "dawnpour-bench-"));
try {
  const report = { date: new Date().toISOString(), machine: machine(), rounds: options.rounds, devices: [] };
  for (const device of await chosenDevices()) await benchmark(device, report);
  console.log(`results: ${options.out}`);
} finally {
  await rm(folder, { recursive: true });
}

async function chosenDevices() {
  const devices = await listDevices();
  const wanted = options.device?.toLowerCase();
  const chosen = devices.filter(({ kind, name }) => !wanted || wanted === kind || name.toLowerCase().includes(wanted));
  if (chosen.length === 0) {
    throw new Error(`no device "${options.device}": there are ${devices.map(({ name }) => name).join(", ")}`);
  }
  return chosen;
}

/** Adds one device to the report: its ceilings, its contestants and its results, each result as soon as it is measured. */
async function benchmark({ kind, name, driver, software, arithmetic: usual }, report) {
  const arithmetic = options.arithmetic ? { ...usual, f32: options.arithmetic } : usual;
  const device = { kind, name, driver, software, arithmetic };
  console.log(`\n${name}`);
  const before = await calmPeak(device);
  const all = cases();
  const contestants = await startAll(entrantsFor(device, all));
  const names = Object.fromEntries(contestants.map(({ id, version }) => [id, version]));
  const measured = { ...device, peak: before, contestants: names, results: [] };
  report.devices.push(measured);
  try {
    for (const test of all) {
      measured.results.push(await measureCase(test, contestants, roundsOf(test, device)));
      await save(report);
    }
  } finally {
    await Promise.all(contestants.map(({ contestant }) => contestant.stop()));
  }
  const peak = higher(before, await calmPeak(device));
  measured.peak = peak;
  for (const result of measured.results) result.share = peak && result.gflops / peak.gflops;
  await save(report);
  console.log(`\n${resultTable(measured)}\n\n${goalTable([measured])}`);
}

async function save(report) {
  await mkdir(dirname(options.out), { recursive: true });
  await writeFile(options.out, reportText(report));
}

function cases() {
  const { only, precision, match } = options;
  const shapes = only && only !== "gemm" ? [] : (options.shapes ?? gemmShapes(options.largest));
  const gemms = precision.flatMap((each) => shapes.map((shape) => gemmCase(shape, each, folder)));
  const steps = only && only !== "step" ? [] : precision.flatMap((each) => stepCases(each, folder));
  const models = only === "model" || (!only && precision.includes("f32")) ? modelCases(folder) : [];
  return [...gemms, ...steps, ...models].filter(({ name }) => name.includes(match));
}

/** Dawnpour, and those of the wanted peers that can do at least one of the cases. */
function entrantsFor(device, cases) {
  return entrants(device, options.arithmetic).filter(
    (one) => (one.checksItself || options.peers.includes(one.name)) && cases.some((test) => takesPart(one, test)),
  );
}

/** Most products only show the range of the ratios. One round of each is enough for that. */
function roundsOf(test, device) {
  const matters = test.kind !== "gemm" || options.shapes || hasGoal(device, test.name);
  return matters ? options.rounds : 1;
}

async function calmPeak(device) {
  await quiet(options.patience);
  return measurePeak(device);
}

/** A ceiling is the highest value of all its measurements. */
function higher(a, b) {
  return a && b && { gflops: Math.max(a.gflops, b.gflops), gbps: Math.max(a.gbps, b.gbps) };
}

async function startAll(entries) {
  const started = [];
  for (const entry of entries) {
    const contestant = new Contestant(entry);
    try {
      const version = await contestant.start();
      console.log(`  ${entry.peer}: ${version}`);
      started.push({ ...entry, contestant, version });
    } catch (error) {
      if (entry.id === OURS) throw error;
      console.log(`  ${entry.peer} does not take part: ${error.message}`);
    }
  }
  return started;
}

/**
 * The result of one case, over all rounds. A contestant that fails at it is left out of its later rounds. A round during
 * which the machine was not quiet is repeated, until the time of `--patience` is over.
 */
async function measureCase(test, contestants, count) {
  const check = await test.prepare();
  const able = contestants.filter((one) => takesPart(one, test));
  const rounds = Object.fromEntries(able.map(({ id, peer }) => [id, { peer, times: [] }]));
  let disturbedRounds = 0;
  for (let round = 0; round < count; round++) {
    const { times, disturbed } = await measureRound(test, check, rotated(able, round), rounds);
    for (const [id, time] of Object.entries(times)) rounds[id].times.push(time);
    disturbedRounds += Number(disturbed);
  }
  progress(test, rounds);
  return { ...summarise(test, rounds), rounds: count, disturbedRounds };
}

async function measureRound(test, check, able, rounds) {
  const end = performance.now() + 1000 * options.patience;
  for (;;) {
    await quiet((end - performance.now()) / 1000);
    const times = {};
    for (const { id, contestant, checksItself } of able) {
      if (rounds[id].error) continue;
      try {
        const answer = await contestant.measure(test, id === OURS ? OUR_MILLISECONDS : CASE_MILLISECONDS);
        await settle();
        if (!checksItself) check(answer);
        const { medianMs, fastestMs, slowestMs } = answer;
        times[id] = { medianMs, fastestMs, slowestMs };
      } catch (error) {
        if (id === OURS) throw error;
        rounds[id].error = error.message;
      }
    }
    const disturbed = !(await quiet(0));
    if (!disturbed || performance.now() > end) return { times, disturbed };
  }
}

/** Each round starts with another contestant, so that none always gets its turn first. */
function rotated(list, by) {
  const first = by % list.length;
  return [...list.slice(first), ...list.slice(0, first)];
}

function progress({ name }, rounds) {
  const parts = Object.entries(rounds).map(
    ([id, { times, error }]) => `${id} ${error ?? times.map(({ medianMs }) => medianMs.toPrecision(3)).join(" ")}`,
  );
  console.log(`  ${name}: ${parts.join(", ")} ms`);
}

function machine() {
  return {
    cpu: cpus()[0]?.model.trim(),
    cores: availableParallelism(),
    memoryGB: Math.round(totalmem() / 2 ** 30),
    os: `${platform()} ${arch()}`,
    node: process.version,
  };
}
