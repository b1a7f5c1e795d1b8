import { describe, expect, it, vi } from "vitest";
import { readSafetensors, writeSafetensors } from "../src/checkpoint/safetensors-file.js";
import type { Dataset } from "../src/data/dataset.js";
import { type Device, DeviceLimitError } from "../src/device/device.js";
import { openDevice } from "../src/device/open.js";
import type { TrainOptions, TrainPlace } from "../src/request.js";
import { train } from "../src/train.js";
import { Random } from "../src/world/random.js";
import { SimulatedWorld } from "../src/world/simulated/world.js";

const values = (length: number): Float32Array => {
  const random = new Random(3);
  return Float32Array.from({ length }, () => random.uniform());
};

const SMALL: TrainOptions = { layers: [6, 4, 2], batch: 8, steps: 3, loss: "mse" };

function go(options: TrainOptions, place: TrainPlace = {}) {
  return train(
    { ...SMALL, ...options },
    { device: "cpu", threads: 1, world: new SimulatedWorld(), out: "/a", ...place },
  );
}

/** What a caller without a compiler may pass. */
const wrong = (given: unknown): never => given as never;

it.each<[TrainPlace, RegExp]>([
  [
    { device: "cpu", adapter: "H200", threads: undefined },
    /the adapter "H200" belongs to the device webgpu, but the device is cpu/,
  ],
  [{ device: "webgpu", threads: 2 }, /only the CPU device has threads/],
  [{ device: "webgpu", threads: 2, workers: 2 }, /only the CPU device has threads/],
  [{ device: "cpu", adapter: "H200", threads: undefined, workers: 2 }, /belongs to the device webgpu/],
])("%j is refused before anything is read", async (place, message) => {
  await expect(go({ dataset: "/nowhere" }, place)).rejects.toThrow(message);
});

const local = (options: Record<string, string | number>) => ({ name: "local-sgd", options });

it.each<[TrainOptions, TrainPlace, RegExp]>([
  [{ strategy: "local-sdg" }, {}, /unknown strategy "local-sdg": did you mean "local-sgd"/],
  [{ strategy: { module: new URL("file:///nowhere/mine.js") } }, {}, /nowhere\/mine.js cannot be loaded/],
  [
    { strategy: local({ H: "oops" }) },
    {},
    /^strategy local-sgd: H must be a whole number from 1 to 1000000, got "oops"$/,
  ],
  [{ strategy: local({ hh: 8 }) }, {}, /^strategy local-sgd: unknown option "hh": did you mean "H"\?/],
  [{ strategy: { name: "easgd", options: { alpah: 1 } } }, {}, /unknown option "alpah": did you mean "alpha"\?/],
  [{ strategy: { name: "diloco", options: { momentum: 2 } } }, {}, /momentum must be a number from 0 to 1, got 2/],
  [
    { strategy: { name: "synchronous", options: { H: 2 } } },
    {},
    /strategy synchronous: unknown option "H": use one of backup/,
  ],
  [{ strategy: local({}), precision: "f16" }, {}, /precision f16 has a loss scale, which strategy local-sgd/],
  [{ strategy: local({ H: 2 }) }, { workers: undefined, pipeline: true }, /leave strategy local-sgd:H=2 out/],
  [{ clip: 1 }, { workers: undefined, pipeline: true }, /^clip 1 needs the norm of the whole gradient/],
  [{ parts: 1 }, {}, /^2 workers for 1 part/],
  [{ shape: "28by28" }, {}, /^shape "28by28": give height x width/],
  [{ initial: "/no.safetensors" }, {}, /^checkpoint "\/no.safetensors" does not exist/],
  [{}, { workers: undefined, threads: 9999 }, /^threads must be a whole number from 1 to 1024, got 9999$/],
])("%j on %j is refused before the data is read", async (options, place, message) => {
  await expect(go({ dataset: "/nowhere", ...options }, { workers: 2, ...place })).rejects.toThrow(message);
});

