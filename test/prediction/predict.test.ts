/** Predictions against what can be worked out by hand. */
import { describe, expect, it } from "vitest";
import { CORE, parseDeviceModel } from "../../src/prediction/device-model.js";
import { parseTopology } from "../../src/prediction/exchange.js";
import { renderPrediction } from "../../src/prediction/page.js";
import { predict } from "../../src/prediction/predict.js";
import { simulateRounds } from "../../src/prediction/rounds.js";
import { parseLink } from "../../src/transport/link.js";

const LINK = parseLink("80Mbps,10ms");

describe("a link", () => {
  it.each([
    ["1Gbps,1ms", { bytesPerSecond: 1.25e8, latency: 0.001 }],
    ["100mbps,2s", { bytesPerSecond: 1.25e7, latency: 2 }],
    ["8bps,0ms", { bytesPerSecond: 1, latency: 0 }],
  ])("%s", (text, link) => {
    expect(parseLink(text)).toEqual(link);
  });

  it.each(["fast", "1Gbps", "1GB,1ms", "0Gbps,1ms", "1Gbps,1"])("%s is refused", (text) => {
    expect(() => parseLink(text)).toThrow(/^link "/);
  });
});

describe("an exchange", () => {
  const bytes = { up: 1e6, down: 3e6, additive: false };
  it.each([
    ["star", 8, 0.02 + 0.4 + 7 * 0.3],
    ["servers:4", 8, 0.02 + (0.4 + 7 * 0.3) / 4],
    ["servers:4", 2, 0.02 + 0.4],
  ])("by %s of %i workers", (text, workers, seconds) => {
    expect(parseTopology(text)(bytes, workers, LINK)).toBeCloseTo(seconds, 9);
  });

  it("by a ring sends every byte twice at most, and needs sums", () => {
    const ring = parseTopology("ring");
    expect(ring({ up: 4e6, down: 4e6, additive: true }, 4, LINK)).toBeCloseTo(6 * (0.01 + 0.1), 9);
    expect(() => ring(bytes, 4, LINK)).toThrow("use star or servers:4");
    expect(() => parseTopology("tree")).toThrow('reduce "tree": give star, ring or servers:4');
  });
});

describe("rounds with failures", () => {
  const times = { workers: 10, part: 1, after: 1, detection: 1, restart: 0 };

  it("take their time where nothing fails", () => {
    expect(simulateRounds(times, 50, 1)).toEqual({ seconds: 100, failures: 0 });
  });

  it("lose less than the detection and a part for each failure, while all other workers go on", () => {
    const { seconds, failures } = simulateRounds({ ...times, failures: 20 }, 1000, 1);
    expect(failures).toBeGreaterThan(70);
    expect(seconds - 2000).toBeGreaterThan(0.5 * failures);
    expect(seconds - 2000).toBeLessThan(4 * failures);
    expect(simulateRounds({ ...times, failures: 20 }, 1000, 1)).toEqual({ seconds, failures });
  });

  it("wait for a sole worker, and never end where it fails too often", () => {
    const alone = simulateRounds({ ...times, workers: 1, failures: 500, restart: 30 }, 1000, 2);
    expect(alone.seconds - 2000).toBeGreaterThan(30 * alone.failures);
    expect(simulateRounds({ ...times, workers: 1, failures: 0.01 }, 10, 2).seconds).toBe(Number.POSITIVE_INFINITY);
  });
});

describe("a prediction", () => {
  const layers = [784, 64, 8];
  const options = { config: { layers }, workers: 100, link: LINK, reduce: parseTopology("star"), device: CORE };

  it("adds the time of the part, from its flops, and that of the exchange, from its bytes", async () => {
    const slow = { name: "slow", flops: 1e6, bytesPerSecond: 1e30, secondsPerOp: 0 };
    const all = await predict({ ...options, device: slow });
    expect(all.map(({ workers }) => workers)).toEqual([1, 2, 5, 10, 20, 50, 100]);
    const weights = 2 * (784 * 64 + 64 * 8);
    // Three products, but none for the gradient of the input.
    const flops = 2 * 128 * (3 * weights - 784 * 64);
    const [{ computing }] = all;
    expect(computing * 1e6).toBeGreaterThan(flops);
    expect(computing * 1e6).toBeLessThan(1.2 * flops);
    const last = all[all.length - 1];
    expect(last.computing).toBeCloseTo(computing, 9);
    expect(last.exchanging).toBeGreaterThan(0.02 + (101 * 4 * weights) / 1e7);
    expect(last.exchanging).toBeLessThan(0.02 + (101 * 4 * (weights + 2000)) / 1e7);
    expect(last.efficiency).toBeCloseTo(last.computing / (last.computing + last.exchanging), 9);
    expect([last.goodput, last.failures, last.cost]).toEqual([1, 0, undefined]);
  });

  it("has fewer bytes with a compressor and with fewer rounds, goodput below 1 with failures, and a cost", async () => {
    const at100 = async (more: object) => (await predict({ ...options, ...more }))[6];
    const plain = await at100({});
    const low = await at100({ config: { layers, compress: { name: "powersgd", options: { rank: 1 } } } });
    const local = await at100({ config: { layers, strategy: { name: "diloco", options: { H: 10 } } } });
    expect(plain.exchanging / low.exchanging).toBeGreaterThan(10);
    expect(local.exchanging).toBeCloseTo(plain.exchanging, 9);
    expect(local.imagesPerSecond / plain.imagesPerSecond).toBeGreaterThan(8);
    const struck = await at100({ mtbf: 3600, price: 3.6 });
    expect(struck.failures).toBeGreaterThan(0);
    expect(struck.goodput).toBeLessThan(1);
    expect(struck.cost).toBeCloseTo(struck.coreSeconds / 1000, 9);
    const pieces = { layers, strategy: "streaming-diloco", compress: "f16" };
    await expect(at100({ config: pieces })).rejects.toThrow("strategy streaming-diloco exchanges pieces");
    await expect(at100({ workers: 0 })).rejects.toThrow("workers must be a whole number from 1 to 1000000, got 0");
  });

  it("of ten thousand workers takes no longer, and is drawn", async () => {
    const all = await predict({ ...options, workers: 10_000, mtbf: 60, price: 1 });
    expect(all.length).toBe(13);
    const page = renderPrediction({ strategy: "a<b", place: "here" }, all, "today");
    expect(page).toContain("a&lt;b on 10,000 workers");
    expect(page.match(/<figure>/g)?.length).toBe(5);
  });
});

it("a device model is checked", () => {
  const text = '{"name":"h200","flops":6e13,"bytesPerSecond":4e12}';
  expect(parseDeviceModel(text, "h.json")).toEqual({
    name: "h200",
    flops: 6e13,
    bytesPerSecond: 4e12,
    secondsPerOp: 0,
  });
  expect(() => parseDeviceModel("{", "h.json")).toThrow(/^h.json is no JSON: /);
  expect(() => parseDeviceModel('{"name":"h"}', "h.json")).toThrow(/^h.json: flops: .*it has name, flops/);
});
