/** Runs on a disk that fails or loses power at any operation: the trained parameters have the same bits. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openCheckpoint } from "../../src/checkpoint/open.js";
import type { Dataset } from "../../src/data/dataset.js";
import { identify } from "../../src/data/identity.js";
import { openCpuDevice } from "../../src/device/cpu/cpu-device.js";
import { type Device, type DeviceBuffer, DeviceLimitError } from "../../src/device/device.js";
import { DataError, DawnpourError, UsageError } from "../../src/error.js";
import { Random } from "../../src/world/random.js";
import { SimulatedDisk } from "../../src/world/simulated/disk.js";
import { SimulatedWorld } from "../../src/world/simulated/world.js";
import { ending } from "../support/ending.js";
import { CONFIG, OUT, SmallRun, smallDataset } from "./small-run.js";

let device: Device;
/** Digest of the parameters after 10 steps. */
let expected: string;

beforeAll(async () => {
  device = openCpuDevice({ threads: 1 });
  expected = (await new SmallRun(device, new SimulatedWorld()).go()).parametersSha256;
});
afterAll(() => device.destroy());

/** A disk that is full for some files. */
class FullDisk extends SimulatedDisk {
  refused = /^$/;

  override async write(path: string, parts: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): Promise<void> {
    this.#check(path);
    return super.write(path, parts);
  }

  override async append(path: string, content: string | Uint8Array): Promise<void> {
    this.#check(path);
    return super.append(path, content);
  }

  #check(path: string): void {
    if (this.refused.test(path)) throw Object.assign(new Error("simulated"), { code: "ENOSPC" });
  }
}

class FullWorld extends SimulatedWorld {
  override readonly disk = new FullDisk();
}

function fullWhere(refused: RegExp): SmallRun<FullWorld> {
  const world = new FullWorld();
  world.disk.refused = refused;
  return new SmallRun(device, world);
}

describe("an observer", () => {
  const failing = (kind: string, later: boolean) => (event: { readonly event: string }) => {
    if (event.event !== kind) return undefined;
    const error = new Error(`the observer fails at ${kind}`);
    if (later) return new Promise((_, reject) => setTimeout(() => reject(error)));
    throw error;
  };
  const cases = ["start", "steps", "evaluation", "checkpoint", "warning", "end"].flatMap((kind) =>
    [false, true].map((later) => [kind, later] as const),
  );

  it.each(cases)("that fails at %s, later: %s, fails the run once, and is not called again", async (kind, later) => {
    let failures = 0;
    const fail = failing(kind, later);
    const observer = (event: { readonly event: string }): unknown => {
      if (event.event === kind) failures++;
      return fail(event);
    };
    const config = { ...CONFIG, checkpointEvery: 1, evaluateEvery: 1 };
    // A checkpoint that cannot be written is only a warning.
    const small = kind === "warning" ? fullWhere(/step-0000000003/) : new SmallRun(device, new SimulatedWorld());
    await expect(small.go({ observer, config })).rejects.toThrow(`the observer fails at ${kind}`);
    if (!later) expect(failures).toBe(1);
  });
});

