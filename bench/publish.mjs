/**
 * Puts results into bench/README.md, between its marks, and draws bench/roofline.svg:
 * `node bench/publish.mjs bench/results/NAME.json ...`, one file a machine.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { sum } from "d3-array";
import { goalsOf } from "./goals.mjs";
import { roofline } from "./roofline.mjs";
import { goalTable, ratioRange, resultTable } from "./table.mjs";

const START = "<!-- results -->";
const END = "<!-- end of results -->";
const README = new URL("README.md", import.meta.url);

const reports = process.argv.slice(2).map((file) => ({ file, ...JSON.parse(readFileSync(file, "utf8")) }));
const devices = reports.flatMap((report) => report.devices);
const page = readFileSync(README, "utf8");
const [head, tail] = [page.slice(0, page.indexOf(START) + START.length), page.slice(page.indexOf(END))];
const goals = `### Goals\n\n${goalTable(devices)}`;
writeFileSync(README, [head, goals, ...reports.map(section), tail].join("\n\n"));
writeFileSync(new URL("roofline.svg", import.meta.url), roofline(devices));

function section({ file, date, machine, rounds, devices }) {
  const { cpu, cores, memoryGB, os, node } = machine;
  const place = `${cpu}, ${cores} cores, ${memoryGB} GB, ${os}, Node ${node}`;
  const disturbed = sum(
    devices.flatMap(({ results }) => results),
    ({ disturbedRounds }) => disturbedRounds,
  );
  const noise = disturbed ? ` Other work on the machine disturbed ${disturbed} of them.` : "";
  const about = `${date.slice(0, 10)}, ${rounds} rounds of each step and each product with a goal, one of the others, on ${place}.${noise} All of it: \`${file}\`.`;
  return [about, ...devices.map(table)].join("\n\n");
}

/** Squares, steps and goals in full; of the layers' products how they range. */
function table(device) {
  const { name, driver, peak, results } = device;
  const goals = new Set(goalsOf(device, results).map((goal) => goal.name));
  const shown = ({ kind, name }) => kind === "step" || goals.has(name) || /^(\d+)x\1x\1 /.test(name);
  const others = results.filter((result) => !shown(result));
  const ceilings = peak ? `: ${peak.gflops.toFixed(0)} GFLOP/s, ${peak.gbps.toFixed(1)} GB/s at most, as measured` : "";
  const parts = [`### ${name}`, `${driver}${ceilings}.`, resultTable(device, shown), ratioRange(others)];
  return parts.filter(Boolean).join("\n\n");
}
