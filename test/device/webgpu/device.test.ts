/** The WebGPU device, apart from arithmetic: its limits, its calls to the GPU, and its end. */
import { afterEach, describe, expect, it } from "vitest";
import { type Device, DeviceLimitError, DeviceLostError, NoDeviceError } from "../../../src/device/device.js";
import { openWebGpuDevice } from "../../../src/device/webgpu/device.js";
import { SHADERS } from "../../../src/device/webgpu/shaders.js";
import { type Program, ProgramBuilder } from "../../../src/program/program.js";
import { expectAgreement } from "../../support/agreement.js";
import { normal, Scenario } from "../../support/scenario.js";
import { GPU_OBJECT, gpuWith, gpuWithLimits, openAdapter, overlay } from "./support.js";

let opened: Device[] = [];

async function open(gpu?: GPU): Promise<Device> {
  const device = await openAdapter({}, gpu);
  opened.push(device);
  return device;
}

afterEach(() => {
  for (const device of opened) device.destroy();
  opened = [];
});

/** A product, its loss, an update of one factor, and a count of the steps. */
function step(): Program {
  const builder = new ProgramBuilder("step");
  const [x, w, y] = [
    builder.buffer("x", "f32", [5, 7]),
    builder.buffer("w", "f32", [7, 3]),
    builder.buffer("y", "f32", [5, 3]),
  ];
  const [target, slope] = [builder.buffer("target", "f32", [5, 3]), builder.buffer("slope", "f32", [7, 3])];
  const cursor = builder.buffer("steps", "u32", [1]);
  return builder
    .gemm({ a: x, b: w, activation: "tanh", out: y })
    .loss({
      loss: "mse",
      input: y,
      target,
      scale: 1,
      total: builder.table("losses", "f32", 16, [1], cursor),
      gradient: y,
    })
    .gemm({ a: x, b: y, transposeA: true, out: slope })
    .add({ a: w, b: slope, factor: -0.01, out: w })
    .advance(cursor)
    .build();
}

const ramp = (length: number): Float32Array => Float32Array.from({ length }, (_, i) => (i % 11) / 11 - 0.4);

async function ready(device: Device) {
  const executable = await device.compile(step());
  executable.buffer("x").write(ramp(35));
  executable.buffer("w").write(ramp(21));
  return executable;
}

describe("limits", () => {
  it("are checked when a buffer is created", async () => {
    const device = await open();
    const most = device.info.limits.maxBufferSize;
    const length = most / 4 + 1;
    expect(() => device.createBuffer("f32", length, "huge")).toThrow(DeviceLimitError);
    expect(() => device.createBuffer("f32", length, "huge")).toThrow(
      /"huge" needs \d+ bytes, but maxBufferSize of .* is \d+/,
    );
  });

  it("are checked by compile before anything is allocated", async () => {
    let created = 0;
    const device = await open(
      gpuWith((gpu) =>
        overlay(gpu, {
          createBuffer: (descriptor: GPUBufferDescriptor) => {
            created++;
            return gpu.createBuffer(descriptor);
          },
        }),
      ),
    );
    const builder = new ProgramBuilder("wide");
    const columns = Math.ceil(device.info.limits.maxStorageBufferBindingSize / 4 / 1024) + 64;
    const [a, b] = [builder.buffer("a", "f32", [2, 1024]), builder.buffer("b", "f32", [1024, columns])];
    builder.gemm({ a, b, out: builder.buffer("out", "f32", [2, columns]) });
    const compiled = device.compile(builder.build());
    await expect(compiled).rejects.toThrow(DeviceLimitError);
    await expect(compiled).rejects.toThrow(
      /wide, op 0, gemm: .* needs \d+ bytes, but maxStorageBufferBindingSize .* is \d+/,
    );
    expect(created).toBe(0);
  });

  it("hold for what reads go through, too", async () => {
    const maxBufferSize = 320;
    const sizes: number[] = [];
    const device = await open(
      gpuWith((gpu) =>
        overlay(gpu, {
          limits: overlay(gpu.limits, { maxBufferSize }),
          createBuffer: (descriptor: GPUBufferDescriptor) => {
            sizes.push(descriptor.size);
            return gpu.createBuffer(descriptor);
          },
        }),
      ),
    );
    const buffer = device.createBuffer("f32", maxBufferSize / 4, "as large as can be");
    buffer.write(ramp(maxBufferSize / 4));
    expect(await buffer.read()).toEqual(ramp(maxBufferSize / 4));
    expect(sizes).toEqual([maxBufferSize, maxBufferSize]);
  });
});