describe("a run", () => {
  it("tells what happens, in order, and writes it down", async () => {
    const small = new SmallRun(device, new SimulatedWorld());
    const result = await small.go();
    expect(await small.metrics()).toEqual(small.events);
    expect(small.events[0]).toEqual({
      event: "start",
      step: 0,
      epoch: 0,
      time: 0,
      steps: 10,
      images: 24,
      resumed: false,
    });
    expect(small.events.at(-1)).toMatchObject({ event: "end", step: 10, epoch: 10 / 3 });
    expect(small.told("steps").at(-1)).toMatchObject({ step: 10, loss: expect.any(Number) });
    expect(small.told("evaluation").map(({ step }) => step)).toEqual([3, 6, 9, 10]);
    for (const { test, train } of small.told("evaluation")) {
      expect([test.sse, train?.sse]).toEqual([expect.any(Number), expect.any(Number)]);
    }
    expect(small.told("checkpoint").map(({ step }) => step)).toEqual([3, 6, 9, 10]);
    expect(result).toMatchObject({ step: 10, stopped: false, parametersSha256: expected });
  });

  it("keeps the newest checkpoints, with its configuration beside them", async () => {
    const small = new SmallRun(device, new SimulatedWorld());
    await small.go({ config: { ...CONFIG, keep: 2 } });
    const files = await small.files();
    expect(files).toEqual(expect.arrayContaining([`${OUT}/config.json`, `${OUT}/metrics.jsonl`]));
    expect(files.filter((path) => /step-\d+$/.test(path))).toEqual([
      `${OUT}/checkpoints/step-0000000009`,
      `${OUT}/checkpoints/step-0000000010`,
    ]);
  });

  it("ends on request with a checkpoint, and goes on from it", async () => {
    const small = new SmallRun(device, new SimulatedWorld());
    const controller = new AbortController();
    const observer = (event: (typeof small.events)[number]): void => {
      small.events.push(event);
      if (event.event === "steps") controller.abort();
    };
    const half = await small.go({ observer, signal: controller.signal });
    expect(half.stopped).toBe(true);
    expect(half.step).toBeLessThan(10);
    expect((await small.metrics()).at(-1)).toMatchObject({ event: "stop", step: half.step });
    const whole = await small.resume();
    expect(whole).toMatchObject({ step: 10, stopped: false, parametersSha256: expected });
    expect(small.told("start").at(-1)).toMatchObject({ step: half.step, resumed: true });
  });

  it("records what its data was, and no name that it was not of", async () => {
    const small = new SmallRun(device, new SimulatedWorld());
    const result = await small.go({ config: { ...CONFIG, dataset: undefined } });
    expect(result.config.dataset).toBe("small");
    const stored = await openCheckpoint(small.world, OUT);
    expect(stored.configuration.dataset).toBe("small");
    expect(stored.data).toEqual({ name: "small", sha256: expect.stringMatching(/^[0-9a-f]{64}$/), train: 24, test: 5 });
  });

  it("has batches of at most the rows there are, and says so", async () => {
    const small = new SmallRun(device, new SimulatedWorld());
    const result = await small.go({ config: { ...CONFIG, batch: 100, steps: undefined, epochs: 3 } });
    expect(result).toMatchObject({ step: 3, config: { batch: 24 } });
    expect(small.events.at(-1)).toMatchObject({ event: "end", epoch: 3 });
    expect(small.told("warning").map(({ message }) => message)).toEqual([
      "there are 24 rows to train on: a batch is all of them, not 100",
    ]);
    await small.resume({ config: { batch: 100, epochs: 4 } });
    await expect(small.resume({ config: { batch: 20 } })).rejects.toThrow(/trained with batch 24, got 20/);
  });

  it("is not begun where another one is", async () => {
    const small = new SmallRun(device, new SimulatedWorld());
    await small.go();
    const before = await small.files();
    await expect(small.go()).rejects.toThrow(UsageError);
    await expect(small.go()).rejects.toThrow(`${OUT} already holds a run: add --resume`);
    expect(await small.files()).toEqual(before);
  });

  it("writes nothing when the device cannot hold the program", async () => {
    const buffers: DeviceBuffer[] = [];
    const narrow: Device = {
      info: device.info,
      lost: device.lost,
      createBuffer(type, length, label) {
        const buffer = device.createBuffer(type, length, label);
        buffers.push(buffer);
        return buffer;
      },
      compile: () => Promise.reject(new DeviceLimitError("too large")),
      idle: () => device.idle(),
      ...ending(() => undefined),
    };
    const small = new SmallRun(narrow, new SimulatedWorld());
    await expect(small.go()).rejects.toThrow(DeviceLimitError);
    expect(await small.files()).toEqual([]);
    expect(buffers.map(({ label }) => label)).toEqual(["images", "parameters"]);
    for (const buffer of buffers) await expect(async () => buffer.read()).rejects.toThrow("destroyed");
  });
});

