/**
 * Faults of a run over several machines, in real processes: the NATS server is killed and comes back, a machine is frozen, a
 * worker's process is killed, the coordinator's process is killed. After each, the run must end with the bits of one process.
 * It runs as `npm run machine-faults`; arguments choose some of the faults.
 */
import { execFileSync } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { openSources } from "../support/source-server.mjs";

const TRAIN = ["digits:2000", "--layers", "784,64,8", "--epochs", "40", "--batch", "200", "--parts", "3"];

/** Processes that a process has started. */
const childrenOf = (pid) =>
  execFileSync("ps", ["--ppid", String(pid), "-o", "pid=,args="], { encoding: "utf8" })
    .split("\n")
    .filter((line) => line.includes("process-main"))
    .map((line) => Number.parseInt(line, 10));

const freeze = async ({ child }, milliseconds) => {
  child.kill("SIGSTOP");
  await sleep(milliseconds);
  child.kill("SIGCONT");
};

const serverAway = (milliseconds) => async (machines, parts) => {
  parts.server.child.kill("SIGKILL");
  await sleep(milliseconds);
  parts.server = await machines.server();
};

const FAULTS = {
  "the server is away for 1 s": serverAway(1000),
  "the server is away for 4 s": serverAway(4000),
  "the server is away for 10 s": serverAway(10_000),
  "the server comes back without its store": async (machines, parts) => {
    parts.server.child.kill("SIGKILL");
    await sleep(1000);
    machines.emptyStore();
    parts.server = await machines.server();
    // A machine that begins now finds the run.
    parts.workers[0].child.kill("SIGKILL");
    parts.workers[0] = machines.worker("first");
  },
  "a machine is frozen for 5 s": (_, { workers }) => freeze(workers[0], 5000),
  "a worker's process is frozen for 5 s": async (_, { workers }) => {
    const [pid] = childrenOf(workers[0].child.pid);
    process.kill(pid, "SIGSTOP");
    await sleep(5000);
    // The supervisor may have ended it meanwhile.
    if (childrenOf(workers[0].child.pid).includes(pid)) process.kill(pid, "SIGCONT");
  },
  "dawnpour coordinate is frozen for 5 s": (_, { run }) => freeze(run, 5000),
  "dawnpour coordinate is frozen for 10 s": (_, { run }) => freeze(run, 10_000),
  "a worker's process is killed": (_, { workers }) => process.kill(childrenOf(workers[0].child.pid)[0], "SIGKILL"),
  "processes of the run's machine are killed": (_, { run }) => {
    for (const pid of childrenOf(run.child.pid)) process.kill(pid, "SIGKILL");
  },
  "a machine is killed and joins again": async (machines, { workers }) => {
    workers[0].child.kill("SIGKILL");
    await sleep(1000);
    workers[0] = machines.worker("first");
  },
};

const sources = await openSources();
const { Machines } = await sources.ssrLoadModule("/test/support/machines.ts");
const chosen = process.argv.slice(2);
const faults = Object.entries(FAULTS).filter(([name]) => chosen.every((word) => name.includes(word)));
const machines = new Machines();
let failed = faults.length === 0 ? 1 : 0;
try {
  const parts = { server: await machines.server() };
  parts.workers = ["first", "second"].map((name) => machines.worker(name));
  const alone = (await machines.alone("one", ...TRAIN).result()).parametersSha256;
  for (const [i, [name, strike]] of faults.entries()) {
    const begun = performance.now();
    parts.run = machines.coordinate(`faulty-${i}`, ...TRAIN);
    try {
      await parts.run.says("epoch 4.0");
      await strike(machines, parts);
      const late = sleep(90_000).then(() => Promise.reject(new Error("it hangs")));
      const { parametersSha256 } = await Promise.race([parts.run.result(), late]);
      if (parametersSha256 !== alone) throw new Error(`other bits: ${parametersSha256}, not ${alone}`);
      console.log(`${name}: same bits, after ${((performance.now() - begun) / 1000).toFixed(1)} s`);
    } catch (error) {
      failed++;
      parts.run.child.kill("SIGKILL");
      console.log(`${name}: FAILED: ${error.message}`);
      for (const { stderr } of parts.workers) console.log(stderr());
    }
  }
} finally {
  await machines.close();
  await sources.close();
}
process.exit(failed > 0 ? 1 : 0);
