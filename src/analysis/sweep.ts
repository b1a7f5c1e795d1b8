/**
 * A sweep runs some ops over every row of a split once, batch by batch, and returns the sums that they made. The rows are
 * written to the device in windows, so a data set may be larger than the device's memory. A data set that fits in one window
 * is written once. A last, partial batch has a program of its own size: no row is padded, and none is counted twice.
 */
import type { Split } from "../data/dataset.js";
import type { Bindings, Device, DeviceBuffer, Executable } from "../device/device.js";
import { UsageError } from "../error.js";
import type { View } from "../program/buffer.js";
import { type Program, ProgramBuilder } from "../program/program.js";

/** Rows of a whole batch. */
export const SWEEP_BATCH = 512;
/** Half of the smallest limit on one buffer among the adapters in use (128 MiB, lavapipe's). */
const WINDOW_BYTES = 64 * 2 ** 20;

export interface SweepOptions<Name extends string> {
  /** For error messages. */
  readonly name: string;
  /** Adds the ops for one batch, `images` `[rows, features]` in [0, 1]; the ops may overwrite it. */
  readonly body: (builder: ProgramBuilder, images: View) => void;
  /** The f32 buffers of the body that every batch adds to. They are zero at first, and the sweep returns them. */
  readonly accumulators: readonly Name[];
  /** Memory for other buffers of the body. */
  readonly bindings?: Bindings;
  /** Bytes of data on the device at a time. Default: 64 MiB. */
  readonly windowBytes?: number;
}

export async function sweep<Name extends string>(
  device: Device,
  split: Split,
  options: SweepOptions<Name>,
): Promise<Record<Name, Float32Array>> {
  if (split.count < 1) throw new UsageError(`${options.name}: the data has no rows`);
  const plan = planSweep(split, options.windowBytes ?? WINDOW_BYTES);
  const program = batchProgram(split, plan, plan.batch, options);
  const source = device.createBuffer(elementType(split), plan.window * split.features, "source");
  const sums = options.accumulators.map((name) => [name, createAccumulator(device, program, name)] as const);
  const bindings = { ...options.bindings, ...Object.fromEntries(sums), source };
  const executables: Executable[] = [];
  const compile = async (compiled: Program): Promise<Executable> => {
    const executable = await device.compile(compiled, bindings);
    executables.push(executable);
    return executable;
  };
  try {
    const whole = await compile(program);
    whole.buffer("rows").write(Uint32Array.from({ length: plan.batches * plan.batch }, (_, row) => row));
    for (let first = 0; first < split.count; first += plan.window) {
      const size = Math.min(plan.window, split.count - first);
      source.write(split.images.subarray(first * split.features, (first + size) * split.features));
      whole.buffer("cursor").write(Uint32Array.of(0));
      whole.run(Math.floor(size / plan.batch));
    }
    if (plan.rest > 0) {
      const part = await compile(batchProgram(split, { ...plan, batches: 1 }, plan.rest, options));
      const last = ((split.count - 1) % plan.window) + 1;
      part.buffer("rows").write(Uint32Array.from({ length: plan.rest }, (_, row) => last - plan.rest + row));
      part.run();
    }
    const results = sums.map(async ([name, buffer]) => [name, await buffer.read()] as const);
    return Object.fromEntries(await Promise.all(results)) as Record<Name, Float32Array>;
  } finally {
    for (const executable of executables) executable.destroy();
    for (const [, buffer] of sums) buffer.destroy();
    source.destroy();
  }
}

/** Rows of the batches of a sweep over `split`; the last batch may have fewer. */
export function sweepBatch(split: Split): number {
  return planSweep(split, WINDOW_BYTES).batch;
}

interface Plan {
  readonly batch: number;
  /** Rows on the device at a time: a multiple of the batch, or all of them. */
  readonly window: number;
  /** Whole batches in a window. */
  readonly batches: number;
  /** Rows after the last whole batch. */
  readonly rest: number;
}

function planSweep({ count, features, images }: Split, windowBytes: number): Plan {
  const most = Math.max(1, Math.floor(windowBytes / (features * images.BYTES_PER_ELEMENT)));
  const batch = Math.min(SWEEP_BATCH, count, most);
  const window = Math.min(count, most - (most % batch));
  return { batch, window, batches: Math.floor(window / batch), rest: count % batch };
}

function batchProgram(
  split: Split,
  { window, batches }: Plan,
  batch: number,
  { name, body }: Pick<SweepOptions<string>, "name" | "body">,
): Program {
  const builder = new ProgramBuilder(name);
  const source = builder.buffer("source", elementType(split), [window, split.features]);
  const cursor = builder.buffer("cursor", "u32", [1]);
  const rows = builder.table("rows", "u32", batches, [batch], cursor);
  const images = builder.buffer("images", "f32", [batch, split.features]);
  builder.gather({ source, rows, scale: split.scale, out: images });
  body(builder, images);
  return builder.advance(cursor).build();
}

const elementType = (split: Split): "u8" | "f32" => (split.images instanceof Uint8Array ? "u8" : "f32");

function createAccumulator(device: Device, program: Program, name: string): DeviceBuffer<"f32"> {
  const declared = program.buffers.find((buffer) => buffer.name === name);
  if (declared?.type !== "f32") throw new UsageError(`${program.name}: has no f32 buffer "${name}" to add up in`);
  return device.createBuffer("f32", declared.length, name);
}
