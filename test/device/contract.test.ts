/** The promises of `device.ts` for every device, apart from arithmetic: memory, order, sharing, repetition, loss. */
import { describe, expect, it } from "vitest";
import { type Device, type DeviceBuffer, DeviceLostError } from "../../src/device/device.js";
import type { Program } from "../../src/program/program.js";
import { ProgramBuilder } from "../../src/program/program.js";
import { DEVICES, describeEveryDevice } from "../support/devices.js";
import { normal, Scenario } from "../support/scenario.js";

const f32 = (...values: number[]): Float32Array => Float32Array.from(values);

/** y = 2 x, of three elements. */
function doubling(): Program {
  const builder = new ProgramBuilder("doubling");
  const [x, y] = [builder.buffer("x", "f32", [3]), builder.buffer("y", "f32", [3])];
  return builder.scale({ input: x, factor: 2, out: y }).build();
}

/** x = x + 1, and a cursor that counts the runs. */
function counting(): Program {
  const builder = new ProgramBuilder("counting");
  const [x, one] = [builder.buffer("x", "f32", [2]), builder.buffer("one", "f32", [2])];
  const cursor = builder.buffer("runs", "u32", [1]);
  return builder.fill({ value: 1, out: one }).add({ a: x, b: one, out: x }).advance(cursor).build();
}