describe("a run whose loss is lost", () => {
  // The learning rate explodes at step 7.
  const wild = {
    ...CONFIG,
    loss: "mse",
    activation: "relu",
    optimizer: "sgd",
    schedule: "step",
    decayFactor: 1e35,
  } as const;

  it("leaves no files if there is no checkpoint yet", async () => {
    const small = new SmallRun(device, new SimulatedWorld());
    const failure = small.go({ config: { ...wild, decayEvery: 1 } });
    await expect(failure).rejects.toThrow(
      /^the loss became (NaN|Infinity) at step [12] \(learning rate .*\): lower lr, from 0.01 to 0.00333\d*$/,
    );
    expect(await small.files()).toEqual(["/runs"]);
  });

  it("leaves no files if only the parameters show it", async () => {
    const small = new SmallRun(device, new SimulatedWorld());
    const failure = small.go({ config: { ...CONFIG, lr: 1e300, steps: 1 } });
    await expect(failure).rejects.toThrow(/^parameter \d+ is -?Infinity at step 1: training diverged/);
    expect(await small.files()).toEqual(["/runs"]);
  });

  it("leaves what others have put into its folder", async () => {
    const small = new SmallRun(device, new SimulatedWorld());
    const observer = () => void small.world.disk.append(`${OUT}/notes.txt`, "mine");
    await expect(small.go({ config: { ...wild, decayEvery: 1 }, observer })).rejects.toThrow(/the loss became/);
    expect(await small.files()).toEqual(["/runs", OUT, `${OUT}/notes.txt`]);
  });

  it("keeps the checkpoints of before", async () => {
    const small = new SmallRun(device, new SimulatedWorld());
    await expect(small.go({ config: { ...wild, decayEvery: 7 } })).rejects.toThrow(/the loss became .* at step [789] /);
    expect((await small.files()).filter((path) => /step-\d+$/.test(path))).toEqual([
      `${OUT}/checkpoints/step-0000000003`,
      `${OUT}/checkpoints/step-0000000006`,
    ]);
    expect((await small.metrics()).at(-1)).toMatchObject({ event: "checkpoint", step: 6 });
  });
});

describe("a disk that is full", () => {
  it("ends in a warning where a checkpoint fails", async () => {
    const small = fullWhere(/step-0000000006/);
    const result = await small.go();
    expect(result.parametersSha256).toBe(expected);
    expect(small.told("warning").map(({ step, message }) => [step, message])).toEqual([
      [
        6,
        `no checkpoint at step 6: cannot write the checkpoint "${OUT}/checkpoints/step-0000000006": no space is left on the disk; free some or choose another folder`,
      ],
    ]);
    expect(small.told("checkpoint").map(({ step }) => step)).toEqual([3, 9, 10]);
    expect(await small.metrics()).toEqual(small.events);
  });

  it("delays the run where the last checkpoint fails, until there is room again", async () => {
    const small = fullWhere(/step-0000000010/);
    const result = await small.go({
      observer(event) {
        small.events.push(event);
        if (small.told("warning").length === 2) small.world.disk.refused = /^$/;
      },
    });
    expect(result.parametersSha256).toBe(expected);
    const problem = `cannot write the checkpoint "${OUT}/checkpoints/step-0000000010": no space is left on the disk; free some or choose another folder`;
    expect(small.told("warning").map(({ message }) => message)).toEqual([
      `${problem}; trying again in 1 s`,
      `${problem}; trying again in 2 s`,
    ]);
    expect(small.told("checkpoint").at(-1)).toMatchObject({ step: 10 });
  });

  it("moves the run where another folder is offered for the last checkpoint", async () => {
    const small = fullWhere(/runs.a.*step-0000000010|runs.b.*step/);
    const offers = ["/runs/b", "/runs/c"];
    const problems: string[] = [];
    const result = await small.go({
      askFolder: async (problem) => {
        problems.push(problem);
        return offers.shift();
      },
    });
    expect(problems).toEqual([expect.stringContaining("/runs/a/"), expect.stringContaining("/runs/b/")]);
    expect(result).toMatchObject({ parametersSha256: expected, folder: { path: "/runs/c" } });
    expect(small.told("checkpoint").at(-1)).toMatchObject({ path: "/runs/c/checkpoints/step-0000000010" });
    const text = new TextDecoder().decode(await small.world.disk.read("/runs/c/metrics.jsonl"));
    expect(
      text
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line).event),
    ).toEqual(small.events.map(({ event }) => event));
    expect(await small.resume({ out: "/runs/c" })).toMatchObject({ step: 10, parametersSha256: expected });
  });

  it("fails the run where the last checkpoint fails for long, and keeps the checkpoints before", async () => {
    const small = fullWhere(/step-0000000010/);
    await expect(small.go()).rejects.toThrow(/^cannot write the checkpoint ".*step-0000000010": no space is left/);
    small.world.disk.refused = /^$/;
    expect(await small.resume()).toMatchObject({ step: 10, parametersSha256: expected });
    expect(small.told("start").at(-1)?.step).toBe(9);
  });

  it("leaves no files where the only checkpoint fails", async () => {
    const small = fullWhere(/checkpoints.*step-/);
    await expect(small.go({ config: { ...CONFIG, steps: 1 } })).rejects.toThrow(/no space is left/);
    expect(await small.files()).toEqual(["/runs"]);
  });

  it("ends in a warning where metrics are lost", async () => {
    const small = fullWhere(/metrics.jsonl$/);
    expect((await small.go()).parametersSha256).toBe(expected);
    expect(small.told("warning").map(({ message }) => message)).toEqual([
      `cannot write "${OUT}/metrics.jsonl": no space is left on the disk; free some or choose another folder`,
    ]);
  });
});

