/**
 * The forward and backward passes of one stage on its device. Micro-batches in flight take turns on places that keep
 * what their backward pass needs; they share everything else.
 */
import type { Bindings, Device, DeviceBuffer, Executable } from "../device/device.js";
import { f32Buffer } from "../device/device.js";
import type { StageCut } from "../model/stage-cut.js";
import type { BufferDeclaration } from "../program/buffer.js";
import type { Program } from "../program/program.js";
import type { BatchSource } from "../training/batch-source.js";

/** Memory of one micro-batch in flight. */
interface Turn {
  readonly forward: Executable;
  readonly backward?: Executable;
}

interface StageExecutorOptions {
  readonly device: Device;
  /** The stage's programs, by the rows of a micro-batch. */
  cut(rows: number): StageCut;
  /** Memory of the buffers that all micro-batches share. */
  readonly bindings: Bindings;
  /** The source of images, at a stage that reads them. */
  readonly feed?: BatchSource;
  /** Most micro-batches in flight. */
  readonly places: number;
}

export class StageExecutor {
  readonly #options: StageExecutorOptions;
  /** By number of rows: sizes of micro-batches differ by at most one. */
  readonly #sizes = new Map<number, { readonly cut: StageCut; readonly turns: Map<number, Turn> }>();

  constructor(options: StageExecutorOptions) {
    this.#options = options;
  }

  /**
   * Runs a micro-batch forward.
   *
   * @param rows of the data set
   * @param input output of the stage before, if there is one
   * @param output filled for the stage after, if there is one
   * @returns the micro-batch's share of the loss, at the last stage
   */
  async forward(
    microBatch: number,
    rows: Uint32Array,
    input: Float32Array | undefined,
    output: Float32Array | undefined,
  ): Promise<number> {
    const { cut, turn } = await this.#turn(microBatch, rows.length);
    const { forward, backward } = turn;
    if (this.#options.feed) forward.buffer("rows").write(this.#options.feed.stage(rows));
    // Some of it is for the backward pass alone.
    if (input) fill({ ...buffersOf(backward), ...buffersOf(forward) }, cut.input, input);
    forward.run();
    if (output) await drain(forward, cut.output, output);
    if (!declares(forward.program, "total")) return 0;
    const [total] = await f32Buffer(forward, "total").read();
    return total;
  }

  /**
   * Runs a micro-batch of `rows` rows backward, after its forward pass. `outputGradient` comes from the stage after;
   * `inputGradient` is filled for the stage before.
   */
  async backward(
    microBatch: number,
    rows: number,
    outputGradient: Float32Array | undefined,
    inputGradient: Float32Array | undefined,
  ): Promise<void> {
    const { cut, turn } = await this.#turn(microBatch, rows);
    const { backward } = turn;
    if (!backward) return;
    if (outputGradient) fill(buffersOf(backward), cut.outputGradient, outputGradient);
    backward.run();
    if (inputGradient) await drain(backward, cut.inputGradient, inputGradient);
  }

  destroy(): void {
    for (const { turns } of this.#sizes.values()) {
      for (const { forward, backward } of turns.values()) {
        backward?.destroy();
        forward.destroy();
      }
    }
    this.#sizes.clear();
  }

  async #turn(microBatch: number, rows: number): Promise<{ readonly cut: StageCut; readonly turn: Turn }> {
    const size = this.#sizes.get(rows) ?? { cut: this.#options.cut(rows), turns: new Map<number, Turn>() };
    this.#sizes.set(rows, size);
    const options = microBatch % this.#options.places;
    const turn = size.turns.get(options) ?? (await this.#compile(size.cut, size.turns.values().next().value));
    size.turns.set(options, turn);
    return { cut: size.cut, turn };
  }

  async #compile({ forward, backward, kept }: StageCut, other: Turn | undefined): Promise<Turn> {
    const { device, bindings } = this.#options;
    const shared = { ...buffersOf(other?.forward), ...buffersOf(other?.backward) };
    for (const name of kept) delete shared[name];
    const known = { ...shared, ...bindings };
    const front = await device.compile(forward, declared(forward, known));
    if (!backward) return { forward: front };
    const back = await device.compile(backward, declared(backward, { ...known, ...buffersOf(front) }));
    return { forward: front, backward: back };
  }
}

const declares = ({ buffers }: Program, wanted: string): boolean => buffers.some(({ name }) => name === wanted);

function buffersOf(executable: Executable | undefined): Record<string, DeviceBuffer> {
  const names = executable?.program.buffers ?? [];
  return Object.fromEntries(names.map(({ name }) => [name, (executable as Executable).buffer(name)]));
}

function declared(program: Program, bindings: Bindings): Bindings {
  return Object.fromEntries(Object.entries(bindings).filter(([name]) => declares(program, name)));
}

/** Writes `from` to buffers, one after the other. */
function fill(memory: Bindings, buffers: readonly BufferDeclaration[], from: Float32Array): void {
  for (const { name, start, end } of pieces(buffers)) memory[name].write(from.subarray(start, end));
}

/** Reads buffers, one after the other, to `into`. */
async function drain(executable: Executable, buffers: readonly BufferDeclaration[], into: Float32Array): Promise<void> {
  const reads = pieces(buffers).map(({ name, start, end }) =>
    f32Buffer(executable, name).readInto(into.subarray(start, end)),
  );
  await Promise.all(reads);
}

function pieces(buffers: readonly BufferDeclaration[]) {
  let end = 0;
  return buffers.map(({ name, length }) => {
    const start = end;
    end += length;
    return { name, start, end };
  });
}
