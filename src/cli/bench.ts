/** `dawnpour bench gemm|step`: how fast a device is, each result checked before its time counts. */
import { Command } from "commander";
import { benchmarkGemm, defaultShapes, parseShapes } from "../benchmark/gemm.js";
import { benchmarkStep, STEP_SHAPES } from "../benchmark/step.js";
import type { Device } from "../device/device.js";
import { openDevice } from "../device/open.js";
import type { World } from "../world/world.js";
import { addDeviceOptions, type DeviceOptions } from "./options.js";
import { print } from "./output.js";

interface BenchOptions extends DeviceOptions {
  readonly json?: boolean;
  readonly shapes?: string;
}

interface Result {
  readonly name: string;
  readonly medianMs: number;
  readonly fastestMs: number;
  readonly slowestMs: number;
  readonly gflops: number;
}

export function benchCommand(world: World): Command {
  const gemm = addDeviceOptions(new Command("gemm"))
    .description("time matrix products: squares, and the products of the reference networks' training steps")
    .optionsGroup("Benchmark:")
    .option("--shapes <list>", "MxNxK,... with an optional :nt, :tn, :tt for transposed operands")
    .option("--json", "end with one JSON line")
    .action((options: BenchOptions) => {
      const shapes = options.shapes === undefined ? defaultShapes() : parseShapes(options.shapes);
      return bench(options, shapes, (device, shape) => benchmarkGemm(device, world.clock, shape));
    });
  const step = addDeviceOptions(new Command("step"))
    .description("time whole training steps of the two reference networks at batches 128 and 1024")
    .optionsGroup("Benchmark:")
    .option("--json", "end with one JSON line")
    .action((options: BenchOptions) =>
      bench(options, STEP_SHAPES, (device, shape) => benchmarkStep(device, world.clock, shape)),
    );
  return new Command("bench").description("measure this machine").addCommand(gemm).addCommand(step);
}

async function bench<Shape>(
  options: BenchOptions,
  shapes: readonly Shape[],
  measure: (device: Device, shape: Shape) => Promise<Result>,
): Promise<void> {
  const device = await openDevice(options);
  try {
    print(`${device.info.name}   median [fastest - slowest]`);
    const results: Result[] = [];
    for (const shape of shapes) {
      const result = await measure(device, shape);
      results.push(result);
      const [median, fastest, slowest] = [result.medianMs, result.fastestMs, result.slowestMs].map((ms) =>
        ms.toPrecision(4),
      );
      const speed = `${result.gflops.toFixed(1).padStart(9)} GFLOP/s`;
      print(`${result.name.padEnd(56)} ${median.padStart(8)} ms [${fastest} - ${slowest}] ${speed}`);
    }
    if (options.json) {
      const figures = results.map(({ fastestMs: _fastest, slowestMs: _slowest, ...rest }) => rest);
      print(JSON.stringify({ device: device.info.name, results: figures }));
    }
  } finally {
    device.destroy();
  }
}