/** The number of disk operations of a whole run. */
async function stepsOfRun(): Promise<number> {
  const small = new SmallRun(device, new SimulatedWorld());
  await small.go();
  return small.world.disk.steps;
}

/** Continues until the run is done, as a user would: resumes it, or starts again if there is nothing to resume. */
async function bringToEnd(small: SmallRun): Promise<string> {
  try {
    return (await small.resume()).parametersSha256;
  } catch (error) {
    expect(error).toBeInstanceOf(DataError);
    expect((error as Error).message).toMatch(/does not exist|holds no checkpoint/);
    return (await small.go({ out: "/runs/b" })).parametersSha256;
  }
}

describe("any step of the disk may fail", () => {
  it("the run succeeds or says why in one line, and can be brought to the same end", async () => {
    const total = await stepsOfRun();
    let failed = 0;
    for (let step = 0; step < total; step++) {
      const small = new SmallRun(device, new SimulatedWorld());
      small.world.disk.failAfter(step, "EIO");
      const result = await small.go().catch((error: unknown) => error);
      if (result instanceof Error) {
        failed++;
        expect(result).toBeInstanceOf(DawnpourError);
        expect(result.message).toMatch(/^[^\n]*the disk reports an input\/output error[^\n]*$/);
      } else {
        expect(result).toMatchObject({ parametersSha256: expected });
      }
      expect(await bringToEnd(small)).toBe(expected);
    }
    expect(failed).toBeGreaterThan(0);
    expect(failed).toBeLessThan(total / 2);
  });

  it("or takes the power with it, the run can be brought to the same end", async () => {
    const total = await stepsOfRun();
    for (let step = 0; step <= total; step++) {
      const small = new SmallRun(device, new SimulatedWorld());
      small.world.disk.powerOffAfter(step);
      await small.go().catch(() => undefined);
      small.world.disk.crash(new Random(step));
      expect(await bringToEnd(small)).toBe(expected);
    }
  });
});