describe("vectors longer than a binding", () => {
  it("are done in pieces", async () => {
    const device = await open(gpuWithLimits({ maxStorageBufferBindingSize: 16384 }));
    const scenario = new Scenario("long vectors");
    const length = 3001;
    const [p, g, m, v] = ["p", "g", "m", "v"].map((name) =>
      scenario.f32At(3, name, [1, length], (random) => random.uniform()),
    );
    const scalars = scenario.f32("scalars", [1, 4], (random) => random.uniform());
    const rule = { name: "adam", beta1: 0.9, beta2: 0.99, epsilon: 1e-3, weightDecay: 0.1 } as const;
    scenario.builder
      .update({ rule, parameters: p, gradients: g, state: [m, v], scalars })
      .add({ a: p, b: g, factor: 2, out: g })
      .norm({ input: p, out: scenario.f32("norm", [1, 1]) })
      .loss({ loss: "mse", input: p, target: m, scale: 0.5, total: scenario.f32("total", [1, 1]), gradient: p })
      .sumRows({ input: { ...v, rows: length, columns: 1 }, out: scenario.f32("sum", [1, 1]) });
    await expectAgreement(device, scenario);
  });

  it.each(["u8", "f32"] as const)("are gathered from: %s", async (type) => {
    const device = await open(gpuWithLimits({ maxStorageBufferBindingSize: 8192 }));
    const scenario = new Scenario(`long table of ${type}`);
    const source = type === "u8" ? scenario.u8("source", [4001, 9]) : scenario.f32("source", [4001, 9]);
    const rows = scenario.u32("rows", [0, 4000, 17, 3999, 2500, 2500, 888, 4001, 1]);
    scenario.builder.gather({ source, rows, scale: 0.5, out: scenario.f32("out", [9, 9]) });
    await expectAgreement(device, scenario);
  });
});

it("dispatches more workgroups than one dimension holds", async () => {
  const device = await open(gpuWithLimits({ maxComputeWorkgroupsPerDimension: 9 }));
  const scenario = new Scenario("many workgroups");
  const [a, b, out] = [
    scenario.f32("a", [45, 8], normal),
    scenario.f32("b", [8, 95], normal),
    scenario.f32("out", [45, 95]),
  ];
  scenario.builder
    .gemm({ a, b, out })
    .activate({ activation: "gelu", input: out, out })
    .norm({ input: out, out: scenario.f32("norm", [1, 1]) })
    .sumRows({ input: out, out: scenario.f32("sums", [1, 95]) });
  await expectAgreement(device, scenario);
});

describe("repetition", () => {
  it("of a run is the run, repeated, and two devices give the same bits", async () => {
    const results = [];
    for (const times of [[12], [5, 7], Array(12).fill(1)]) {
      const executable = await ready(await open());
      for (const count of times) executable.run(count);
      results.push(await Promise.all(["w", "losses", "steps"].map((name) => executable.buffer(name).read())));
    }
    expect(results[0][2]).toEqual(Uint32Array.of(12));
    expect(new Set(results[0][1].slice(0, 12)).size).toBeGreaterThan(1);
    expect(results[1]).toEqual(results[0]);
    expect(results[2]).toEqual(results[0]);
  });

  it("is one submission, and makes nothing new on the GPU", async () => {
    const calls: string[] = [];
    const counting = <T extends object>(target: T, names: readonly (keyof T & string)[]): T => {
      const members = names.map((name) => {
        const method = target[name] as (...args: unknown[]) => unknown;
        const counted = (...args: unknown[]): unknown => {
          calls.push(name);
          return method.apply(target, args);
        };
        return [name, counted];
      });
      return overlay(target, Object.fromEntries(members));
    };
    const made = ["createBuffer", "createBindGroup", "createShaderModule", "createComputePipelineAsync"] as const;
    const gpu = gpuWith((device) => overlay(counting(device, made), { queue: counting(device.queue, ["submit"]) }));
    const executable = await ready(await open(gpu));
    executable.run();
    await executable.buffer("losses").read();

    calls.length = 0;
    executable.run(10);
    expect(calls).toEqual(["submit"]);
    for (let i = 0; i < 5; i++) await executable.buffer("losses").read();
    expect(calls).toEqual(Array(6).fill("submit"));
  });
});

