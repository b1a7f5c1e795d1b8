/**
 * If the system refuses memory or threads, the call fails with a message that says what was asked for, and the process goes on.
 * Each case is a process of its own. After everything is loaded, it lowers its limit on address space, so that only little is
 * left for the core.
 */
import { spawnSync } from "node:child_process";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, it } from "vitest";

const kernels = pathToFileURL(resolve("dist/kernels.js"));

/** Runs `code`. After its call of `limit()` it has only `left` MiB more of address space. Its error is the result. */
function withLittle(left: number, code: string) {
  const script = `
    import { spawnSync } from "node:child_process";
    import { readFileSync } from "node:fs";
    import { openDevice, ProgramBuilder } from "${kernels}";
    // Loads the core, and starts the threads that Node starts when it first needs them.
    (await openDevice({ device: "cpu", threads: 1 })).destroy();
    const limit = () => {
      const used = Number(/VmSize:\\s+(\\d+) kB/.exec(readFileSync("/proc/self/status", "utf8"))[1]) * 1024;
      const { status } = spawnSync("prlimit", ["--pid", String(process.pid), "--as=" + (used + ${left} * 2 ** 20)]);
      if (status !== 0) throw new Error("no prlimit");
    };
    const failure = await (async () => { ${code} })().catch(({ name, message }) => ({ name, message }));
    process.stdout.write(JSON.stringify(failure ?? null));`;
  const { stdout, stderr, status, signal } = spawnSync(process.execPath, ["--input-type=module", "-e", script], {
    encoding: "utf8",
  });
  expect({ status, signal, stderr }).toEqual({ status: 0, signal: null, stderr: "" });
  return JSON.parse(stdout);
}

describe.runIf(process.platform === "linux")("a CPU device with little address space", () => {
  it("says how much memory its threads need, and the process goes on", () => {
    expect(withLittle(100, 'limit(); await openDevice({ device: "cpu", threads: 1000 });')).toEqual({
      name: "DeviceLimitError",
      message: expect.stringMatching(/^cpu device: the system refuses 100\d\.\d MiB of memory: use a smaller model/),
    });
  });

  it("says which of its threads is refused", () => {
    // Each has a stack of 8 MiB and scratch memory of 1 MiB.
    expect(withLittle(100, 'limit(); await openDevice({ device: "cpu", threads: 40 });')).toEqual({
      name: "DeviceLimitError",
      message: expect.stringMatching(
        /^cpu device: the system refuses thread \d+ of 40: ask for fewer threads, or raise/,
      ),
    });
  });

  it("can be opened after all, with fewer threads", () => {
    const code = `
      limit();
      await openDevice({ device: "cpu", threads: 40 }).catch(() => undefined);
      const device = await openDevice({ device: "cpu", threads: 2 });
      const buffer = device.createBuffer("f32", 4, "four");
      buffer.write(Float32Array.of(1, 2, 3, 4));
      const read = await buffer.read();
      device.destroy();
      return [...read];`;
    expect(withLittle(100, code)).toEqual([1, 2, 3, 4]);
  });

  it("says how much memory a buffer needs, and a write to one", () => {
    const code = (then: string) => `
      const device = await openDevice({ device: "cpu", threads: 1 });
      const data = new Float32Array(100 * 2 ** 18);
      const buffer = device.createBuffer("f32", data.length, "large");
      limit();
      ${then};`;
    expect(withLittle(60, code('device.createBuffer("f32", data.length, "other")'))).toEqual({
      name: "DeviceLimitError",
      message: expect.stringMatching(/buffer "other" needs 100 MiB, the system refuses it; use a smaller/),
    });
    expect(withLittle(60, code("buffer.write(data)"))).toEqual({
      name: "DeviceLimitError",
      message: expect.stringMatching(/^cpu device: the system refuses 100\.0 MiB of memory: use a smaller model/),
    });
  });
});