describe("a resumed run", () => {
  it("may be longer than the first, and tells of each step once", async () => {
    const config = { ...CONFIG, schedule: "constant" } as const;
    const straight = new SmallRun(device, new SimulatedWorld());
    const small = new SmallRun(device, new SimulatedWorld());
    await small.go({ config });
    const whole = await small.resume({ config: { steps: 17 } });
    expect(whole.parametersSha256).toBe((await straight.go({ config: { ...config, steps: 17 } })).parametersSha256);
    const steps = (await small.metrics()).flatMap((event) => (event.event === "steps" ? [event.step] : []));
    expect(steps).toEqual([...new Set(steps)]);
    expect(steps.at(-1)).toBe(17);
    const written = JSON.parse(new TextDecoder().decode(await small.world.disk.read(`${OUT}/config.json`)));
    expect(written.steps).toBe(17);
  });

  it("goes on with the loss scale of mixed precision", async () => {
    const config = { ...CONFIG, schedule: "constant", precision: "f16" } as const;
    const straight = new SmallRun(device, new SimulatedWorld());
    const small = new SmallRun(device, new SimulatedWorld());
    await small.go({ config });
    const saved = await openCheckpoint(small.world, OUT);
    expect(saved.optimizer.at(-1)).toMatchObject({ name: "lossScale", data: Float32Array.of(2 ** 16, 10) });
    const whole = await small.resume({ config: { steps: 17 } });
    expect(whole.parametersSha256).toBe((await straight.go({ config: { ...config, steps: 17 } })).parametersSha256);
    expect(whole.parametersSha256).not.toBe(
      (await new SmallRun(device, new SimulatedWorld()).go({ config: { ...config, steps: 17, precision: "f32" } }))
        .parametersSha256,
    );
  });

  it("forgets what was told of steps that are made again", async () => {
    const small = new SmallRun(device, new SimulatedWorld());
    await small.go();
    await small.world.disk.remove(`${OUT}/checkpoints/step-0000000010`);
    await small.world.disk.remove(`${OUT}/checkpoints/step-0000000009`);
    await small.resume();
    const steps = (await small.metrics()).flatMap((event) => (event.event === "steps" ? [event.step] : []));
    expect(steps).toEqual([...new Set(steps)]);
    expect(small.told("start").at(-1)?.step).toBe(6);
  });

  it("takes the checkpoint before a damaged one, loudly", async () => {
    const small = new SmallRun(device, new SimulatedWorld());
    await small.go();
    small.world.disk.flipBit(`${OUT}/checkpoints/step-0000000010/model.safetensors`, 5000);
    expect((await small.resume()).parametersSha256).toBe(expected);
    expect(small.told("warning").map(({ message }) => message)).toEqual([
      expect.stringMatching(/step-0000000010\/model.safetensors" is damaged/),
    ]);
  });

  /** A data set of the same name and size, with one bit changed. */
  function changed(): Dataset {
    const dataset = smallDataset();
    dataset.test.images[7] ^= 1;
    return dataset;
  }

  it.each<[string, () => Dataset, RegExp]>([
    [
      "more rows",
      () => smallDataset(25),
      /^cannot resume: the checkpoint was trained on small \(24 \+ 5 rows, SHA-256 [0-9a-f]{12}\), and this is small \(25 \+ 5 rows, SHA-256 [0-9a-f]{12}\): name the data it was trained on with --dataset, or take this with --other-data$/,
    ],
    ["as many others", changed, /^cannot resume: the checkpoint was trained on small/],
  ])("refuses %s, unless other data is welcome", async (_, dataset, message) => {
    const small = new SmallRun(device, new SimulatedWorld());
    await small.go();
    const before = await small.metrics();
    await expect(small.resume({ dataset: dataset() })).rejects.toThrow(message);
    expect(await small.metrics()).toEqual(before);
    await small.resume({ dataset: dataset(), otherData: true, config: { steps: 12 } });
    expect((await openCheckpoint(small.world, OUT)).data).toEqual(identify(dataset()));
  });

  it("takes the same rows from wherever they are now", async () => {
    const small = new SmallRun(device, new SimulatedWorld());
    await small.go();
    const moved = { ...smallDataset(), name: "elsewhere", reference: "/elsewhere.npy" };
    expect((await small.resume({ dataset: moved })).config.dataset).toBe("/elsewhere.npy");
  });
});