describe("bytes", () => {
  it("may be written and read at any offset", async () => {
    const device = await open();
    const buffer = device.createBuffer("u8", 603, "bytes");
    const expected = new Uint8Array(603);
    for (const [offset, length] of [
      [0, 603],
      [5, 2],
      [301, 9],
      [299, 1],
      [600, 3],
      [7, 590],
      [602, 1],
      [256, 4],
      [255, 6],
    ]) {
      const data = Uint8Array.from({ length }, (_, i) => (offset * 31 + i * 7 + length) % 256);
      expected.set(data, offset);
      buffer.write(data, offset);
    }
    expect(await buffer.read()).toEqual(expected);
    expect(await buffer.read(301, 5)).toEqual(expected.slice(301, 306));
  });
});

describe("loss", () => {
  it("by the driver fails every later call with its words", async () => {
    let lose: (info: GPUDeviceLostInfo) => void = () => {};
    const lost = new Promise<GPUDeviceLostInfo>((resolve) => {
      lose = resolve;
    });
    const device = await open(gpuWith((gpu) => overlay(gpu, { lost })));
    const executable = await ready(device);
    lose({ reason: "unknown", message: "the GPU\nhung" } as GPUDeviceLostInfo);
    expect(await device.lost).toMatchObject({ reason: "lost" });
    expect(() => executable.run()).toThrow(DeviceLostError);
    await expect(executable.buffer("w").read()).rejects.toThrow(/was lost: the GPU hung; open it again/);
  });

  it("follows an error that nothing else reports, as when memory runs out", async () => {
    let gpuDevice: GPUDevice | undefined;
    const device = await open(
      gpuWith((gpu) => {
        gpuDevice = gpu;
        return gpu;
      }),
    );
    gpuDevice?.createBuffer({ size: 4, usage: 0 });
    expect(await device.lost).toMatchObject({
      reason: "lost",
      message: expect.stringContaining("usages must not be 0"),
    });
    expect(() => device.createBuffer("f32", 1, "x")).toThrow(DeviceLostError);
  });
});

describe("misuse", () => {
  it("of a destroyed buffer is an error, and no harm to the device", async () => {
    const device = await open();
    const shared = device.createBuffer("f32", 21, "w");
    const executable = await device.compile(step(), { w: shared });
    shared.destroy();
    expect(() => executable.run()).toThrow('buffer "w" was destroyed');
    await expect(shared.read()).rejects.toThrow('buffer "w" was destroyed');
    await device.idle();
  });

  it("of another device's buffer is an error", async () => {
    const [here, there] = [await open(), await open()];
    const foreign = there.createBuffer("f32", 21, "w");
    await expect(here.compile(step(), { w: foreign })).rejects.toThrow(
      'buffer "w" must be bound to a buffer that this device created, got one of another device',
    );
  });
});

it("says so when there is no adapter", async () => {
  const none = overlay(GPU_OBJECT, { requestAdapter: async () => null });
  await expect(openWebGpuDevice(none, SHADERS)).rejects.toThrow(NoDeviceError);
});

it("says so when the driver gives no device", async () => {
  const adapter = await GPU_OBJECT.requestAdapter();
  if (!adapter) throw new Error("these tests need an adapter");
  const broken = overlay(adapter, { requestDevice: () => Promise.reject(new Error("out of\nluck")) });
  const gpu = overlay(GPU_OBJECT, { requestAdapter: async () => broken });
  await expect(openWebGpuDevice(gpu, SHADERS)).rejects.toThrow(NoDeviceError);
  await expect(openWebGpuDevice(gpu, SHADERS)).rejects.toThrow(/gives no device: out of luck; or use the CPU device$/);
});
