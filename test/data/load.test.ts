import { mkdtemp, open, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { loadDataset } from "../../src/data/load.js";
import { DataError, UsageError } from "../../src/error.js";
import { cacheFolder } from "../../src/world/cache-folder.js";
import { nodeWorld } from "../../src/world/node/world.js";
import { SimulatedWorld } from "../../src/world/simulated/world.js";
import { describeWithMnist } from "../support/mnist.js";
import { count, idxBytes, npy, npyHeader, putFiles } from "./files.js";

const CACHE = cacheFolder();

/** Four files with the names of MNIST. The first pixel tells the sets apart. */
function published(mark: number): Record<string, Uint8Array> {
  return {
    "train-images-idx3-ubyte": idxBytes([3, 1, 2], [mark, 1, 2, 3, 4, 5]),
    "train-labels-idx1-ubyte": idxBytes([3], count(3)),
    "t10k-images-idx3-ubyte": idxBytes([2, 1, 2], count(4)),
    "t10k-labels-idx1-ubyte": idxBytes([2], count(2)),
  };
}

let world: SimulatedWorld;

beforeEach(() => {
  world = new SimulatedWorld();
  world.network.online = false;
});

describe("a published data set", () => {
  it("is looked for in DAWNPOUR_DATA, then in the user cache; a folder that is given goes before both", async () => {
    const environment = { DAWNPOUR_DATA: "/env" };
    const firstPixel = async (data?: string): Promise<number> =>
      (await loadDataset("mnist", { world, data, environment })).train.images[0];
    await world.disk.makeFolder("/env");
    await putFiles(world.disk, join(CACHE, "mnist"), published(30));
    expect(await firstPixel()).toBe(30);
    await putFiles(world.disk, "/env/mnist", published(20));
    expect(await firstPixel()).toBe(20);
    await putFiles(world.disk, "/given/mnist", published(10));
    expect(await firstPixel("/given")).toBe(10);
    expect(await firstPixel()).toBe(20);
  });

  it.each(["/given/mnist", "/given", "/given/MNIST/raw"])("is found in %s", async (folder) => {
    await putFiles(world.disk, folder, published(1));
    const dataset = await loadDataset("mnist", { world, data: "/given", environment: {} });
    expect(dataset).toMatchObject({ name: "mnist", reference: "mnist", source: `MNIST, from ${folder}` });
    expect(dataset.notice).toBe(`${folder} does not hold MNIST as published`);
    expect([dataset.train.count, dataset.test.count, dataset.train.features]).toEqual([3, 2, 2]);
  });

  it("is found under the names that its gzip headers carry", async () => {
    const renamed = Object.entries(published(1)).map(([name, bytes]) => [name.replace("-idx", ".idx"), bytes]);
    await putFiles(world.disk, "/given", Object.fromEntries(renamed));
    expect((await loadDataset("fashion-mnist", { world, data: "/given", environment: {} })).name).toBe("fashion-mnist");
  });

  it("is refused, with what is missing, when a folder that was named lacks files of it", async () => {
    const { "t10k-labels-idx1-ubyte": _, "train-labels-idx1-ubyte": __, ...two } = published(1);
    await putFiles(world.disk, "/given/MNIST/raw", two);
    await putFiles(world.disk, "/whole", published(2));
    const lacks =
      "MNIST is not in /given/MNIST/raw, which lacks train-labels-idx1-ubyte, t10k-labels-idx1-ubyte (plain or .gz): put it there, or name the folder that has it";
    for (const [data, DAWNPOUR_DATA] of [
      ["/given", "/whole"],
      [undefined, "/given"],
    ] as const) {
      const loading = loadDataset("mnist", { world, data, substitute: true, environment: { DAWNPOUR_DATA } });
      await expect(loading).rejects.toThrow(DataError);
      await expect(loading).rejects.toThrow(lacks);
    }
  });

  it("is refused when a folder that was named does not exist", async () => {
    const loading = (data?: string, DAWNPOUR_DATA?: string) =>
      loadDataset("mnist", { world, data, substitute: true, environment: { DAWNPOUR_DATA } });
    await expect(loading("/typo")).rejects.toThrow("MNIST is not in /typo: there is no such folder; check the path");
    await expect(loading(undefined, "/typo")).rejects.toThrow(
      "DAWNPOUR_DATA names /typo, which does not exist: correct or unset it",
    );
  });

  it("is refused, with the file's name, when a file found is damaged", async () => {
    await putFiles(world.disk, "/given", published(1));
    world.disk.truncate("/given/train-images-idx3-ubyte", 18);
    await expect(loadDataset("mnist", { world, data: "/given", environment: {} })).rejects.toThrow(
      "/given/train-images-idx3-ubyte: data cut short: 3 x 1 x 2 values of type uint8 are 6 bytes, the file has 2",
    );
  });

  it("is refused when the pictures to test on have another size", async () => {
    await putFiles(world.disk, "/given", { ...published(1), "t10k-images-idx3-ubyte": idxBytes([2, 2, 2], count(8)) });
    await expect(loadDataset("mnist", { world, data: "/given", environment: {} })).rejects.toThrow(
      "/given: training rows have 2 features, test rows 4",
    );
  });

  it("is replaced by generated digits when it is MNIST and cannot be downloaded, with one line that says so", async () => {
    const dataset = await loadDataset("mnist", { world, environment: {}, limit: 20, substitute: true });
    expect(dataset).toMatchObject({
      name: "digits",
      reference: "digits",
      source: "built-in generated digits (seed 0)",
    });
    expect(dataset.notice).toMatch(
      /^MNIST is not in .*, and downloading failed \(cannot download https:.*online\?; 2 mirrors were tried\); using built-in/,
    );
    expect(dataset.notice).not.toContain("\n");
    expect(dataset.notice).toContain(CACHE);
  });

  it("is an error when nothing may stand in for it", async () => {
    const loading = loadDataset("mnist", { world, environment: {} });
    await expect(loading).rejects.toThrow(DataError);
    await expect(loading).rejects.toThrow(
      /^MNIST is not in .*; put its four files in a folder and name it with --data/,
    );
  });

  it("is an error when it is another", async () => {
    const loading = loadDataset("fashion-mnist", { world, environment: { DAWNPOUR_DATA: "" } });
    await expect(loading).rejects.toThrow(DataError);
    await expect(loading).rejects.toThrow(/^Fashion-MNIST is not in .*; put its four files in a folder and name it/);
  });
});

describe("generated digits", () => {
  it("come by name, as many as asked for", async () => {
    const dataset = await loadDataset("digits:60", { world });
    expect(dataset).toMatchObject({ name: "digits" });
    expect([dataset.train.count, dataset.test.count]).toEqual([60, 10]);
    expect(dataset.train).toMatchObject({ features: 784, shape: [28, 28], scale: 1 / 255 });
    expect(dataset.train.images.length).toBe(60 * 784);
    expect(dataset.test.labels?.length).toBe(10);
    expect(dataset.notice).toBeUndefined();
  });

  it("follow the seed, and are the same rows whatever the limit", async () => {
    const first = async (limit: number, seed?: number): Promise<Uint8Array | Float32Array> =>
      (await loadDataset("digits", { world, limit, seed })).train.images.subarray(0, 784);
    expect(await first(1)).toEqual(await first(7));
    expect(await first(1)).not.toEqual(await first(1, 5));
  });

  it("share no row between train and test", async () => {
    const { train, test } = await loadDataset("digits", { world, limit: 50 });
    expect(train.images).not.toEqual(test.images);
  });
});

it.runIf(process.platform === "linux")(
  "a file above 2 GiB is read in parts, on this machine where no world is given",
  async () => {
    const folder = await mkdtemp(join(tmpdir(), "dawnpour-large-"));
    try {
      const [rows, columns] = [3_000_000, 784];
      const path = join(folder, "large.npy");
      const file = await open(path, "w");
      const header = npy(npyHeader("|u1", `(${rows}, ${columns})`), new Uint8Array(0));
      await file.write(header);
      // The holes of the file take no room on the disk.
      await file.truncate(header.length + rows * columns);
      await file.write(Uint8Array.of(7), 0, 1, header.length + 0.9 * rows * columns);
      await file.close();
      const { train, test } = await loadDataset(path, { limit: 2 });
      expect([train.count, test.count, train.images[0], test.images[0]]).toEqual([2, 2, 0, 7]);
    } finally {
      await rm(folder, { recursive: true });
    }
  },
);

describe("a word that is neither name nor path", () => {
  it.each([
    ["minst", 'unknown dataset "minst": did you mean "mnist"? (one of mnist, fashion-mnist, digits, or a path)'],
    ["imagenet", 'unknown dataset "imagenet": (one of mnist, fashion-mnist, digits, or a path)'],
    ["digits:0", 'dataset "digits:0": how many digits is a whole number from 1 to 999999999, as in digits:5000'],
    ["./data/x.npy", 'dataset "./data/x.npy": no such file or folder; check the path'],
  ])("is refused: %s", async (name, message) => {
    await expect(loadDataset(name, { world, environment: {} })).rejects.toThrow(UsageError);
    await expect(loadDataset(name, { world, environment: {} })).rejects.toThrow(message);
  });

  it("and a limit of 0, too", async () => {
    await expect(loadDataset("digits", { world, limit: 0 })).rejects.toThrow(
      "limit must be a whole number above 0, got 0",
    );
  });
});

describeWithMnist("MNIST", (folder) => {
  it("has its known shape, first labels and mean brightness", async () => {
    const { train, test, source } = await loadDataset("mnist", { world: nodeWorld(), data: folder, environment: {} });
    expect(source).toBe(`MNIST, from ${folder}`);
    expect([train.count, test.count, train.features, train.shape]).toEqual([60000, 10000, 784, [28, 28]]);
    expect([...(train.labels ?? [])].slice(0, 8)).toEqual([5, 0, 4, 1, 9, 2, 1, 3]);
    expect([...(test.labels ?? [])].slice(0, 4)).toEqual([7, 2, 1, 0]);
    let sum = 0;
    for (const value of train.images) {
      sum += value;
    }
    expect(sum / train.images.length / 255).toBeCloseTo(0.13066, 5);
  });

  it("is not taken for Fashion-MNIST, whose files have the same names", async () => {
    const offline = { ...nodeWorld(), network: world.network };
    await expect(loadDataset("fashion-mnist", { world: offline, data: folder, environment: {} })).rejects.toThrow(
      `Fashion-MNIST is not in ${folder}, which holds MNIST: put it there, or name the folder that has it`,
    );
  });

  it("is not taken for Fashion-MNIST in a folder of that name either", async () => {
    for (const name of await readdir(folder)) {
      await putFiles(world.disk, "/given/fashion-mnist", { [name]: await readFile(join(folder, name)) });
    }
    await expect(loadDataset("fashion-mnist", { world, data: "/given", environment: {} })).rejects.toThrow(
      "/given/fashion-mnist holds MNIST, not Fashion-MNIST: ask for --dataset mnist",
    );
  });
});
