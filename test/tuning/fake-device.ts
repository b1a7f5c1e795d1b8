/**
 * A fake GPU whose tiles take as long as a test says. It computes like the reference, plans like a WebGPU device, and moves the
 * clock by which it is timed.
 */
import { type Bindings, type Device, DeviceLimitError, type Executable } from "../../src/device/device.js";
import { openReferenceDevice } from "../../src/device/reference/reference-device.js";
import { tileName } from "../../src/device/webgpu/gemm-tile.js";
import type { Target } from "../../src/device/webgpu/kernel.js";
import { gemmShape } from "../../src/device/webgpu/lowering/lower-gemm.js";
import type { GemmOp } from "../../src/program/op.js";
import type { Program } from "../../src/program/program.js";
import type { GemmPlans } from "../../src/tuning/gemm-plans.js";
import type { Clock } from "../../src/world/world.js";
import { ending } from "../support/ending.js";

const TARGET: Target = {
  limits: {
    maxStorageBufferBindingSize: 2 ** 27,
    maxStorageBuffersPerShaderStage: 8,
    minStorageBufferOffsetAlignment: 256,
    maxComputeWorkgroupStorageSize: 16384,
    maxComputeInvocationsPerWorkgroup: 256,
    maxComputeWorkgroupsPerDimension: 65535,
  },
  software: false,
  lanes: undefined,
};

export interface Behaviour {
  /** Milliseconds of a run by tile name; 10 for one that is not named. */
  readonly times?: Readonly<Record<string, number>>;
  /** Tiles that the driver refuses. */
  readonly refused?: readonly string[];
  /** The op that the kernel of a tile computes instead of the right one. If it returns undefined, the kernel computes nothing. */
  readonly change?: (op: GemmOp, tile: string) => GemmOp | undefined;
  readonly software?: boolean;
}

export class FakeDevice {
  now = 0;
  /** Tile of each gemm that was compiled. */
  readonly compiled: string[] = [];
  readonly clock: Clock = { now: () => this.now, date: () => new Date(0) };
  readonly device: Device;

  constructor(plans: GemmPlans, { times = {}, refused = [], change = (op) => op, software = false }: Behaviour) {
    const reference = openReferenceDevice();
    const compile = async (program: Program, bindings?: Bindings): Promise<Executable> => {
      const [op] = program.ops as [GemmOp];
      const tile = tileName(plans.plan(gemmShape(op), TARGET, op).tile);
      this.compiled.push(tile);
      if (refused.includes(tile)) throw new DeviceLimitError(`too large: ${tile}`);
      const changed = change(op, tile);
      const inner = await reference.compile({ ...program, ops: [changed ?? op] }, bindings);
      return {
        program,
        buffer: ((name: string) => inner.buffer(name)) as Executable["buffer"],
        run: (count = 1) => {
          if (changed) inner.run();
          this.now += count * (times[tile] ?? 10);
        },
        ...ending(() => inner.destroy()),
      };
    };
    this.device = {
      info: { ...reference.info, kind: "webgpu", software },
      lost: reference.lost,
      createBuffer: (type, length, label) => reference.createBuffer(type, length, label),
      compile,
      idle: () => reference.idle(),
      ...ending(() => reference.destroy()),
    };
  }
}