describeEveryDevice((device) => {
  describe("info", () => {
    it("names the device", () => {
      const { name, id, driver } = device().info;
      for (const text of [name, id, driver]) expect(text).toMatch(/\S/);
    });
  });

  describe("buffers", () => {
    it.each(["f32", "u32", "u8"] as const)("of %s are zero at first, whatever their length", async (type) => {
      for (const length of [1, 3, 4, 7, 1021]) {
        const buffer = device().createBuffer(type, length, "zeroed");
        expect({ type: buffer.type, length: buffer.length, label: buffer.label }).toEqual({
          type,
          length,
          label: "zeroed",
        });
        const values = await buffer.read();
        expect(values.length).toBe(length);
        expect(values.every((value) => value === 0)).toBe(true);
        buffer.destroy();
      }
    });

    it("give back what was written, in the array of their type", async () => {
      const [a, b, c] = [
        device().createBuffer("f32", 3, "a"),
        device().createBuffer("u32", 3, "b"),
        device().createBuffer("u8", 3, "c"),
      ];
      a.write(f32(1.5, -2, 3e38));
      b.write(Uint32Array.of(0, 7, 4294967295));
      c.write(Uint8Array.of(0, 128, 255));
      expect(await a.read()).toEqual(f32(1.5, -2, 3e38));
      expect(await b.read()).toEqual(Uint32Array.of(0, 7, 4294967295));
      expect(await c.read()).toEqual(Uint8Array.of(0, 128, 255));
      for (const buffer of [a, b, c]) buffer.destroy();
    });

    it("of u8 are read and written from any byte, to any byte", async () => {
      const length = 13;
      const buffer = device().createBuffer("u8", length, "bytes");
      const mirror = new Uint8Array(length);
      let value = 1;
      for (const [offset, count] of [
        [0, 13],
        [1, 1],
        [3, 2],
        [5, 7],
        [7, 1],
        [2, 11],
        [12, 1],
        [4, 4],
      ]) {
        const bytes = Uint8Array.from({ length: count }, () => value++);
        buffer.write(bytes, offset);
        mirror.set(bytes, offset);
        expect(await buffer.read()).toEqual(mirror);
        expect(await buffer.read(offset, count)).toEqual(bytes);
      }
      buffer.destroy();
    });

    it("are read and written in part", async () => {
      const buffer = device().createBuffer("f32", 5, "parts");
      buffer.write(f32(1, 2, 3, 4, 5));
      buffer.write(f32(20, 30), 1);
      expect(await buffer.read(2)).toEqual(f32(30, 4, 5));
      expect(await buffer.read(1, 3)).toEqual(f32(20, 30, 4));
      expect(await buffer.read(5)).toEqual(f32());
      buffer.write(f32(), 5);
      // The elements of the view are written, not those at the start of the array behind it.
      buffer.write(f32(7, 8, 9).subarray(1), 3);
      expect(await buffer.read()).toEqual(f32(1, 20, 30, 8, 9));
      buffer.destroy();
    });

    it("refuse an array of another type", () => {
      const buffer: DeviceBuffer = device().createBuffer("f32", 4, "numbers");
      expect(() => buffer.write(new Uint8Array(4))).toThrow(
        'buffer "numbers" holds f32: write a Float32Array to it, got Uint8Array',
      );
      buffer.destroy();
    });

    it("refuse a range outside themselves", async () => {
      const buffer = device().createBuffer("f32", 4, "short");
      expect(() => buffer.write(f32(1, 2), 3)).toThrow(
        'buffer "short" has 4 elements: 2 elements at offset 3 lie outside it',
      );
      expect(() => buffer.write(f32(1), -1)).toThrow(/1 elements at offset -1 lie outside it/);
      await expect(buffer.read(0, 5)).rejects.toThrow(/5 elements at offset 0 lie outside it/);
      await expect(buffer.read(0.5, 1)).rejects.toThrow(/lie outside it/);
      buffer.destroy();
    });

    it("fill an array that is there already", async () => {
      const [a, b] = [device().createBuffer("f32", 5, "a"), device().createBuffer("u8", 9, "b")];
      a.write(f32(1, 2, 3, 4, 5));
      b.write(Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9));
      const out = new Float32Array(5);
      await a.readInto(out);
      expect(out).toEqual(f32(1, 2, 3, 4, 5));
      // Only the view is filled.
      const part = new Float32Array(5);
      await a.readInto(part.subarray(1, 3), 2);
      expect(part).toEqual(f32(0, 3, 4, 0, 0));
      for (const [offset, count] of [
        [0, 9],
        [1, 3],
        [3, 5],
        [8, 1],
        [9, 0],
      ]) {
        const bytes = new Uint8Array(12);
        await b.readInto(bytes.subarray(2, 2 + count), offset);
        expect([...bytes]).toEqual(
          Array.from({ length: 12 }, (_, i) => (i >= 2 && i < 2 + count ? offset + i - 1 : 0)),
        );
      }
      await expect(a.readInto(new Uint8Array(5) as never)).rejects.toThrow(
        'buffer "a" holds f32: read a Float32Array from it, got Uint8Array',
      );
      await expect(a.readInto(new Float32Array(3), 3)).rejects.toThrow(/3 elements at offset 3 lie outside it/);
      for (const buffer of [a, b]) buffer.destroy();
    });

    it("take what is written at once, so that the array may be used again", async () => {
      const buffer = device().createBuffer("f32", 2, "x");
      const data = f32(1, 2);
      buffer.write(data);
      data.fill(9);
      expect(await buffer.read()).toEqual(f32(1, 2));
      buffer.destroy();
    });

    it("are destroyed twice without harm", () => {
      const buffer = device().createBuffer("f32", 2, "x");
      buffer.destroy();
      expect(() => buffer.destroy()).not.toThrow();
    });
  });

  describe("order", () => {
    it("is that of the calls, though nothing waits in between", async () => {
      const executable = await device().compile(doubling());
      const [x, y] = [executable.buffer("x"), executable.buffer("y")];
      x.write(f32(1, 2, 3));
      executable.run();
      const first = y.read();
      x.write(f32(4, 5, 6));
      const between = y.read();
      executable.run();
      const second = y.read();
      x.write(f32(7, 8, 9));
      y.write(f32(0), 1);
      const third = y.read();
      expect(await Promise.all([first, between, second, third])).toEqual([
        f32(2, 4, 6),
        f32(2, 4, 6),
        f32(8, 10, 12),
        f32(8, 0, 12),
      ]);
      executable.destroy();
    });

    it("holds across programs that share a buffer", async () => {
      const shared = device().createBuffer("f32", 3, "shared");
      const [there, back] = await Promise.all([
        device().compile(doubling(), { x: shared }),
        device().compile(doubling(), { y: shared }),
      ]);
      expect(there.buffer("x")).toBe(shared);
      back.buffer("x").write(f32(1, 2, 3));
      back.run();
      there.run();
      expect(await there.buffer("y").read()).toEqual(f32(4, 8, 12));
      there.destroy();
      back.destroy();
      // The borrowed memory is still valid after the device that borrowed it.
      expect(await shared.read()).toEqual(f32(2, 4, 6));
      shared.destroy();
    });

    it("lets idle wait for all that came before", async () => {
      const executable = await device().compile(counting());
      executable.run(10);
      await device().idle();
      expect(await executable.buffer("x").read()).toEqual(f32(10, 10));
      executable.destroy();
    });
  });

  describe("executables", () => {
    it("run as many times as asked", async () => {
      const executable = await device().compile(counting());
      executable.run();
      executable.run(6);
      executable.run(300);
      expect(await executable.buffer("runs").read()).toEqual(Uint32Array.of(307));
      expect(await executable.buffer("x").read()).toEqual(f32(307, 307));
      executable.destroy();
    });

    it("keep their program, and memory behind each of its buffers", async () => {
      const program = doubling();
      const executable = await device().compile(program);
      expect(executable.program).toBe(program);
      expect(executable.buffer("x")).toMatchObject({ type: "f32", length: 3 });
      expect(executable.buffer("x")).toBe(executable.buffer("x"));
      expect(() => executable.buffer("z")).toThrow(/"z"/);
      executable.destroy();
      expect(() => executable.destroy()).not.toThrow();
    });

    it("refuse bindings that do not fit", async () => {
      const [short, whole] = [device().createBuffer("f32", 2, "short"), device().createBuffer("u32", 3, "whole")];
      await expect(device().compile(doubling(), { x: short })).rejects.toThrow(
        'doubling: buffer "x" is 3 x f32, got a binding of 2 x f32',
      );
      await expect(device().compile(doubling(), { x: whole })).rejects.toThrow(/got a binding of 3 x u32/);
      await expect(device().compile(doubling(), { z: short })).rejects.toThrow(
        'doubling: unknown buffer "z": did you mean "x"? (one of x, y)',
      );
      short.destroy();
      whole.destroy();
    });
  });

  describe("repetition", () => {
    it("gives the same bits, run after run and read after read", async () => {
      const scenario = new Scenario("everything that sums");
      const [a, b, out] = [
        scenario.f32("a", [37, 1500]),
        scenario.f32("b", [1500, 29]),
        scenario.f32("out", [37, 29], normal),
      ];
      scenario.builder
        .gemm({ a, b, activation: "tanh", out })
        .sumRows({ input: b, out: scenario.f32("sums", [1, 29]) })
        .norm({ input: a, out: scenario.f32("norm", [1, 1]) })
        .loss({
          loss: "mse",
          input: out,
          target: scenario.f32("target", [37, 29]),
          scale: 1,
          total: scenario.f32("total", [1, 1]),
          gradient: out,
        });
      const results = [];
      for (let run = 0; run < 3; run++) {
        const executable = await device().compile(scenario.program);
        for (const [name, values] of Object.entries(scenario.inputs)) executable.buffer(name).write(values);
        executable.run();
        const read = () => Promise.all(["out", "sums", "norm", "total"].map((name) => executable.buffer(name).read()));
        results.push(await read(), await read());
        executable.destroy();
      }
      for (const result of results) expect(result).toEqual(results[0]);
    });
  });
});

