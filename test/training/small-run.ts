/** Runs that are small enough for hundreds of repetitions: a few dozen rows, a few parameters, a disk in memory. */

import type { Dataset, Split } from "../../src/data/dataset.js";
import type { Device } from "../../src/device/device.js";
import { Autoencoder } from "../../src/model/autoencoder.js";
import type { TrainingOptions } from "../../src/training/config/config.js";
import type { RunEvent } from "../../src/training/event.js";
import { run } from "../../src/training/run.js";
import type { RunOptions } from "../../src/training/run-options.js";
import type { RunResult } from "../../src/training/run-result.js";
import { Random } from "../../src/world/random.js";
import type { SimulatedWorld } from "../../src/world/simulated/world.js";
import type { Timers } from "../../src/world/world.js";

export const OUT = "/runs/a";
/** Three steps are an epoch. */
export const IMAGES = 24;

function split(count: number, seed: number): Split {
  const random = new Random(seed);
  const images = Uint8Array.from({ length: count * 6 }, () => random.below(256));
  return { images, count, features: 6, scale: 1 / 255 };
}

export function smallDataset(images = IMAGES): Dataset {
  return { name: "small", source: "small.npy", train: split(images, 1), test: split(5, 2) };
}

export const CONFIG: TrainingOptions = {
  dataset: "small",
  layers: [6, 4, 2],
  batch: 8,
  steps: 10,
  lr: 0.01,
  schedule: "cosine",
  seed: 4,
};

/** Timers fire at once. */
const AT_ONCE: Timers = {
  after(_, action) {
    const pending = setImmediate(action);
    return () => clearImmediate(pending);
  },
};

/** A run in a world of its own, with its events. */
export class SmallRun<W extends SimulatedWorld = SimulatedWorld> {
  readonly events: RunEvent[] = [];
  readonly world: W;
  readonly #device: Device;

  constructor(device: Device, world: W) {
    this.#device = device;
    this.world = world;
  }

  async go(overrides: Partial<RunOptions> = {}): Promise<RunResult> {
    const result = await run({
      world: { ...this.world, timers: AT_ONCE },
      device: this.#device,
      dataset: smallDataset(),
      config: CONFIG,
      out: OUT,
      observer: (event) => this.events.push(event),
      ...overrides,
    });
    if (result.model instanceof Autoencoder) return { ...result, model: result.model };
    throw new Error("small runs are of autoencoders");
  }

  /** Resumes the run in the same folder. */
  resume(overrides: Partial<RunOptions> = {}): Promise<RunResult> {
    return this.go({ resume: true, config: {}, ...overrides });
  }

  told<E extends RunEvent["event"]>(kind: E): Extract<RunEvent, { event: E }>[] {
    return this.events.filter((event): event is Extract<RunEvent, { event: E }> => event.event === kind);
  }

  /** The lines of metrics.jsonl. */
  async metrics(): Promise<RunEvent[]> {
    const text = new TextDecoder().decode(await this.world.disk.read(`${OUT}/metrics.jsonl`));
    const lines = text.trimEnd().split("\n");
    return lines.map((line) => JSON.parse(line));
  }

  /** Every path on the disk. */
  async files(folder = ""): Promise<string[]> {
    const { disk } = this.world;
    const found: string[] = [];
    for (const name of await disk.list(folder || "/")) {
      const path = `${folder}/${name}`;
      found.push(path);
      if ((await disk.status(path))?.kind === "folder") found.push(...(await this.files(path)));
    }
    return found;
  }
}
