/** TensorBoard reads every figure of a run once, even if the run was interrupted and resumed. */
import { BinaryReader } from "@bufbuild/protobuf/wire";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { TensorBoard } from "../../src/report/tensorboard.js";
import { crc32c, record, records } from "../../src/report/tf-record.js";
import type { RunEvent } from "../../src/training/event.js";
import { SimulatedWorld } from "../../src/world/simulated/world.js";

/** The fields of a message, by number. */
function fields(bytes: Uint8Array): Map<number, unknown> {
  const found = new Map<number, unknown>();
  const reader = new BinaryReader(bytes);
  const read: Readonly<Record<number, () => unknown>> = {
    0: () => Number(reader.int64()),
    1: () => reader.double(),
    2: () => reader.bytes(),
    5: () => reader.float(),
  };
  while (reader.pos < reader.len) {
    const [field, type] = reader.tag();
    found.set(field, read[type]?.());
  }
  return found;
}

const text = (value: unknown): string => new TextDecoder().decode(value as Uint8Array);

/** `step tag value` of each scalar in a file. The first record is the version. */
function scalars(file: Uint8Array): string[] {
  const [first, ...rest] = [...records(file)].map(fields);
  expect(text(first.get(3))).toBe("brain.Event:2");
  return rest.map((event) => {
    const value = fields(fields(event.get(5) as Uint8Array).get(1) as Uint8Array);
    return `${event.get(2)} ${text(value.get(1))} ${value.get(2)}`;
  });
}

const at = (step: number) => ({ step, epoch: 0, time: 0 });
const start = (step: number): RunEvent => ({ event: "start", ...at(step), steps: 9, images: 1, resumed: step > 0 });
const steps = (step: number): RunEvent => ({
  event: "steps",
  ...at(step),
  loss: 1 / step,
  learningRate: 0.5,
  imagesPerSecond: 100,
});
const evaluation = (step: number): RunEvent => ({ event: "evaluation", ...at(step), test: { sse: 3, mse: 0.25 } });

async function told(world: SimulatedWorld, events: readonly RunEvent[]): Promise<string[]> {
  const board = new TensorBoard(world, "/run");
  for (const event of events) board.observe(event);
  await board.close();
  const [name, ...others] = await world.disk.list("/run");
  expect([name, others]).toEqual([expect.stringMatching(/^events\.out\.tfevents\.\d+\.dawnpour$/), []]);
  return scalars(await world.disk.read(`/run/${name}`));
}

const figures = (step: number) => [
  `${step} loss/train ${Math.fround(1 / step)}`,
  `${step} learning_rate 0.5`,
  `${step} images_per_second 100`,
];

describe("the event file of a run", () => {
  it("has each figure at its step", async () => {
    const world = new SimulatedWorld();
    await world.disk.makeFolder("/run");
    expect(await told(world, [start(0), steps(4), evaluation(4), { event: "end", ...at(4) }])).toEqual([
      ...figures(4),
      "4 error/test_sse 3",
      "4 error/test_mse 0.25",
    ]);
  });

  it.each([0, 5000])("has no step twice after the run was resumed, %d ms later", async (pause) => {
    const world = new SimulatedWorld();
    await world.disk.makeFolder("/run");
    await told(world, [start(0), steps(2), steps(4), steps(6)]);
    await world.time.advance(pause);
    const all = await told(world, [start(4), steps(6), steps(8)]);
    expect(all).toEqual([2, 4, 6, 8].flatMap(figures));
    await world.time.advance(pause);
    expect(await told(world, [start(0), steps(3)])).toEqual(figures(3));
  });

  it("goes on after a record that was cut off", async () => {
    const world = new SimulatedWorld();
    await world.disk.makeFolder("/run");
    await told(world, [start(0), steps(2), steps(4)]);
    const [name] = await world.disk.list("/run");
    const { length } = await world.disk.read(`/run/${name}`);
    world.disk.truncate(`/run/${name}`, length - 3);
    expect(await told(world, [start(4), steps(6)])).toEqual([...figures(2), ...figures(4).slice(0, 2), ...figures(6)]);
  });

  it("that cannot be written is an error at the end, and not before", async () => {
    const world = new SimulatedWorld();
    const board = new TensorBoard(world, "/missing");
    board.observe(start(0));
    board.observe(steps(1));
    await expect(board.close()).rejects.toThrow(/^cannot write /);
  });
});

describe("a record file", () => {
  it("has the check sums of RFC 3720", () => {
    expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
    expect(crc32c(new Uint8Array(32).fill(0xff))).toBe(0x62a8ab43);
    expect(crc32c(Uint8Array.from({ length: 32 }, (_, i) => i))).toBe(0x46dd794e);
  });

  it("gives back what was put in, and nothing that is damaged", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array()), fc.nat(), (contents, flipped) => {
        const file = new Uint8Array(Buffer.concat(contents.map(record)));
        expect([...records(file)]).toEqual(contents);
        if (file.length === 0) return;
        file[flipped % file.length] ^= 1;
        const read = [...records(file)];
        expect(read.length).toBeLessThan(contents.length);
        expect(read).toEqual(contents.slice(0, read.length));
      }),
    );
  });
});