it("a folder with other files in it is refused before the data is read", async () => {
  const world = new SimulatedWorld();
  await world.disk.makeFolder("/a");
  await world.disk.write("/a/thesis.tex", [new Uint8Array(3)]);
  await expect(go({ dataset: "/nowhere" }, { world })).rejects.toThrow(
    /^\/a holds other files than a run \(thesis.tex\)/,
  );
  await expect(go({ dataset: "/nowhere" }, { world, out: "/a/thesis.tex" })).rejects.toThrow(/thesis.tex.* is a file/);
});

describe("what is measured after the last step", () => {
  /** A device on which something happens before a program of this name is compiled. */
  async function meddled(name: string, before: () => Promise<void>): Promise<Device> {
    const device = await openDevice({ device: "reference" });
    const compile: Device["compile"] = async (program, ...rest) => {
      if (program.name === name) await before();
      return device.compile(program, ...rest);
    };
    return new Proxy(device, {
      get: (target, key) => (key === "compile" ? compile : Reflect.get(target, key, target)),
    });
  }

  it.each(["covariance", "PCA"])("costs the run no more than itself: %s", async (name) => {
    const world = new SimulatedWorld();
    const warnings: string[] = [];
    const observer: TrainPlace["observer"] = (event) => {
      if (event.event === "warning") warnings.push(event.message);
    };
    const device = await meddled(name, async () => {
      throw new DeviceLimitError(`${name} needs more memory than there is`);
    });
    const run = await go({ dataset: { train: values(60) } }, { world, device, threads: undefined, observer });
    expect(run.measures?.errors.test.sse).toBeGreaterThan(0);
    expect(run.measures?.errors.pca).toBeUndefined();
    expect(warnings).toEqual([expect.stringMatching(`^PCA was left out: ${name} needs more memory`)]);
    const report = new TextDecoder().decode(await world.disk.read("/a/report.html"));
    expect(report).toContain(`PCA was left out: ${name} needs more memory than there is`);
    run.close();
    device.destroy();
  });

  it("leaves PCA out where that takes longer than a minute", async () => {
    const world = new SimulatedWorld();
    const device = await meddled("covariance", () => world.time.advance(61_000));
    const told: string[] = [];
    const onPca = (state: string): unknown => told.push(state);
    const run = await go({ dataset: { train: values(60) } }, { world, device, threads: undefined, onPca });
    expect(told).toEqual(["begun", "too long"]);
    expect(run.measures?.errors.pca).toBeUndefined();
    run.close();
    device.destroy();
  });
});

it("an open device is what it is", async () => {
  const device = await openDevice({ device: "reference" });
  await expect(go({ dataset: { train: values(60) } }, { device })).rejects.toThrow(/leave adapter and threads out/);
  device.destroy();
});

it("what is left out follows from what is given, in train as in a plan: an output that is linear is for mse", async () => {
  const run = await go({ dataset: { train: values(60) }, loss: undefined, outputActivation: "linear" });
  expect(run.config.loss).toBe("mse");
  run.close();
});

it("a run that goes on reads its checkpoint once", async () => {
  const world = new SimulatedWorld();
  const dataset = { train: values(60) };
  (await go({ dataset }, { world })).close();
  const read = vi.spyOn(world.disk, "read");
  const again = await go({ dataset, steps: 5 }, { world, resume: true });
  expect(again.step).toBe(5);
  const names = read.mock.calls.map(([path]) => path.split("/").at(-1));
  for (const file of ["manifest.json", "model.safetensors", "optimizer.safetensors"]) {
    expect(names.filter((name) => name === file)).toHaveLength(1);
  }
  again.close();
});

