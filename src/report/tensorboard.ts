/**
 * The curves of a run for TensorBoard: an event file in the folder of the run, one scalar a record. A resumed run
 * begins a new file with the records of earlier files up to its step and then removes those files, so that no step
 * occurs twice. Source of the field numbers: tensorflow/core/util/event.proto and framework/summary.proto of
 * github.com/tensorflow/tensorflow
 */
import { join } from "node:path";
import { BinaryReader, BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import type { Observer, RunEvent } from "../training/event.js";
import { isEventFile } from "../training/run-folder/run-folder.js";
import { explainDiskError } from "../world/disk-error.js";
import type { World } from "../world/world.js";
import { record, records } from "./tf-record.js";

/** Version of the file format. */
const VERSION = "brain.Event:2";

/** The scalars of an event, by their names in TensorBoard. */
function scalarsOf(event: RunEvent): Readonly<Record<string, number>> {
  switch (event.event) {
    case "steps":
      return { "loss/train": event.loss, learning_rate: event.learningRate, images_per_second: event.imagesPerSecond };
    case "evaluation":
      return { "error/test_sse": event.test.sse, "error/test_mse": event.test.mse };
    case "metrics":
      return Object.fromEntries(Object.entries(event.test).map(([name, value]) => [`test/${name}`, value]));
    default:
      return {};
  }
}

export class TensorBoard {
  readonly #world: Pick<World, "clock" | "disk">;
  readonly #folder: string;
  #file = "";
  /** Settles when every write so far has finished or failed. */
  #pending: Promise<void> = Promise.resolve();
  #failure: unknown;

  /** @param folder of the run */
  constructor(world: Pick<World, "clock" | "disk">, folder: string) {
    this.#world = world;
    this.#folder = folder;
  }

  readonly observe: Observer = (event) => {
    const seconds = this.#world.clock.date().getTime() / 1000;
    if (event.event === "start") {
      this.#then(() => this.#begin(seconds, event.step));
    }
    const scalars = Object.entries(scalarsOf(event));
    if (scalars.length === 0) return;
    const bytes = Buffer.concat(scalars.map(([tag, value]) => record(encodeScalar(seconds, event.step, tag, value))));
    this.#then(() => this.#world.disk.append(this.#file, bytes));
  };

  /** @throws DawnpourError when a write failed; later writes were tried all the same */
  async close(): Promise<void> {
    await this.#pending;
    if (this.#failure !== undefined) throw explainDiskError(this.#failure, this.#file, "write");
  }

  #then(next: () => Promise<void>): void {
    this.#pending = this.#pending.then(next).catch((error: unknown) => {
      this.#failure ??= error;
    });
  }

  /** Begins a new file with the records of steps before `step`. */
  async #begin(seconds: number, step: number): Promise<void> {
    const { disk } = this.#world;
    const earlier = (await disk.list(this.#folder)).filter(isEventFile);
    const kept: Uint8Array[] = [];
    for (const name of step === 0 ? [] : earlier) {
      for (const event of records(await disk.read(join(this.#folder, name)))) {
        if (isScalarUntil(event, step)) kept.push(record(event));
      }
    }
    const name = `events.out.tfevents.${Math.floor(seconds)}.dawnpour`;
    this.#file = join(this.#folder, name);
    await disk.write(this.#file, [record(encodeStart(seconds)), ...kept]);
    for (const other of earlier.filter((other) => other !== name)) await disk.remove(join(this.#folder, other));
  }
}

function encodeStart(seconds: number): Uint8Array {
  return new BinaryWriter()
    .tag(1, WireType.Bit64)
    .double(seconds)
    .tag(3, WireType.LengthDelimited)
    .string(VERSION)
    .finish();
}

function encodeScalar(seconds: number, step: number, tag: string, value: number): Uint8Array {
  const scalar = new BinaryWriter().tag(1, WireType.LengthDelimited).string(tag).tag(2, WireType.Bit32).float(value);
  const summary = new BinaryWriter().tag(1, WireType.LengthDelimited).bytes(scalar.finish());
  const event = new BinaryWriter().tag(1, WireType.Bit64).double(seconds).tag(2, WireType.Varint).int64(step);
  return event.tag(5, WireType.LengthDelimited).bytes(summary.finish()).finish();
}

/** Whether an event holds a scalar of a step up to `last`. */
function isScalarUntil(event: Uint8Array, last: number): boolean {
  const reader = new BinaryReader(event);
  let step = 0;
  let isScalar = false;
  while (reader.pos < reader.len) {
    const [field, type] = reader.tag();
    if (field === 2) {
      step = Number(reader.int64());
    } else {
      isScalar ||= field === 5;
      reader.skip(type, field);
    }
  }
  return isScalar && step <= last;
}
