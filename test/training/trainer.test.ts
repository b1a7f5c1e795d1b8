import { describe, expect, it } from "vitest";
import type { Split } from "../../src/data/dataset.js";
import { type Device, DeviceLostError } from "../../src/device/device.js";
import { Autoencoder } from "../../src/model/autoencoder.js";
import { defaultOptimizer, OPTIMIZERS } from "../../src/optimizer/optimizer.js";
import { DEFAULT_SCHEDULE } from "../../src/optimizer/schedule.js";
import { Trainer, type TrainerOptions } from "../../src/training/trainer.js";
import { Random } from "../../src/world/random.js";
import { DEVICES, describeEveryDevice, lacks } from "../support/devices.js";
import { ending } from "../support/ending.js";

/** Images near a 3-dimensional surface in 20 dimensions. */
function split(count: number): Split {
  const features = 20;
  const random = new Random(7);
  const basis = Array.from({ length: 3 * features }, () => random.uniform());
  const images = new Uint8Array(count * features);
  for (let i = 0; i < count; i++) {
    const at = Array.from({ length: 3 }, () => random.uniform() / 3);
    for (let j = 0; j < features; j++) {
      images[i * features + j] = 255 * at.reduce((sum, a, k) => sum + a * basis[k * features + j], 0);
    }
  }
  return { images, count, features, scale: 1 / 255 };
}

const model = new Autoencoder({
  layers: [20, 17, 3],
  activation: "gelu",
  codeActivation: "linear",
  outputActivation: "sigmoid",
  initialiser: "glorot",
});

const optionsOn = (device: Device): TrainerOptions => ({
  device,
  model,
  split: split(50),
  batch: 16,
  loss: "bce",
  optimizer: { ...defaultOptimizer("adam"), learningRate: 0.01 },
  schedule: { ...DEFAULT_SCHEDULE, name: "cosine", warmup: 2 },
  totalSteps: 40,
  clip: 0.5,
  seed: 3,
});

async function losses(trainer: Trainer, windows: readonly number[]): Promise<number[]> {
  const results: number[] = [];
  for (const size of windows) results.push(...(await trainer.enqueue(size)));
  return results;
}

function expectClose(got: ArrayLike<number>, want: ArrayLike<number>): void {
  expect(got.length).toBe(want.length);
  for (let i = 0; i < want.length; i++) expect(Math.abs(got[i] - want[i])).toBeLessThan(1e-5);
}

describe.each(DEVICES)("on a lost device, $name", ({ open }) => {
  it("every call fails once, and nothing fails unheard", async () => {
    const unheard: unknown[] = [];
    const listen = (error: unknown): unknown => unheard.push(error);
    process.on("unhandledRejection", listen);
    const lost = await open();
    const trainer = await Trainer.create(optionsOn(lost));
    const pending = [trainer.enqueue(3), trainer.state()];
    lost.destroy();
    const late = [trainer.enqueue(1), trainer.state(), Trainer.create(optionsOn(lost))];
    for (const { status } of await Promise.allSettled([...pending, ...late])) expect(status).toBe("rejected");
    for (const call of late) await expect(call).rejects.toThrow(DeviceLostError);
    expect(trainer.step).toBe(3);
    trainer.destroy();
    await new Promise((resolve) => setTimeout(resolve));
    process.off("unhandledRejection", listen);
    expect(unheard).toEqual([]);
  });
});