describe("train on data in memory", () => {
  it("takes rows, and keeps a tenth of them for testing", async () => {
    const run = await go({ dataset: { name: "mine", train: values(60) } });
    const { name, train: rows, test } = run.dataset;
    expect([name, rows.count, rows.features, rows.scale, test.count]).toEqual(["mine", 9, 6, 1, 1]);
    expect(run.config.dataset).toBe("mine");
    expect(run.measures?.errors.test.sse).toBeGreaterThan(0);
    run.close();
  });

  it("takes a data set, and the limit holds for it", async () => {
    const split = { images: new Uint8Array(60).fill(7), count: 10, features: 6, scale: 1 / 255 };
    const dataset: Dataset = { name: "whole", source: "a test", train: split, test: split };
    const run = await go({ dataset, limit: 4 });
    expect([run.dataset.train.count, run.dataset.test.count]).toEqual([4, 4]);
    run.close();
  });

  it("gives the bits that a data set of the same values gives, whatever says how long a row is", async () => {
    const shas = [];
    for (const dataset of [
      { train: values(60), test: values(6) },
      { train: values(60), test: values(6), features: 6 },
      { train: values(60), test: values(6), shape: [2, 3] as const },
    ]) {
      const run = await go({ dataset });
      shas.push(run.parametersSha256);
      run.close();
    }
    expect(new Set(shas).size).toBe(1);
  });

  const split = { images: values(12), count: 2, features: 6, scale: 1 };
  it.each<[string, unknown, RegExp]>([
    ["no train", {}, /^dataset: train must be a Float32Array or a Uint8Array.*got undefined/],
    ["a list of rows", { train: [[1, 2, 3, 4, 5, 6]] }, /^dataset: train must be .* got Array: convert it/],
    ["a number", 5, /^dataset must be a name or an object with train, got 5$/],
    ["half a row", { train: values(9) }, /^dataset: train has 9 values, which are not whole rows of 6/],
    ["no rows", { train: values(0) }, /^dataset: train has 0 values/],
    ["NaN", { train: values(12).fill(Number.NaN, 7, 8) }, /^dataset: train: row 1, column 1 is NaN/],
    ["an unknown key", { train: values(12), tset: values(6) }, /^dataset: unknown key "tset": did you mean "test"/],
    ["few labels", { train: values(12), test: values(6), trainLabels: new Uint8Array(3) }, /2 rows and 3 labels/],
    ["another shape", { train: values(12), features: 6, shape: [2, 4] }, /picture of 2 x 4 is not 6 values/],
    [
      "a split that lacks rows",
      { name: "a", train: { ...split, count: 3 }, test: split },
      /train has 12 values; 3 rows/,
    ],
    ["test rows of another length", { name: "a", train: split, test: { ...split, count: 4, features: 3 } }, /the same/],
    ["no test", { name: "a", train: split }, /^dataset: test must be an object with images/],
  ])("refuses %s", async (_, dataset, message) => {
    const world = new SimulatedWorld();
    await expect(go({ dataset: wrong(dataset) }, { world })).rejects.toThrow(message);
    expect(await world.disk.status("/a")).toBeUndefined();
  });

  it("says what is wrong in a line, however large the data", async () => {
    const failure = await go({ dataset: wrong({ train: [..."x".repeat(99999)] }) }).catch(String);
    expect(failure).toMatch(/^UsageError: .{1,200}$/);
  });
});

it.each<[string, object, RegExp]>([
  ["strategy", { strategy: { name: "mine" } }, /^place: unknown key "strategy"/],
  ["worker", { worker: 3 }, /^place: unknown key "worker": did you mean "workers"/],
])("train refuses %s, which it would ignore", async (_, place, message) => {
  await expect(go({ dataset: "digits:20" }, wrong(place))).rejects.toThrow(message);
});

it("digits stand in for MNIST only where no data set was named, and the run is named after them", async () => {
  vi.stubEnv("DAWNPOUR_DATA", undefined);
  const world = new SimulatedWorld();
  world.network.online = false;
  const place: TrainPlace = { world, device: "cpu" };
  const options: TrainOptions = { layers: [784, 4], limit: 30, epochs: 1 };
  await expect(train({ ...options, dataset: "mnist" }, place)).rejects.toThrow(
    /^MNIST is not in .*or give --dataset digits/,
  );
  const run = await train(options, place);
  expect(run.folder.path).toMatch(/^runs\/digits-\d{8}-\d{6}/);
  expect(run.config.dataset).toBe("digits");
  run.close();
  vi.unstubAllEnvs();
});

