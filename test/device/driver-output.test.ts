/** The output of drivers stays off the terminal, but is not lost. Each case reads the standard error of a process of its own. */
import { spawnSync } from "node:child_process";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, it } from "vitest";
import { RUNS_HERE, swiftShaderEnvironment } from "../support/software-gpu.mjs";

const WARNING = "Warning: an old driver";

function inProcess(code: string, environment: Record<string, string> = {}) {
  const module = pathToFileURL(resolve("dist/device/driver-output.js"));
  const script = `import { writeSync } from "node:fs"; import { driverOutput, quietly } from "${module}";\n${code}`;
  const env = { ...process.env, ...environment };
  const { stdout, stderr, status } = spawnSync(process.execPath, ["--input-type=module", "-e", script], {
    encoding: "utf8",
    env,
  });
  return { stdout, stderr, status };
}

function dawnpour(args: readonly string[], environment: Record<string, string>) {
  const env = { ...process.env, ...environment };
  return spawnSync(process.execPath, [resolve("dist/cli/main.js"), ...args], { encoding: "utf8", env });
}

describe("what is written past JavaScript to standard error", () => {
  it("is kept, once for each text, and what comes after it is printed again", () => {
    const { stdout, stderr, status } = inProcess(`
      const twice = [1, 2].map((value) => quietly(() => { writeSync(2, "${WARNING}\\n  of two lines\\n"); return value; }));
      process.stdout.write(JSON.stringify([twice, driverOutput()]));
      writeSync(2, "after");`);
    expect({ stderr, status }).toEqual({ stderr: "after", status: 0 });
    expect(JSON.parse(stdout)).toEqual([[1, 2], `${WARNING}\n  of two lines`]);
  });

  it("is kept when the work fails, and its error is the caller's", () => {
    const { stdout, stderr, status } = inProcess(`
      try { quietly(() => { writeSync(2, "${WARNING}"); throw new RangeError("mine"); }); }
      catch (error) { process.stdout.write(JSON.stringify([String(error), driverOutput()])); }
      writeSync(2, "after");`);
    expect({ stderr, status }).toEqual({ stderr: "after", status: 0 });
    expect(JSON.parse(stdout)).toEqual(["RangeError: mine", WARNING]);
  });

  it("does not end standard error where several threads keep it at once", () => {
    const { stderr, status } = inProcess(`
      import { once } from "node:events";
      import { Worker } from "node:worker_threads";
      const module = ${JSON.stringify(pathToFileURL(resolve("dist/device/driver-output.js")).href)};
      const code = 'import(' + JSON.stringify(module) + ').then(({ quietly }) => { for (let i = 0; i < 5000; i++) quietly(() => i); })';
      const workers = [1, 2, 3].map(() => new Worker(code, { eval: true }));
      await Promise.all(workers.map((worker) => once(worker, "exit")));
      writeSync(2, "after");`);
    expect({ stderr, status }).toEqual({ stderr: "after", status: 0 });
  });

  it("may be more than a pipe holds", () => {
    const { stdout, status } = inProcess(`
      quietly(() => writeSync(2, "x".repeat(1e6)));
      process.stdout.write(String(driverOutput().length));`);
    expect({ stdout, status }).toEqual({ stdout: "65536", status: 0 });
  });

  it("is printed as ever where the native core is missing", () => {
    const { stderr } = inProcess(`quietly(() => writeSync(2, "${WARNING}"));`, { DAWNPOUR_PREBUILD: resolve("test") });
    expect(stderr).toBe(WARNING);
  });
});

// The loader of Vulkan writes to the same place as drivers. This variable makes it write something.
describe.skipIf(!RUNS_HERE)("a driver that talks", () => {
  it("is shown by `devices` and by no other command", async () => {
    const environment = { ...(await swiftShaderEnvironment()), VK_LOADER_DEBUG: "all" };
    const { stderr, stdout } = dawnpour(["devices"], environment);
    expect(stdout).toContain("webgpu   SwiftShader");
    expect(stderr).toMatch(/Vulkan Loader/);
    const bench = dawnpour(["bench", "gemm", "--device", "webgpu", "--no-tune", "--shapes", "8x8x8"], environment);
    expect(bench.status).toBe(0);
    expect(bench.stderr).not.toMatch(/Vulkan Loader/);
  });

  it("is the cause of the error where there is no adapter", () => {
    const module = pathToFileURL(resolve("dist/kernels.js"));
    const { stdout, stderr } = inProcess(
      `const { openDevice } = await import("${module}");
       const { name, cause } = await openDevice({ device: "webgpu" }).catch((error) => error);
       process.stdout.write(JSON.stringify([name, cause?.message]));`,
      { VK_DRIVER_FILES: resolve("test/no-such-driver.json"), VK_LOADER_DEBUG: "all" },
    );
    const [name, cause] = JSON.parse(stdout);
    expect({ name, stderr }).toEqual({ name: "NoDeviceError", stderr: "" });
    expect(cause).toMatch(/Vulkan/);
  });
});
