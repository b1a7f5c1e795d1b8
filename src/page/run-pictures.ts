/**
 * Pictures for the page of a run: from its newest checkpoint, on one thread of the CPU. So they are the same for every kind of run.
 * They are made only while a page is open, and wait so long between one another that they take at most a third of a hundredth of the time.
 */
import { openCheckpoint } from "../checkpoint/open.js";
import { type Dataset, sliceSplit } from "../data/dataset.js";
import { openDevice } from "../device/open.js";
import { dataUri, type ImageSet, imageCount, tileImages } from "../report/images.js";
import { picturesOf } from "../report/pictures.js";
import { configFromCheckpoint } from "../training/run-folder/snapshot.js";
import { isAutoencoder } from "../training/task/task.js";
import { TrainedAutoencoder } from "../training/trained.js";
import type { World } from "../world/world.js";
import { type Plane, planeOf } from "./plane.js";
import type { Pictures } from "./what-there-is.js";

const EXAMPLES = 12;
const CODES = 500;
/** The time between two makings, in times that one takes. */
const PAUSE = 300;

interface RunPicturesOptions {
  readonly world: World;
  readonly dataset: Dataset;
  /** Of the run. */
  readonly folder: string;
  readonly show: (pictures: Pictures) => void;
}

export class RunPictures {
  readonly #options: RunPicturesOptions;
  /** When the next may be made. */
  #next = Number.NEGATIVE_INFINITY;
  #isBusy = false;
  /** Step of those that were made last. */
  #step = -1;
  #plane: Plane | undefined;

  constructor(options: RunPicturesOptions) {
    this.#options = options;
  }

  /** There is a new checkpoint, or a new page. What fails leaves the page without pictures, and the run as it is. */
  async make(): Promise<void> {
    const { clock } = this.#options.world;
    const began = clock.now();
    if (this.#isBusy || began < this.#next) return;
    this.#isBusy = true;
    try {
      await this.#make();
    } catch {
      // The checkpoint was removed meanwhile, or there is none yet: the next one brings pictures.
    }
    this.#isBusy = false;
    const now = clock.now();
    this.#next = now + PAUSE * (now - began);
  }

  async #make(): Promise<void> {
    const { world, dataset, folder, show } = this.#options;
    const stored = await openCheckpoint(world, folder, { optimizer: false });
    if (stored.step === this.#step || !isAutoencoder(configFromCheckpoint(stored))) return;
    const device = await openDevice({ device: "cpu", threads: 1 });
    try {
      const trained = TrainedAutoencoder.restore(device, stored);
      const pictures = await picturesBy(trained, dataset, this.#plane);
      this.#plane = pictures.plane;
      this.#step = stored.step;
      show({ ...pictures, step: stored.step });
    } finally {
      device.destroy();
    }
  }
}

/** @param before the plane of an earlier state */
async function picturesBy(
  trained: TrainedAutoencoder,
  { test }: Dataset,
  before?: Plane,
): Promise<Omit<Pictures, "step">> {
  const seen = sliceSplit(test, 0, Math.min(CODES, test.count));
  const codes = await trained.encode(seen);
  const plane = planeOf(codes, trained.model.codeSize, before).map((value) => Math.round(1e4 * value) / 1e4);
  const labels = seen.labels && Array.from(seen.labels);
  const shown = sliceSplit(test, 0, Math.min(EXAMPLES, test.count));
  const { shape } = test;
  if (!shape) return { count: shown.count, plane, labels };
  const originals = Float32Array.from(shown.images, (value) => value * shown.scale);
  const made = await trained.reconstruct(originals);
  const strip = (values: Float32Array): string => stripOf(picturesOf({ ...test, shape }, values));
  return { count: shown.count, plane, labels, originals: strip(originals), reconstructions: strip(made) };
}

const stripOf = (set: ImageSet): string => dataUri(tileImages([set], { columns: imageCount(set) }));
