/**
 * How batches reach a device. Images that fit stay on the device as stored (u8), and a step needs only row numbers.
 * Otherwise the host gathers the rows of each window of steps, which then take the place of the data set. The program
 * and the bits are the same either way.
 */

import type { Split } from "../data/dataset.js";
import { gatherRows } from "../data/loader.js";
import type { Device, DeviceBuffer } from "../device/device.js";
import type { Source } from "../model/lower.js";

export interface BatchSource {
  readonly source: Source;
  /** To be bound to the program's `source`. */
  readonly buffer: DeviceBuffer;
  /** Makes images `rows` of the split available; returns the row numbers that the program has to use for them. */
  stage(rows: Uint32Array): Uint32Array;
  destroy(): void;
}

/**
 * @param window most rows of one `stage` call
 * @param whole whether the images stay on the device; default: if they fit
 */
export function openBatchSource(
  device: Device,
  split: Split,
  window: number,
  whole = isResident(device, split),
): BatchSource {
  return whole ? new ResidentFeed(device, split) : new StagedBatchSource(device, split, window);
}

/** Whether the images of a split fit on a device. */
export const isResident = (device: Device, { images }: Split): boolean => images.byteLength <= residentBytes(device);

/** Memory that one data set may take on a device. */
function residentBytes(device: Device): number {
  const { maxBufferSize, maxStorageBufferBindingSize } = device.info.limits;
  return Math.min(maxBufferSize ?? Number.POSITIVE_INFINITY, maxStorageBufferBindingSize ?? Number.POSITIVE_INFINITY);
}

function sourceOf(split: Split, count: number): Source {
  return { type: split.images instanceof Uint8Array ? "u8" : "f32", count, scale: split.scale };
}

class ResidentFeed implements BatchSource {
  readonly source: Source;
  readonly buffer: DeviceBuffer;

  constructor(device: Device, split: Split) {
    this.source = sourceOf(split, split.count);
    this.buffer = device.createBuffer(this.source.type, split.images.length, "images");
    this.buffer.write(split.images);
  }

  stage(rows: Uint32Array): Uint32Array {
    return rows;
  }

  destroy(): void {
    this.buffer.destroy();
  }
}

class StagedBatchSource implements BatchSource {
  readonly source: Source;
  readonly buffer: DeviceBuffer;
  readonly #split: Split;
  readonly #staging: Uint8Array | Float32Array;
  readonly #identity: Uint32Array;

  constructor(device: Device, split: Split, window: number) {
    const length = window * split.features;
    this.source = sourceOf(split, window);
    this.buffer = device.createBuffer(this.source.type, length, "staged images");
    this.#split = split;
    this.#staging = split.images instanceof Uint8Array ? new Uint8Array(length) : new Float32Array(length);
    this.#identity = Uint32Array.from({ length: window }, (_, i) => i);
  }

  stage(rows: Uint32Array): Uint32Array {
    const staged = this.#staging.subarray(0, rows.length * this.#split.features);
    gatherRows(this.#split, rows, staged);
    this.buffer.write(staged);
    return this.#identity.subarray(0, rows.length);
  }

  destroy(): void {
    this.buffer.destroy();
  }
}
