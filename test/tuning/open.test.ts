import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Device } from "../../src/device/device.js";
import { openDevice } from "../../src/device/open.js";
import { type Program, ProgramBuilder } from "../../src/program/program.js";
import type { TuningEvent } from "../../src/tuning/event.js";
import { openTunedDevice, type TunedDevice } from "../../src/tuning/open.js";
import { nodeWorld } from "../../src/world/node/world.js";
import { Random } from "../../src/world/random.js";
import { SimulatedDisk } from "../../src/world/simulated/disk.js";

const world = { ...nodeWorld(), disk: new SimulatedDisk() };
const SIZES = { x: [24, 40], w: [40, 12], bias: [12], g: [24, 12], pre: [24, 12] } as const;

/** A gemm of each kind that training has. */
function program(): Program {
  const builder = new ProgramBuilder("step");
  const [x, w, bias, g, pre] = Object.entries(SIZES).map(([name, shape]) => builder.buffer(name, "f32", shape));
  const h = builder.buffer("h", "f32", [24, 12]);
  builder.gemm({ a: x, b: w, bias, activation: "gelu", preActivation: pre, out: h });
  builder.gemm({ a: x, b: g, transposeA: true, out: builder.buffer("dw", "f32", [40, 12]) });
  const derivative = { activation: "tanh", at: x } as const;
  return builder.gemm({ a: g, b: w, transposeB: true, derivative, out: builder.buffer("dx", "f32", [24, 40]) }).build();
}

async function results(device: Device): Promise<Uint32Array[]> {
  const executable = await device.compile(program());
  for (const [stream, name] of ["x", "w", "bias", "g"].entries()) {
    const buffer = executable.buffer(name);
    const random = new Random(1, stream);
    buffer.write(Float32Array.from({ length: buffer.length }, () => random.normal()));
  }
  executable.run();
  const read = await Promise.all(["pre", "h", "dw", "dx"].map((name) => executable.buffer(name).read()));
  executable.destroy();
  return read.map(({ buffer }) => new Uint32Array(buffer));
}

describe("a tuned adapter", () => {
  const events: TuningEvent[] = [];
  let tuned: TunedDevice;
  beforeAll(async () => {
    tuned = await openTunedDevice(world, { device: "webgpu" }, (event) => events.push(event));
  });
  afterAll(() => tuned.device.destroy());

  it("has raced several tiles of every gemm", async () => {
    const tunings = await tuned.tuner?.tune(program(), { race: "unknown", seconds: 60 });
    expect(tunings?.map(({ gemm }) => gemm).sort()).toEqual([
      "24x12x40 nn f32 bias pre-activation gelu",
      "24x40x12 nt f32 tanh'",
      "40x12x24 tn f32",
    ]);
    for (const { tileMs, defaultMs } of tunings ?? []) {
      expect(defaultMs).toBeGreaterThan(0);
      expect(tileMs).toBeLessThanOrEqual(defaultMs ?? 0);
    }
    expect(events.map(({ event }) => event)).toEqual(["tuned", "tuned", "tuned"]);
  });

  it("gives the same bits as one that is not", async () => {
    const plain = await openDevice({ device: "webgpu" });
    expect(await results(tuned.device)).toEqual(await results(plain));
    plain.destroy();
  });

  it("is not raced again when it is opened again", async () => {
    const again = await openTunedDevice(world, { device: "webgpu" });
    expect(await again.tuner?.tune(program(), { race: "unknown" })).toEqual([]);
    again.device.destroy();
  });
});

it("leaves the CPU alone", async () => {
  const { device, tuner } = await openTunedDevice(world, { device: "cpu" });
  expect([device.info.kind, tuner]).toEqual(["cpu", undefined]);
  device.destroy();
});
