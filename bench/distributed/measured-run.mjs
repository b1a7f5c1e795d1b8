// A training run on random images, plain or on workers, with the time of every step.
import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { openDevice, run } from "dawnpour";
import { nodeWorld } from "dawnpour/actors";
import { parseDevices, placeWorkers, runDistributed } from "dawnpour/distributed";

export const REFERENCE = [784, 1000, 500, 250, 30];

/** A data set of `count` random images, and a small test set. */
export function randomDataset(count) {
  const split = (n) => ({ images: randomBytes(n * 784), count: n, features: 784, scale: 1 / 255 });
  return { name: "random", source: "random bytes", train: split(count), test: split(256) };
}

export function configOf({ layers = REFERENCE, batch, parts, steps = 1e7, ...rest }) {
  return {
    ...{ layers, batch, parts, steps, activation: "relu", loss: "mse", outputActivation: "sigmoid" },
    ...{ evaluateEvery: 1_000_000, checkpointEvery: 1_000_000, ...rest },
  };
}

export function places(devices) {
  return placeWorkers({ devices: parseDevices(devices) }, { cores: availableParallelism(), gpus: [] });
}

/**
 * Trains for `seconds` after the first step, or to the end of `config.steps`.
 * @returns the times at which steps were committed (ms), all events, and the result
 */
export async function distributed({ dataset, config, devices, seconds, ...options }) {
  const times = [];
  return measured(seconds, (common, begun) =>
    runDistributed({
      ...common,
      ...{ dataset, config, places: places(devices), ...options },
      onStatus({ step }) {
        if (step !== times.at(-1)?.step) times.push({ step, at: performance.now() });
        if (step > 0) begun();
      },
    }).then((result) => ({ result, times })),
  );
}

/** The same on one device, without actors. */
export async function plain({ dataset, config, threads }) {
  const device = await openDevice({ device: "cpu", threads });
  try {
    return await measured(undefined, async (common) => ({ result: await run({ ...common, dataset, config, device }) }));
  } finally {
    device.destroy();
  }
}

async function measured(seconds, train) {
  const folder = await mkdtemp(join(tmpdir(), "dawnpour-bench-"));
  const controller = new AbortController();
  const events = [];
  let timer;
  const begun = () => {
    timer ??= seconds && setTimeout(() => controller.abort(), 1000 * seconds);
  };
  try {
    const common = {
      ...{ world: nodeWorld(), out: join(folder, "run"), signal: controller.signal },
      observer: (event) => events.push({ ...event, at: performance.now() }),
    };
    return { ...(await train(common, begun)), events };
  } finally {
    clearTimeout(timer);
    await rm(folder, { recursive: true });
  }
}

export const median = (values) => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
};

export const quantile = (values, q) => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))];
};

/** The ends of windows of steps, by the times in the run's events. A lease reports its steps late, but with their times. */
export const windows = (events) =>
  events.filter(({ event }) => event === "steps").map(({ step, time }) => ({ step, at: 1000 * time }));

/** Milliseconds for each step, without the first `skip` steps. */
export function pace(times, skip) {
  const first = times.find(({ step }) => step >= skip);
  const last = times.at(-1);
  return (last.at - first.at) / (last.step - first.step);
}
