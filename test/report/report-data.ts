/** Made-up data for a small report with every part. */
import type { ReportData } from "../../src/report/data.js";
import type { ImageSet } from "../../src/report/images.js";
import { Random } from "../../src/world/random.js";

export function images(count: number, width: number, height: number, seed = 0): ImageSet {
  const random = new Random(5, seed);
  return { width, height, pixels: Float32Array.from({ length: count * width * height }, () => random.uniform()) };
}

export function fullReport(): ReportData {
  const random = new Random(6);
  return {
    version: "1.2.3",
    date: "31 January 2026",
    network: "784-30-784",
    codeSize: 30,
    parameterCount: 47_854,
    parametersSha256: "ab".repeat(32),
    loss: "bce",
    configuration: { layers: [784, 30], optimizer: { name: "adam", beta1: 0.9 }, clip: null, resumed: undefined },
    device: {
      kind: "cpu",
      name: "a CPU (portable, 2 threads)",
      id: "cpu",
      bits: "cpu:x64:portable:fma:fma",
      driver: "portable",
      software: true,
      limits: { threads: 2 },
      features: ["portable"],
    },
    dataset: {
      name: "mnist",
      source: "files in a folder",
      notice: "These digits were generated.",
      train: 600,
      test: 100,
      pictures: true,
    },
    place: {
      ...{ command: "dawnpour train --workers 3", kind: "workers", chaos: "mtbf=30s", times: { stepTimeout: 60_000 } },
      devices: ["CPU, 1 thread", "CPU, 1 thread", "a GPU"],
    },
    curve: Array.from({ length: 50 }, (_, i) => ({
      step: i + 1,
      epoch: (i + 1) / 10,
      ...{ loss: 1 / (i + 1), learningRate: 0.001, imagesPerSecond: 12_000 + i },
      ...(i % 10 === 9 && { testSse: 20 - i / 10, trainSse: 19 - i / 10 }),
    })),
    errors: {
      train: { sse: 4.1, mse: 4.1 / 784 },
      test: { sse: 4.25, mse: 4.25 / 784 },
      pca: { components: 30, train: { sse: 14, mse: 14 / 784 }, test: { sse: 13.87, mse: 13.87 / 784 } },
    },
    advice: [],
    steps: 50,
    epochs: 5,
    seconds: 75.2,
    imagesPerSecond: 12_345.6,
    examples: {
      originals: images(13, 4, 3, 1),
      reconstructions: images(13, 4, 3, 2),
      pca: images(13, 4, 3, 3),
      labels: Uint8Array.from({ length: 13 }, (_, i) => i % 10),
    },
    filters: images(7, 4, 3, 4),
    codes: {
      count: 200,
      size: 30,
      values: Float32Array.from({ length: 6000 }, () => random.normal()),
      labels: Uint8Array.from({ length: 200 }, (_, i) => i % 10),
    },
    failures: {
      seconds: 75.2,
      pace: [
        { at: 10, imagesPerSecond: 12_000 },
        { at: 75, imagesPerSecond: 13_000 },
      ],
      failures: [
        {
          ...{ id: 1, target: "worker-2", step: 8, injected: [{ fault: "kill worker-2", at: 12.1 }], back: 14.2 },
          recovery: {
            ...{ failure: "its process was killed", noticed: 12.2, resumed: 12.5, waitedFrom: 12.1 },
            ...{ waited: 0.4, stepsLost: 1, away: true },
          },
        },
        { id: 2, target: "disk", step: 13, injected: [{ fault: "tear checkpoint", at: 20 }] },
      ],
    },
    events: [{ time: 12.5, what: "worker 2 restarted" }],
  };
}

/** The same run without the optional parts. */
export function bareReport(): ReportData {
  const { examples, filters, codes, failures, place, ...rest } = fullReport();
  const { notice, ...dataset } = rest.dataset;
  const { pca, ...errors } = rest.errors;
  return { ...rest, dataset, errors, configuration: {}, curve: [], events: [] };
}
