/**
 * Writes results into bench/README.md, between its marks, and draws bench/roofline.svg:
 * `node bench/publish.mjs bench/results/NAME.json ...`. Each file is one run, and all are of one machine. Where several runs
 * measured a case on a device, the latest counts.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { greatest, group, sum } from "d3-array";
import { goalsOf } from "./goals.mjs";
import { roofline } from "./roofline.mjs";
import { goalTable, ratioRange, resultTable } from "./table.mjs";

const START = "<!-- results -->";
const END = "<!-- end of results -->";
const README = new URL("README.md", import.meta.url);

const runs = process.argv.slice(2).flatMap((file) => {
  const { devices, ...run } = JSON.parse(readFileSync(file, "utf8"));
  return devices.map((device) => ({ ...run, file, device }));
});
runs.sort((a, b) => a.date.localeCompare(b.date));
const devices = [...group(runs, ({ device }) => device.name).values()].map(newest);
const page = readFileSync(README, "utf8");
const [head, tail] = [page.slice(0, page.indexOf(START) + START.length), page.slice(page.indexOf(END))];
const goals = `### Goals\n\n${goalTable(devices)}`;
writeFileSync(README, [head, goals, ...devices.map(section), tail].join("\n\n"));
writeFileSync(new URL("roofline.svg", import.meta.url), roofline(devices));

/** A device as its first run describes it, with the latest result of each case, and the highest ceiling of all runs. */
function newest(runs) {
  const contestants = Object.assign({}, ...runs.map(({ device }) => device.contestants));
  const peak = greatest(runs, ({ device }) => device.peak?.gflops)?.device.peak;
  const latest = new Map(runs.flatMap(({ device }) => device.results).map((one) => [one.name, one]));
  const results = [...latest.values()].map((one) => ({ ...one, share: peak && one.gflops / peak.gflops }));
  return { ...runs[0].device, contestants, runs, peak, results };
}

function section(device) {
  const { date, machine } = device.runs[0];
  const { cpu, cores, memoryGB, os, node } = machine;
  const place = `${cpu}, ${cores} cores, ${memoryGB} GB, ${os}, Node ${node}`;
  const disturbed = sum(device.results, ({ disturbedRounds }) => disturbedRounds);
  const noise = disturbed ? ` Other work on the machine disturbed ${disturbed} of them.` : "";
  const files = device.runs.map(({ file }) => `\`${file}\``).join(", ");
  const often = device.results.filter(({ rounds }) => rounds > 1).length;
  const some = often > 0 ? `, ${often} of them in several rounds` : "";
  const counted = `${device.results.length} cases${some}`;
  return `${table(device)}\n\n${date.slice(0, 10)}, ${counted}, on ${place}.${noise} All of it: ${files}.`;
}

/** Square products, steps and goals are in the table. Of the other products of the layers only the range is given. */
function table(device) {
  const { name, driver, peak, results } = device;
  const goals = new Set(goalsOf(device, results).map((goal) => goal.name));
  const shown = ({ kind, name }) => kind === "step" || goals.has(name) || /^(\d+)x\1x\1 /.test(name);
  const others = results.filter((result) => !shown(result));
  const ceilings = peak ? `: ${peak.gflops.toFixed(0)} GFLOP/s, ${peak.gbps.toFixed(1)} GB/s at most, as measured` : "";
  const parts = [`### ${name}`, `${driver}${ceilings}.`, resultTable(device, shown), ratioRange(others)];
  return parts.filter(Boolean).join("\n\n");
}
