/**
 * Objects of a device that are no longer referenced are collected without a crash and without a leak, even while they work. Each
 * case is a process of its own, in which the test calls the garbage collector. `npm run lifetimes` tries more orders.
 */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const ORDERS = fileURLToPath(new URL("orders.mjs", import.meta.url));

/** The beginning of every script: an executable that adds 2 in each run to a buffer that starts at 1. */
const PREAMBLE = `
  import { readdirSync } from "node:fs";
  import { globals } from "webgpu";
  import { openDevice, ProgramBuilder } from "./dist/kernels.js";
  const LENGTH = 100_000;
  const filled = (value) => new Float32Array(LENGTH).fill(value);
  const RUNS = 100;
  async function open() {
    const builder = new ProgramBuilder("sum");
    const [x, y] = ["x", "y"].map((name) => builder.buffer(name, "f32", [LENGTH]));
    const device = await openDevice({ device: kind });
    const shared = device.createBuffer("f32", LENGTH, "shared");
    const executable = await device.compile(builder.add({ a: x, b: y, out: x }).build(), { x: shared });
    shared.write(filled(1));
    executable.buffer("y").write(filled(2));
    executable.run(RUNS);
    return { device, shared, executable };
  }
  async function collect() {
    for (let i = 0; i < 5; i++) {
      gc();
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  }
`;

describe.each(["cpu", "webgpu"])("on %s", (kind) => {
  /** Runs the script. Resolves to its output, or rejects unless it ends by itself with exit code 0. */
  async function runScript(script: string): Promise<string> {
    const args = ["--expose-gc", "--input-type=module", "--eval", `const kind = "${kind}";${PREAMBLE}${script}`];
    return (await promisify(execFile)(process.execPath, args, { cwd: root, timeout: 120_000 })).stdout.trim();
  }

  it("a read, a buffer, an executable or a device that alone is left keeps what it needs", async () => {
    const script = `
      const ends = [
        [async () => (await open()).shared.read(), (values) => values],
        [async () => (await open()).shared, (buffer) => buffer.read()],
        [async () => (await open()).executable, (executable) => executable.buffer("x").read()],
        [async () => (await open()).device, async (device) => [await device.idle()]],
      ];
      for (const [make, end] of ends) {
        const left = make();
        gc();
        const made = await left;
        await collect();
        console.log((await end(made)).at(-1));
      }
    `;
    expect((await runScript(script)).split("\n")).toEqual(["201", "201", "201", "undefined"]);
  });

  it("what nothing refers to may be collected with its work pending", async () => {
    const script = `
      for (let i = 0; i < 9; i++) {
        const { device, shared, executable } = await open();
        shared.read().catch(() => undefined);
        if (i % 3 === 1) device.destroy();
        if (i % 3 === 2) for (const each of [shared, executable]) each.destroy();
        gc();
      }
      await collect();
      console.log("alive");
    `;
    expect(await runScript(script)).toBe("alive");
  });

  it.skipIf(process.platform !== "linux")("20 devices leave no thread, file handle or memory behind", async () => {
    const script = `
      const made = [];
      const { requestDevice } = globals.GPUAdapter.prototype;
      globals.GPUAdapter.prototype.requestDevice = async function (descriptor) {
        const device = await requestDevice.call(this, descriptor);
        made.push(new WeakRef(device));
        return device;
      };
      async function once(i) {
        const device = await openDevice({ device: kind });
        const buffer = device.createBuffer("f32", LENGTH, "x");
        buffer.write(filled(1));
        await buffer.read();
        if (i % 2) device.destroy();
      }
      const held = () => [
        readdirSync("/proc/self/task").length,
        readdirSync("/proc/self/fd").length,
        process.memoryUsage().rss / 2 ** 20,
        made.filter((device) => device.deref()).length,
      ];
      let before;
      for (let i = 0; i < 25; i++) {
        await once(i);
        await collect();
        if (i === 4) before = held();
      }
      console.log(...held().map((number, i) => number - before[i]));
    `;
    const [threads, files, megabytes, devices] = (await runScript(script)).split(" ").map(Number);
    expect({ threads, files, devices }).toEqual({ threads: 0, files: 0, devices: 0 });
    // Each device that is not freed would keep 3 MB.
    expect(megabytes).toBeLessThan(30);
  });

  it("memory that is shared, may grow or belongs to WebAssembly is written and read", async () => {
    const script = `
      const device = await openDevice({ device: kind });
      const memories = [
        new SharedArrayBuffer(4096),
        new SharedArrayBuffer(4096, { maxByteLength: 8192 }),
        new ArrayBuffer(4096, { maxByteLength: 8192 }),
        new WebAssembly.Memory({ initial: 1, maximum: 2, shared: true }).buffer,
        new WebAssembly.Memory({ initial: 1 }).buffer,
      ];
      const bytes = device.createBuffer("u8", 1001, "bytes");
      const numbers = device.createBuffer("f32", 1001, "numbers");
      const sums = [];
      for (const [i, memory] of memories.entries()) {
        bytes.write(new Uint8Array(memory, 3, 999).fill(i + 1), 1);
        numbers.write(new Float32Array(memory, 4, 1001).fill(i + 1));
        const read = new Float32Array(memory, 0, 1001);
        await numbers.readInto(read);
        sums.push((await bytes.read())[999] + read[1000]);
      }
      console.log(...sums);
    `;
    expect(await runScript(script)).toBe("2 4 6 8 10");
  });

  it("some random orders of all that can be done end well", async () => {
    await promisify(execFile)(process.execPath, ["--expose-gc", ORDERS, kind, "308", "8"], { timeout: 200_000 });
  });
});