describe.each(DEVICES)("destroy of $name", ({ open }) => {
  const everyCallFails = async (device: Device, act: (device: Device) => Promise<void>): Promise<void> => {
    const executable = await device.compile(counting());
    const buffer = device.createBuffer("f32", 2, "x");
    await act(device);
    expect(() => device.createBuffer("f32", 2, "y")).toThrow(DeviceLostError);
    expect(() => buffer.write(f32(1, 2))).toThrow(DeviceLostError);
    expect(() => executable.run()).toThrow(DeviceLostError);
    await expect(buffer.read()).rejects.toThrow(DeviceLostError);
    await expect(buffer.readInto(new Float32Array(2))).rejects.toThrow(DeviceLostError);
    await expect(device.compile(doubling())).rejects.toThrow(DeviceLostError);
    await expect(device.idle()).rejects.toThrow(DeviceLostError);
    expect(() => executable.destroy()).not.toThrow();
    expect(() => buffer.destroy()).not.toThrow();
  };

  it("settles lost, and fails every later call", async () => {
    await everyCallFails(await open(), async (device) => {
      device.destroy();
      expect(await device.lost).toMatchObject({ reason: "destroyed", message: expect.stringMatching(/\S/) });
      expect(() => device.destroy()).not.toThrow();
    });
  });

  it("fails every later call before lost has had its turn", async () => {
    await everyCallFails(await open(), async (device) => device.destroy());
  });

  it("rejects the reads that are pending", async () => {
    const device = await open();
    const executable = await device.compile(counting());
    executable.run(50);
    const pending = [executable.buffer("x").read(), executable.buffer("runs").read()];
    device.destroy();
    const settled = await Promise.allSettled(pending);
    for (const result of settled) {
      expect(result).toMatchObject({ status: "rejected", reason: expect.any(DeviceLostError) });
    }
  });

  it("leaves another device of the kind alone", async () => {
    const [gone, stays] = [await open(), await open()];
    const executable = await stays.compile(doubling());
    gone.destroy();
    executable.buffer("x").write(f32(1, 2, 3));
    executable.run();
    expect(await executable.buffer("y").read()).toEqual(f32(2, 4, 6));
    stays.destroy();
  });
});
