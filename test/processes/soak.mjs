/**
 * Watches a run under chaos for leaks: `npm run soak -- MINUTES [WORKERS [MTBF]]`, by default 20 minutes, 4 workers and a fault
 * every 5 s. It reads /proc, so it needs Linux. After a leak the exit code is 1, and the output says what leaked.
 *
 * The rules, after a warm-up of a quarter of the time:
 * - resident memory is flat: of the main process, and of its nodes that are of age, the median of the last third is at
 *   most a tenth and 16 MiB above that of the first;
 * - the main process has at most 8 open files more in the last third than in the first;
 * - there are never more processes than one for each node, and no zombie is seen twice;
 * - a fault is recovered from once or twice, not again and again;
 * - at the end nothing is left: no process, no name in /dev/shm, no file in the temporary folder.
 */
import { spawn } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const [minutes = 20, workers = 4, mtbf = "5s"] = process.argv.slice(2);
const EVERY = 2000;
const MIB = 2 ** 20;
/** After this number of milliseconds a node is grown up: its memory does not grow any more. */
const GROWN = 20_000;

const problems = new Set();
const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];
const list = async (folder) => await readdir(folder).catch(() => []);

async function processes() {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const all = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/stat`, "utf8").catch(() => undefined)));
  return all.filter(Boolean).map((line) => {
    const fields = line.slice(line.lastIndexOf(")") + 2).split(" ");
    const [state, parent, group] = [fields[0], Number(fields[1]), Number(fields[2])];
    return { pid: Number.parseInt(line, 10), state, parent, group, rss: Number(fields[21]) * 4096 };
  });
}

const folder = await mkdtemp(join(tmpdir(), "dawnpour-soak-"));
const temporary = join(folder, "temporary");
await mkdir(temporary);
const sharedBefore = await list("/dev/shm");
const args = `train --dataset digits:2000 --layers 784,64,16 --parts ${workers} --workers ${workers} --steps 1000000000`;
const chaos = `--evaluate-every 20 --checkpoint-every 20 --chaos mtbf=${mtbf},hang=3s --seed 1 --out run`;
const main = spawn(process.execPath, [resolve("dist/cli/main.js"), ...`${args} ${chaos}`.split(" ")], {
  cwd: folder,
  stdio: ["ignore", "ignore", "pipe"],
  env: { ...process.env, TMPDIR: temporary },
  detached: true,
});
let said = "";
main.stderr.on("data", (chunk) => {
  said = (said + chunk).slice(-2000);
});
let over = false;
const ended = new Promise((settle) => main.on("close", (code) => settle(code))).finally(() => {
  over = true;
});

const samples = [];
const born = new Map();
let zombies = new Set();
const length = minutes * 60_000;
const began = performance.now();
while (performance.now() - began < length && !over) {
  await sleep(EVERY);
  const time = performance.now() - began;
  const group = (await processes()).filter((one) => one.group === main.pid);
  const nodes = group.filter(({ pid }) => pid !== main.pid);
  const dead = new Set(nodes.filter(({ state }) => state === "Z").map(({ pid }) => pid));
  for (const pid of dead) if (zombies.has(pid)) problems.add(`process ${pid} stays a zombie`);
  zombies = dead;
  const living = nodes.filter(({ pid }) => !dead.has(pid));
  if (living.length > Number(workers) + 1) problems.add(`${living.length} nodes at ${Math.round(time / 1000)} s`);
  for (const { pid } of living) if (!born.has(pid)) born.set(pid, time);
  const files = (await readdir(`/proc/${main.pid}/fd`).catch(() => [])).length;
  const grown = living.filter(({ pid }) => time - born.get(pid) > GROWN).map(({ rss }) => rss);
  const rss = group.find(({ pid }) => pid === main.pid)?.rss ?? 0;
  samples.push({ time, rss, files, grown, nodes: living.length });
  if (samples.length % 15 === 0) {
    const node = grown.length > 0 ? `${Math.round(median(grown) / MIB)} MiB a node` : "no node of age";
    console.log(
      `${Math.round(time / 1000)} s: main ${Math.round(rss / MIB)} MiB, ${node}, ${files} files, ${living.length} nodes`,
    );
  }
}

if (over) {
  // The run was too short for more checks.
  console.error(`the run ended by itself: ${said.trim().split("\n").at(-1)}`);
  process.exit(1);
}
process.kill(-main.pid, "SIGINT");
const code = await ended;
if (code !== 0) problems.add(`the run ended with exit code ${code}`);
const left = (await processes()).filter((one) => one.group === main.pid);
if (left.length > 0) problems.add(`${left.length} processes are left`);
const told = (await readFile(join(folder, "run/metrics.jsonl"), "utf8"))
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line));
const of = (event) => told.filter((one) => one.event === event);
const steps = of("steps").map(({ step }) => step);
if (steps.some((step, i) => i > 0 && step <= steps[i - 1])) problems.add("steps were told of twice");
const files = await list(temporary);
if (files.length > 0) problems.add(`temporary files are left: ${files.join(", ")}`);
const shared = (await list("/dev/shm")).filter((name) => !sharedBefore.includes(name));
if (shared.length > 0) problems.add(`shared memory is left: ${shared.join(", ")}`);
await rm(folder, { recursive: true });

const settled = samples.filter(({ time }) => time > length / 4);
const third = Math.floor(settled.length / 3);
const [first, last] = [settled.slice(0, third), settled.slice(-third)];
function compare(what, pick, allowed) {
  const [then, now] = [first, last].map((part) => part.flatMap(pick));
  if (then.length === 0 || now.length === 0) return;
  const [a, b] = [median(then), median(now)];
  console.log(`${what}: ${Math.round(a)} at first, ${Math.round(b)} at last`);
  if (b > allowed(a)) problems.add(`${what} grew from ${Math.round(a)} to ${Math.round(b)}`);
}
const flat = (mib) => 1.1 * mib + 16;
compare("MiB of the main process", ({ rss }) => [rss / MIB], flat);
compare("MiB of a node", ({ grown }) => grown.map((rss) => rss / MIB), flat);
compare(
  "open files of the main process",
  ({ files }) => [files],
  (files) => files + 8,
);
const [faults, recoveries] = [of("fault").length, of("recovery").length];
console.log(`${steps.at(-1)} steps, ${faults} faults, ${recoveries} recoveries`);
if (recoveries > 3 * faults + 10)
  problems.add(`${recoveries} recoveries from ${faults} faults: something fails again and again`);
for (const problem of problems) console.log(`problem: ${problem}`);
process.exitCode = problems.size > 0 ? 1 : 0;
