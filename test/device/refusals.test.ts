/** Every device refuses wrong arguments, with the same message. */
import { describe, expect, it } from "vitest";
import type { Bindings, Device } from "../../src/device/device.js";
import { DeviceLostError } from "../../src/device/device.js";
import { DawnpourError } from "../../src/error.js";
import { ProgramError } from "../../src/program/check.js";
import { type Program, ProgramBuilder } from "../../src/program/program.js";
import { DEVICES, describeEveryDevice } from "../support/devices.js";

function doubling(): Program {
  const builder = new ProgramBuilder("doubling");
  const [x, y] = [builder.buffer("x", "f32", [3]), builder.buffer("y", "f32", [3])];
  return builder.scale({ input: x, factor: 2, out: y }).build();
}

/** What a caller without a compiler may pass. */
const wrong = (given: unknown): never => given as never;

type Refusal = [what: string, act: (device: Device, twin: Device) => unknown, words: string];

const REFUSALS: readonly Refusal[] = [
  ...[-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY].map(
    (times): Refusal => [
      `${times} runs`,
      async (device) => (await device.compile(doubling())).run(times),
      `doubling: times must be a whole number from 0, got ${times}`,
    ],
  ),
  [
    "a number of runs in letters",
    async (device) => (await device.compile(doubling())).run(wrong("3")),
    'doubling: times must be a whole number from 0, got "3"',
  ],
  [
    "a buffer of another device",
    (device, twin) => device.compile(doubling(), { x: twin.createBuffer("f32", 3, "x") }),
    'doubling: buffer "x" must be bound to a buffer that this device created, got one of another device: create it on this one',
  ],
  [
    "an array for a buffer",
    (device) => device.compile(doubling(), { x: wrong(new Float32Array(3)) }),
    'doubling: buffer "x" must be bound to a buffer that this device created, got Float32Array',
  ],
  [
    "null for a buffer",
    (device) => device.compile(doubling(), { x: wrong(null) }),
    'doubling: buffer "x" must be bound to a buffer that this device created, got null',
  ],
  [
    "a binding that the program does not know",
    (device) => device.compile(doubling(), { z: device.createBuffer("f32", 3, "z") }),
    'doubling: unknown buffer "z": did you mean "x"? (one of x, y)',
  ],
  [
    "a buffer that the program does not know",
    async (device) => (await device.compile(doubling())).buffer("why"),
    'doubling: unknown buffer "why": did you mean "y"? (one of x, y)',
  ],
  [
    "a buffer of another type",
    async (device) => (await device.compile(doubling())).buffer("x", "u8"),
    'doubling: buffer "x" holds f32, not u8',
  ],
  [
    "a builder for a program",
    (device) => device.compile(wrong(new ProgramBuilder("b"))),
    "compile takes a program, as build() of a ProgramBuilder returns it, got ProgramBuilder",
  ],
  ...[0, -1, 1.5, Number.NaN].map(
    (length): Refusal => [
      `a buffer of ${length} elements`,
      (device) => device.createBuffer("f32", length, "b"),
      `buffer "b": length must be a whole number from 1, got ${length}`,
    ],
  ),
  [
    "a shape for a length",
    (device) => device.createBuffer("f32", wrong([2, 3, 4]), "b"),
    'buffer "b": length must be a whole number from 1, got Array',
  ],
  [
    "an unknown type",
    (device) => device.createBuffer(wrong("f64"), 3, "b"),
    'buffer "b": unknown element type "f64": did you mean "f32"? (one of f32, f16, bf16, u32, u8)',
  ],
  [
    "a destroyed buffer to read",
    (device) => destroyed(device).read(),
    'buffer "b" was destroyed; create it again to use it',
  ],
  [
    "a destroyed buffer to write",
    (device) => destroyed(device).write(new Float32Array(3)),
    'buffer "b" was destroyed; create it again to use it',
  ],
  [
    "a destroyed buffer to bind",
    (device) => device.compile(doubling(), { x: destroyed(device) }),
    'buffer "b" was destroyed; create it again to use it',
  ],
  [
    "a run with a destroyed buffer",
    async (device) => {
      const executable = await device.compile(doubling());
      executable.buffer("x").destroy();
      executable.run();
    },
    'buffer "doubling.x" was destroyed; create it again to use it',
  ],
  [
    "a run of a destroyed executable",
    async (device) => {
      const executable = await device.compile(doubling());
      executable.destroy();
      executable.run();
    },
    "doubling was destroyed; compile it again to run it",
  ],
];

function destroyed(device: Device) {
  const buffer = device.createBuffer("f32", 3, "b");
  buffer.destroy();
  return buffer;
}

describe.each(DEVICES)("$name refuses", ({ open }) => {
  it.each(REFUSALS)("%s", async (_, act, words) => {
    const [device, twin] = [await open(), await open()];
    const refused = (async () => act(device, twin))();
    await expect(refused).rejects.toThrow(DawnpourError);
    await expect(refused).rejects.toThrow(words);
    // The device still works.
    await device.idle();
    device.destroy();
    twin.destroy();
  });

  it("everything once it was destroyed", async () => {
    const device = await open();
    device.destroy();
    const words = `device ${device.info.name} was destroyed; open it again to go on`;
    expect(() => device.createBuffer("f32", 1, "b")).toThrow(new DeviceLostError(words));
    await expect(device.idle()).rejects.toThrow(words);
  });
});

describeEveryDevice((device) => {
  it("takes a binding that is undefined for none", async () => {
    const executable = await device().compile(doubling(), { x: undefined } as unknown as Bindings);
    executable.run(0);
    executable.destroy();
  });

  it("gives buffers of a known type", async () => {
    const executable = await device().compile(doubling());
    const values: Float32Array = await executable.buffer("x", "f32").read();
    expect(values).toEqual(new Float32Array(3));
    executable.destroy();
  });
});

describe.each(DEVICES)("a block on $name", ({ open }) => {
  it("ends what it used", async () => {
    const device = await open();
    const buffer = device.createBuffer("f32", 3, "b");
    const executable = await device.compile(doubling(), { x: buffer });
    executable[Symbol.dispose]();
    expect(() => executable.run()).toThrow("was destroyed");
    await buffer[Symbol.asyncDispose]();
    await expect(buffer.read()).rejects.toThrow("was destroyed");
    device[Symbol.dispose]();
    expect(await device.lost).toMatchObject({ reason: "destroyed" });
    await device[Symbol.asyncDispose]();
  });

  it("waits for its work where it may", async () => {
    const device = await open();
    const executable = await device.compile(doubling());
    executable.buffer("x", "f32").write(Float32Array.of(1, 2, 3));
    executable.run();
    const read = executable.buffer("y", "f32").read();
    await device[Symbol.asyncDispose]();
    await expect(read).resolves.toEqual(Float32Array.of(2, 4, 6));
  });
});

it.each([[[2, 3, 4]], [[]], [6], [undefined]])("a program has matrices, not %j", (shape) => {
  const builder = new ProgramBuilder("cube");
  const words = 'cube: buffer "x": a shape is [columns] or [rows, columns], got';
  expect(() => builder.buffer("x", "f32", wrong(shape))).toThrow(ProgramError);
  expect(() => builder.buffer("x", "f32", wrong(shape))).toThrow(words);
  const cursor = builder.buffer("cursor", "u32", [1]);
  expect(() => builder.table("x", "f32", 2, wrong(shape), cursor)).toThrow(words);
});