describe("a run with weights to begin with", () => {
  const dataset = { train: values(60), test: values(6) };
  const begun = { dataset, loss: "mse", steps: 1, lr: 1e-30 } as const;

  it("begins with them: from a file, a run, or tensors", async () => {
    const world = new SimulatedWorld();
    const first = await go({ dataset, seed: 5 }, { world, out: "/first" });
    const { tensors } = await readSafetensors("/first/checkpoints/step-0000000003/model.safetensors", world);
    const named = [...tensors].map(([name, tensor]) => ({ name, ...tensor }));
    await writeSafetensors("/weights.safetensors", named, {}, world);
    for (const [i, initial] of ["/weights.safetensors", "/first", named].entries()) {
      const run = await go({ ...begun, initial }, { world, out: `/second-${i}` });
      expect(run.parametersSha256).toBe(first.parametersSha256);
      expect(run.config.initial).toBe(typeof initial === "string" ? initial : "memory");
      run.close();
    }
    first.close();
  });

  it("is resumed without them", async () => {
    const world = new SimulatedWorld();
    const model = await go({ dataset }, { world, out: "/first" });
    // The longer run has the learning rate of the shorter one.
    const begin = { dataset, initial: "/first", schedule: "constant" } as const;
    const whole = await go({ ...begin, steps: 6 }, { world, out: "/whole" });
    await go({ ...begin, steps: 3 }, { world, out: "/half" });
    await world.disk.remove("/first");
    const resumed = await train(
      { dataset, steps: 6 },
      { world, device: "cpu", threads: 1, out: "/half", resume: true },
    );
    expect(resumed.parametersSha256).toBe(whole.parametersSha256);
    expect(whole.parametersSha256).not.toBe(model.parametersSha256);
  });

  it("refuses what does not fit before it writes anything", async () => {
    const world = new SimulatedWorld();
    const tensor = { name: "a.weight", dtype: "F32", shape: [2, 3], data: values(6) } as const;
    await expect(go({ ...begun, initial: [tensor] }, { world })).rejects.toThrow(/memory has 1 weight matrices/);
    await expect(go({ ...begun, initial: "/nothing" }, { world })).rejects.toThrow(/"\/nothing" does not exist/);
    expect(await world.disk.status("/a")).toBeUndefined();
  });
});

describe("callbacks of train", () => {
  const fail = (): never => {
    throw new Error("the callback fails");
  };
  const dataset = { train: values(60) };

  it.each<[string, TrainPlace]>([
    ["observer", { observer: fail }],
    ["observer, later", { observer: async () => fail() }],
    ["onReady", { onReady: fail }],
    ["onReady, later", { onReady: async () => fail() }],
  ])("that fail fail it, once: %s", async (_, place) => {
    await expect(go({ dataset }, place)).rejects.toThrow("the callback fails");
  });
});

it("a run on data that a program had in memory goes on with that data, and with no other of its name", async () => {
  const world = new SimulatedWorld();
  world.network.online = false;
  const random = new Random(3);
  const rows = (count: number) => Float32Array.from({ length: count * 4 }, () => random.between(0, 1));
  const mine = { name: "mine", train: rows(20), test: rows(4), features: 4 };
  const place: TrainPlace = { world, device: "cpu", out: "/mine" };
  const first = await train({ dataset: mine, layers: [4, 2], steps: 4 }, place);
  expect(first.config.dataset).toBe("mine");
  first.close();
  const resume = { ...place, resume: true };
  await expect(train({ steps: 6 }, resume)).rejects.toThrow(
    'the checkpoint was trained on "mine", which a program had in memory: name the same data with --dataset',
  );
  await expect(train({ dataset: { ...mine, train: rows(20) }, steps: 6 }, resume)).rejects.toThrow(
    /^cannot resume: the checkpoint was trained on mine \(20 \+ 4 rows/,
  );
  (await train({ dataset: mine, steps: 6 }, resume)).close();
});
