/** Measures the ceilings of a device: {"gflops", "gbps"}, or undefined where they cannot be measured. */
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
const path = (name) => fileURLToPath(new URL(name, import.meta.url));

export async function measurePeak({ kind, name }) {
  const { stdout } = kind === "cpu" ? await cpuPeak() : await run(process.execPath, [path("./webgpu.mjs"), name]);
  return stdout && JSON.parse(stdout.split("\n").find((line) => line.startsWith("{")));
}

/** Compiles peak.cc for this chip and runs it, if there is a compiler. */
async function cpuPeak() {
  const folder = await mkdtemp(join(tmpdir(), "dawnpour-peak-"));
  const program = join(folder, "peak");
  const compiler = process.env.CXX ?? "c++";
  try {
    await run(compiler, ["-O3", "-march=native", "-std=c++20", "-pthread", path("./peak.cc"), "-o", program]);
    return await run(program, [String(availableParallelism())]);
  } catch (error) {
    console.error(`no peak of the CPU: ${compiler}: ${error.message.split("\n")[0]}`);
    return {};
  } finally {
    await rm(folder, { recursive: true });
  }
}
