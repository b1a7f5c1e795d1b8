/**
 * A process that uses the device ends when it should, and keeps no memory that it does not need. Each case is a process of its
 * own, which uses the native core directly.
 */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../../..", import.meta.url));

/** The beginning of every script: a device, and a program that counts its runs in `x` and takes a while. */
const PREAMBLE = `
  const { cpu } = require("node-gyp-build")(${JSON.stringify(root)});
  const view = (buffer, length) => ({ buffer, type: "f32", offset: 0, rows: 1, columns: length });
  const LENGTH = 1 << 20;
  const engine = cpu.open(cpu.instructionSets()[0], 2);
  function counter() {
    const x = cpu.allocate(4 * LENGTH), one = cpu.allocate(4 * LENGTH);
    const ops = [
      { kind: "fill", value: 1, out: view("one", LENGTH) },
      { kind: "add", a: view("x", LENGTH), b: view("one", LENGTH), factor: 1, out: view("x", LENGTH) },
    ];
    return { x, one, program: cpu.compile(engine, ops, { x, one }) };
  }
`;

/** Runs the script. Resolves to its output, or rejects unless it ends by itself, in time, with exit code 0. */
async function runScript(script: string, ...flags: string[]): Promise<string> {
  const args = [...flags, "-e", `(async () => {${PREAMBLE}${script}})()`];
  const { stdout, stderr } = await promisify(execFile)(process.execPath, args, { cwd: root, timeout: 120_000 });
  expect(stderr).toBe("");
  return stdout.trim();
}

describe("a process with a cpu device", () => {
  it("ends by itself once all is done, though nothing was destroyed", async () => {
    const script = `
      const { x, program } = counter();
      cpu.run(engine, program, 3);
      const out = new Float32Array(1);
      console.log(await cpu.read(engine, x, 0, out), out[0]);
    `;
    expect(await runScript(script)).toBe("true 3");
  });

  it("waits for what is pending", async () => {
    const script = `
      const { x, program } = counter();
      const out = new Float32Array(1);
      cpu.run(engine, program, 200);
      cpu.read(engine, x, 4 * (LENGTH - 1), out).then((done) => console.log(done, out[0]));
    `;
    expect(await runScript(script)).toBe("true 200");
  });

  it("ends when asked to in the middle of a run", async () => {
    const script = `
      const { x, program } = counter();
      cpu.run(engine, program, 1e9);
      cpu.read(engine, x, 0, new Float32Array(1)).then(() => console.log("never"));
      setTimeout(() => process.exit(0), 20);
    `;
    expect(await runScript(script)).toBe("");
  });

  it("goes on when a worker that uses one is terminated in the middle of a run", async () => {
    const script = `
      const { Worker } = require("node:worker_threads");
      const source = ${JSON.stringify(`${PREAMBLE}
        const { x, program } = counter();
        cpu.run(engine, program, 1e9);
        cpu.read(engine, x, 0, new Float32Array(1));
        require("node:worker_threads").parentPort.postMessage("running");
      `)};
      const worker = new Worker(source, { eval: true });
      await new Promise((resolve) => worker.once("message", resolve));
      await worker.terminate();
      console.log("alive");
    `;
    expect(await runScript(script)).toBe("alive");
  });

  it("goes on when a worker is terminated before it heard of what is done", async () => {
    const script = `
      const { Worker } = require("node:worker_threads");
      const source = ${JSON.stringify(`${PREAMBLE}
        const { x } = counter();
        cpu.read(engine, x, 0, new Float32Array(1));
        require("node:worker_threads").parentPort.postMessage("busy");
        for (;;);
      `)};
      const worker = new Worker(source, { eval: true });
      await new Promise((resolve) => worker.once("message", resolve));
      await new Promise((resolve) => setTimeout(resolve, 50));
      await worker.terminate();
      console.log("alive");
    `;
    expect(await runScript(script)).toBe("alive");
  });

  it("is told at once that what a closed device was doing will not be done", async () => {
    const script = `
      const { x, program } = counter();
      cpu.run(engine, program, 1e9);
      const pending = [cpu.read(engine, x, 0, new Float32Array(1)), cpu.idle(engine)];
      cpu.close(engine);
      console.log(...(await Promise.all(pending)));
    `;
    expect(await runScript(script)).toBe("false false");
  });
});

describe("the memory of a cpu device", () => {
  it("is flat over 10,000 steps", async () => {
    const script = `
      const small = cpu.allocate(4096);
      const program = cpu.compile(engine, [{ kind: "fill", value: 2, out: view("small", 1024) }], { small });
      const step = async () => {
        cpu.write(engine, small, 0, new Float32Array(1024));
        cpu.run(engine, program, 1);
        await cpu.read(engine, small, 0, new Float32Array(1024));
      };
      for (let i = 0; i < 2000; i++) await step();
      gc();
      const before = [cpu.memoryInUse(), process.memoryUsage().rss];
      for (let i = 0; i < 10000; i++) await step();
      gc();
      const after = [cpu.memoryInUse(), process.memoryUsage().rss];
      console.log(after[0] - before[0], (after[1] - before[1]) / 2 ** 20);
    `;
    const [buffers, megabytes] = (await runScript(script, "--expose-gc")).split(" ").map(Number);
    expect(buffers).toBe(0);
    // If steps leaked their inputs or outputs, that would be 40 MB.
    expect(megabytes).toBeLessThan(8);
  });

  it("is freed by hand or by the collector, but not under a program that needs it", async () => {
    const script = `
      const settle = async () => { for (let i = 0; i < 5; i++) { gc(); await new Promise(setImmediate); } };
      const start = cpu.memoryInUse();
      const used = () => (cpu.memoryInUse() - start) / (4 * LENGTH);
      let held = counter();
      const log = [used()];
      cpu.release(held.x);
      cpu.release(held.x);
      cpu.release(held.one);
      log.push(used());
      cpu.run(engine, held.program, 2);
      await cpu.idle(engine);
      cpu.discard(held.program);
      log.push(used());
      held = counter();
      log.push(used());
      held = undefined;
      await settle();
      log.push(used());
      console.log(...log);
    `;
    expect(await runScript(script, "--expose-gc")).toBe("2 2 0 2 0");
  });

  it("of the threads goes with the device", async () => {
    const script = `
      const settle = async () => { for (let i = 0; i < 5; i++) { gc(); await new Promise(setImmediate); } };
      const start = cpu.memoryInUse();
      for (let i = 0; i < 20; i++) {
        const device = cpu.open("portable", 3);
        if (i % 2) cpu.close(device);
        else await cpu.idle(device);
      }
      await settle();
      console.log(cpu.memoryInUse() - start);
    `;
    expect(await runScript(script, "--expose-gc")).toBe("0");
  });
});