describeEveryDevice((device) => {
  it("says that it was destroyed, whatever it is asked for", async () => {
    const trainer = await Trainer.create(optionsOn(device()));
    const state = await trainer.state();
    trainer.destroy();
    await expect(trainer.enqueue(1)).rejects.toThrow("the trainer was destroyed: create another to go on");
    await expect(trainer.state()).rejects.toThrow("the trainer was destroyed");
    expect(() => trainer.restore(state)).toThrow("the trainer was destroyed");
    expect(() => trainer.destroy()).not.toThrow();
  });

  const options = (overrides: Partial<TrainerOptions> = {}): TrainerOptions => ({
    ...optionsOn(device()),
    ...overrides,
  });

  it("hands out its program before it compiles it", async () => {
    const kinds: string[] = [];
    const trainer = await Trainer.create(
      options({ tune: async ({ ops }) => kinds.push(...ops.map(({ kind }) => kind)) }),
    );
    expect(kinds.filter((kind) => kind === "gemm")).toHaveLength(4 + 4 + 3);
    trainer.destroy();
    const refused = Trainer.create(options({ tune: () => Promise.reject(new Error("no")) }));
    await expect(refused).rejects.toThrow("no");
  });

  it("gives the same bits whatever the windows", async () => {
    const one = await Trainer.create(options());
    const other = await Trainer.create(options());
    expect(await losses(one, [1, 1, 1, 1, 1, 1, 1, 1])).toEqual(await losses(other, [5, 3]));
    expect(await one.state()).toEqual(await other.state());
    one.destroy();
    other.destroy();
  });

  it("takes more steps than a window holds", async () => {
    const one = await Trainer.create(options({ totalSteps: 200 }));
    const other = await Trainer.create(options({ totalSteps: 200 }));
    expect(await losses(one, [70, 80])).toEqual(await losses(other, [64, 6, 64, 16]));
    expect(one.step).toBe(150);
    expect(await one.state()).toEqual(await other.state());
    one.destroy();
    other.destroy();
  });

  it.each([0, -1, 1.5, Number.NaN])("refuses %d steps", async (count) => {
    const trainer = await Trainer.create(options());
    await expect((async () => trainer.enqueue(count))()).rejects.toThrow(
      "steps to enqueue must be a whole number from 1",
    );
    expect(trainer.step).toBe(0);
    trainer.destroy();
  });

  it("refuses a state of another network or optimizer, and takes nothing of it", async () => {
    const trainer = await Trainer.create(options());
    await trainer.enqueue(2);
    const state = await trainer.state();
    const { parameters, optimizer } = state;
    const short = parameters.subarray(1);
    const wrong: [object, RegExp][] = [
      [{ step: -1 }, /^restore: step must be a whole number from 0, got -1/],
      [{ parameters: short }, /^restore: parameters must be a Float32Array of \d+ numbers, got \d+ numbers/],
      [{ parameters: [1, 2] }, /^restore: parameters must be .* got object/],
      [{ optimizer: {} }, /^restore: optimizer\["state.first"\] must be .* got undefined/],
      [{ optimizer: { ...optimizer, "state.second": short } }, /^restore: optimizer\["state.second"\] must be/],
      [
        { optimizer: { ...optimizer, "state.sum": parameters } },
        /keeps no "state.sum".*it keeps state.first, state.second/,
      ],
    ];
    for (const [change, message] of wrong) {
      const changed = { ...state, parameters: parameters.map(() => 0), ...change };
      expect(() => trainer.restore(changed)).toThrow(message);
    }
    expect(await trainer.state()).toEqual(state);
    trainer.destroy();
  });

  it.each(OPTIMIZERS)("goes on bit for bit from a saved state, with %s", async (name) => {
    const optimizer = defaultOptimizer(name);
    const straight = await Trainer.create(options({ optimizer }));
    const all = await losses(straight, [6]);
    const first = await Trainer.create(options({ optimizer }));
    const before = await losses(first, [3]);
    const state = await first.state();
    const second = await Trainer.create(options({ optimizer }));
    second.restore(state);
    const after = await losses(second, [3]);
    const [whole, resumed] = [await straight.state(), await second.state()];
    if (device().info.kind === "reference") {
      // The reference device computes with more digits than a saved state has.
      expectClose([...before, ...after], all);
      expectClose(resumed.parameters, whole.parameters);
    } else {
      expect([...before, ...after]).toEqual(all);
      expect(resumed).toEqual(whole);
    }
    for (const trainer of [straight, first, second]) trainer.destroy();
  });

  it("goes on bit for bit in mixed precision, its loss scale included", async ({ skip }) => {
    skip(lacks(device(), "f16"), "the adapter lacks shader-f16");
    const straight = await Trainer.create(options({ precision: "f16" }));
    const all = await losses(straight, [6]);
    const first = await Trainer.create(options({ precision: "f16" }));
    const before = await losses(first, [2, 1]);
    const second = await Trainer.create(options({ precision: "f16" }));
    second.restore(await first.state());
    const after = await losses(second, [3]);
    const [whole, resumed] = [await straight.state(), await second.state()];
    expect(whole.optimizer.lossScale).toEqual(Float32Array.of(2 ** 16, 6));
    expect(resumed.optimizer.lossScale).toEqual(whole.optimizer.lossScale);
    if (device().info.kind === "reference") {
      // A saved state has fewer digits than it computes with, and what f16 then rounds the other way is larger.
      for (const [i, loss] of all.entries()) expect(Math.abs([...before, ...after][i] - loss)).toBeLessThan(1e-3);
    } else {
      expect([...before, ...after]).toEqual(all);
      expect(resumed).toEqual(whole);
    }
    for (const trainer of [straight, first, second]) trainer.destroy();
  });

  it("leaves out steps whose scaled gradients overflow, and halves the scale until they do not", async ({ skip }) => {
    skip(lacks(device(), "f16"), "the adapter lacks shader-f16");
    const trainer = await Trainer.create(options({ precision: "f16", clip: undefined, totalSteps: 100 }));
    const initial = await trainer.state();
    const lossScale = Float32Array.of(2 ** 40, 7);
    trainer.restore({ ...initial, optimizer: { ...initial.optimizer, lossScale } });
    const [first] = await losses(trainer, [1]);
    expect(first).toBeGreaterThan(0.1);
    expect(await trainer.state()).toEqual({
      step: 1,
      parameters: initial.parameters,
      optimizer: { ...initial.optimizer, lossScale: Float32Array.of(2 ** 39, 0) },
    });
    const rest = await losses(trainer, [40, 40]);
    const { optimizer, parameters } = await trainer.state();
    expect(optimizer.lossScale[0]).toBeLessThan(2 ** 25);
    expect(optimizer.lossScale[1]).toBeGreaterThan(40);
    expect(parameters.every(Number.isFinite)).toBe(true);
    expect(rest[79]).toBeLessThan(0.95 * first);
    trainer.destroy();
  });

  it("learns", async () => {
    const trainer = await Trainer.create(options({ clip: undefined, loss: "mse" }));
    const curve = await losses(
      trainer,
      Array.from({ length: 10 }, () => 4),
    );
    expect(curve[39]).toBeLessThan(curve[0] / 2);
    trainer.destroy();
  });

  it("gives the same bits when the images do not fit on the device", async () => {
    const resident = await Trainer.create(options());
    const own = device();
    const narrow: Device = {
      info: { ...own.info, limits: { ...own.info.limits, maxBufferSize: 1 } },
      lost: own.lost,
      createBuffer: (type, length, label) => own.createBuffer(type, length, label),
      compile: (program, bindings) => own.compile(program, bindings),
      idle: () => own.idle(),
      ...ending(() => undefined),
    };
    const staged = await Trainer.create(options({ device: narrow }));
    expect(await losses(staged, [3, 2])).toEqual(await losses(resident, [5]));
    resident.destroy();
    staged.destroy();
  });
});
