/** A row of stages as one group of devices: its driver, and what it refuses. */
import { afterEach, beforeEach, expect, it } from "vitest";
import { PortableCollective } from "../../src/collective/portable-collective.js";
import { parseConfig } from "../../src/training/config/config.js";
import { modelFromConfig } from "../../src/training/from-config.js";
import { openRoundedDevice, type RoundedDevice } from "../support/rounded-device.js";
import { openRow, type Row } from "./row.js";

const FEATURES = 6;
const STEPS = 4;
const config = parseConfig({ layers: [FEATURES, 5, 3], batch: 4, parts: 2, steps: STEPS, loss: "mse" });
const options = { model: modelFromConfig(config, FEATURES), config, steps: STEPS };
const split = { images: new Float32Array(8 * FEATURES).fill(0.5), count: 8, features: FEATURES, scale: 1 };

let row: Row;
let devices: RoundedDevice[];

beforeEach(async () => {
  devices = [];
  row = await openRow(options, { train: split, test: split }, new PortableCollective(), async () => {
    const device = openRoundedDevice();
    devices.push(device);
    return device;
  });
  row.learner.restore(0, row.strategy.initialState());
  await row.learner.settled();
});
afterEach(() => row.close());

const state = async (): Promise<Float32Array[]> => {
  const vectors = Array.from({ length: row.strategy.vectors }, (_, i) => row.tensors.slot(i));
  await row.learner.save(vectors);
  return vectors.map((vector) => vector.slice());
};

it("listens to the newest head alone", async () => {
  const before = await state();
  const old = await row.attach(2, 500);
  const next = await row.attach(3);
  const [restored, changed] = [0, 4].map((first) => before.map((_, i) => first + i));
  for (const [i, slot] of changed.entries()) row.tensors.slot(slot).set(before[i].map((value) => value + 1));
  const order = (slots: readonly number[]) => ({
    kind: "restore" as const,
    round: 0,
    vectors: slots.map((index) => ({ memory: "tensors" as const, index })),
  });
  await next.order(order(restored));
  await expect(old.order(order(changed))).rejects.toThrow(/^stage-\w+ has not answered for 500 ms$/);
  const vectors = changed.map((index) => ({ memory: "tensors" as const, index }));
  await next.order({ kind: "save", round: 0, vectors });
  expect(changed.map((slot) => row.tensors.slot(slot))).toEqual(before);
  for (const stages of [old, next]) stages.destroy();
});

it("is lost when the device of a stage is, and takes a new head when that is back", async () => {
  const head = await row.attach(2);
  devices[1].destroy();
  expect(await head.lost).toEqual({
    reason: "lost",
    message: expect.stringMatching(/^stage-bottleneck: .*its device was lost/),
  });
  await expect(head.order({ kind: "settle", round: 0 })).rejects.toThrow(/stage-bottleneck/);
  const next = await row.attach(3);
  expect(devices.length).toBe(4);
  // It has no state yet.
  await expect(next.order({ kind: "settle", round: 0 })).rejects.toThrow(/the stage is in round undefined/);
  next.destroy();
});

it("is a group of devices, and no device: it says what bits it computes, is lost and is destroyed", async () => {
  const head = await row.attach(2);
  expect(head.info).toEqual({ bits: devices.map(({ info }) => info.bits).join(" | ") });
  expect(["compile", "createBuffer", "idle"].filter((name) => name in head)).toEqual([]);
  head.destroy();
  expect((await head.lost).reason).toBe("destroyed");
});
