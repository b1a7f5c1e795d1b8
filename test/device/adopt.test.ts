/** The promises of a device that computes in the memory of this process about memory that it borrows. */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { openCpuDevice } from "../../src/device/cpu/cpu-device.js";
import { DeviceLostError } from "../../src/device/device.js";
import { openReferenceDevice } from "../../src/device/reference/reference-device.js";
import { ProgramBuilder } from "../../src/program/program.js";
import { createSharedMemory } from "../../src/transport/process/shared-memory.js";

const LENGTH = 32;
const root = fileURLToPath(new URL("../..", import.meta.url));

/** Memory that starts at a page, and so at a cache line. */
function aligned(length: number): Float32Array {
  const memory = createSharedMemory(4 * length);
  const array = new Float32Array(memory.buffer);
  memory.close();
  return array;
}

/** y = 2 x. */
function doubling() {
  const builder = new ProgramBuilder("doubling");
  const [x, y] = [builder.buffer("x", "f32", [LENGTH]), builder.buffer("y", "f32", [LENGTH])];
  return builder.scale({ input: x, factor: 2, out: y }).build();
}

describe("memory lent to the cpu device", () => {
  it("is what programs read and write", async () => {
    const device = openCpuDevice();
    const memory = aligned(2 * LENGTH);
    const [input, output] = [memory.subarray(0, LENGTH), memory.subarray(LENGTH)];
    input.forEach((_, i) => {
      input[i] = i;
    });
    const [x, y] = [device.adopt(input, "x"), device.adopt(output, "y")];
    expect({ type: y.type, length: y.length, label: y.label }).toEqual({ type: "f32", length: LENGTH, label: "y" });
    const executable = await device.compile(doubling(), { x, y });
    executable.run();
    await device.idle();
    expect(output).toEqual(input.map((value) => 2 * value));
    expect(await y.read()).toEqual(output);

    x.write(Float32Array.of(7), 3);
    await device.idle();
    expect(input[3]).toBe(7);
    y.destroy();
    // The device neither clears nor frees it.
    expect(output[1]).toBe(2);
    expect(() => executable.run()).toThrow('buffer "y" was destroyed; create it again to use it');
    device.destroy();
  });

  it("counts against no limit of the device", () => {
    const device = openCpuDevice();
    const { memoryBytes } = device.info.limits;
    expect(() => device.createBuffer("f32", memoryBytes, "own")).toThrow(/memoryBytes/);
    expect(() => device.adopt(aligned(1), "lent")).not.toThrow();
    device.destroy();
  });

  it("must be aligned, not empty, and lent to a device that is open", () => {
    const device = openCpuDevice();
    const memory = aligned(LENGTH);
    expect(() => device.adopt(memory.subarray(1), "crooked")).toThrow(
      'cpu device: buffer "crooked" must start at a multiple of 64 bytes in memory, as shared memory does; got one that does not',
    );
    expect(() => device.adopt(memory.subarray(16), "next line")).not.toThrow();
    expect(() => device.adopt(memory.subarray(0, 0), "empty")).toThrow(/length must be a whole number from 1, got 0/);
    device.destroy();
    expect(() => device.adopt(memory, "late")).toThrow(DeviceLostError);
  });

  it("is kept while it is in use, and not longer", async () => {
    const script = `
      const { cpu, process: native } = require("node-gyp-build")(${JSON.stringify(root)});
      const bytes = 1 << 22;
      const settle = async () => { for (let i = 0; i < 8; i++) { gc(); await new Promise(setImmediate); } };
      const lend = () => {
        const array = new Float32Array(native.mapSharedMemory(native.createSharedMemory(bytes), 0, bytes));
        return { weak: new WeakRef(array), handle: cpu.adopt(engine, array) };
      };
      const view = { buffer: "x", type: "f32", offset: 0, rows: 1, columns: bytes / 4 };
      let engine = cpu.open(cpu.instructionSets()[0], 2);
      const log = [];
      const say = ({ weak }) => log.push(weak.deref() ? "held" : "gone");

      let lent = lend();
      await settle();
      say(lent);
      // The memory is released while a program still works on it.
      let program = cpu.compile(engine, [{ kind: "fill", value: 2, out: view }], { x: lent.handle });
      cpu.run(engine, program, 2000);
      cpu.release(lent.handle);
      cpu.discard(program);
      await settle();
      say(lent);
      await cpu.idle(engine);
      await settle();
      say(lent);
      // If the caller does not release it, the garbage collector frees it.
      lent = { weak: lend().weak };
      await settle();
      say(lent);
      // The device is destroyed while it works.
      lent = lend();
      program = cpu.compile(engine, [{ kind: "fill", value: 2, out: view }], { x: lent.handle });
      cpu.run(engine, program, 1e9);
      const idle = cpu.idle(engine);
      cpu.close(engine);
      cpu.release(lent.handle);
      cpu.discard(program);
      engine = undefined;
      await idle;
      await settle();
      say(lent);
      console.log(...log, cpu.memoryInUse());
    `;
    const args = ["--expose-gc", "-e", `(async () => {${script}})()`];
    const { stdout, stderr } = await promisify(execFile)(process.execPath, args, { timeout: 60_000 });
    expect(stderr).toBe("");
    expect(stdout.trim()).toBe("held held gone gone gone 0");
  });
});

it("a device that computes elsewhere offers no such thing", () => {
  expect("adopt" in openReferenceDevice()).toBe(false);
});
