/**
 * Devices, executables and buffers that end in any order: `npm run lifetimes -- --orders 1000 --device cpu --seed 1`. Each order
 * is a random list of calls from a seed: it opens, compiles, runs, reads, writes, destroys and drops objects, collects garbage in
 * between, and leaves some objects open. A process of its own runs some orders. It must not crash. Every read must give the right
 * numbers, or fail because the device or the buffer is gone. At its end the process must have no more threads, file handles and
 * devices than at its start. After a failure the exit code is 1, and the output names the seed that repeats it.
 */
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { Command, InvalidArgumentError, Option } from "commander";
import { softwareGpuEnvironment } from "../../support/software-gpu.mjs";

const EACH = 50;
const CHILD = fileURLToPath(new URL("orders.mjs", import.meta.url));
const KINDS = ["cpu", "webgpu", "reference"];

const count = (text) => {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0) throw new InvalidArgumentError("It is not a whole number from 0.");
  return value;
};
const { orders, seed, device } = new Command("lifetimes")
  .description("open, compile, run, read, destroy, drop and collect in random orders: nothing may crash or leak")
  .option("--orders <count>", "how many, on each device", count, 1000)
  .option("--seed <seed>", "of the first of them", count, 1)
  .addOption(new Option("--device <kind>", "only this one").choices(KINDS))
  .parse()
  .opts();

function run(kind, first, many, environment) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ["--expose-gc", CHILD, kind, first, many], {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, ...environment },
    });
    let said = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (chunk) => {
        said = (said + chunk).slice(-4000);
      });
    }
    child.on("error", reject);
    child.on("close", (code, signal) => resolve({ code, signal, said }));
  });
}

const environment = await softwareGpuEnvironment();
let failed = 0;
for (const kind of device ? [device] : KINDS.slice(0, 2)) {
  const began = performance.now();
  let crashed = 0;
  for (let first = seed; first < seed + orders; first += EACH) {
    const many = Math.min(EACH, seed + orders - first);
    const { code, signal, said } = await run(kind, first, many, environment);
    if (code === 0) continue;
    crashed++;
    console.log(`${kind}, seeds ${first} to ${first + many - 1}: ${signal ?? `exit code ${code}`}\n${said}`);
    console.log(`again: npm run lifetimes -- --device ${kind} --seed ${first} --orders ${many}`);
  }
  failed += crashed;
  const seconds = ((performance.now() - began) / 1000).toFixed(0);
  const result = crashed === 0 ? "no crash, no leak" : `${crashed} processes of ${EACH} orders failed`;
  console.log(`Node ${process.version}, ${kind}: ${orders} orders, seeds from ${seed}, ${seconds} s: ${result}`);
}
process.exitCode = failed === 0 ? 0 : 1;
