/**
 * The first run of a new user, with defaults for all but the data. `npm run first-runs` tests whole data sets. This is one small
 * table: its columns differ in scale by powers of ten, and its rows are on a bent surface, which PCA cannot follow.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { openDevice } from "../src/device/open.js";
import { type TrainResult, train } from "../src/train.js";
import type { RunEvent } from "../src/training/event.js";
import { TrainedAutoencoder } from "../src/training/trained.js";
import { nodeWorld } from "../src/world/node/world.js";
import { Random } from "../src/world/random.js";

const ROWS = 2000;
const FEW_ROWS = 178;
const FEATURES = 6;

/** A point on a bent surface, as six columns with values of a few thousandths, of about one, and of thousands. */
function bentTable(count: number): Float32Array {
  const random = new Random(5);
  const rows = Array.from({ length: count }, () => {
    const [u, v] = [random.between(-2, 2), random.between(-1, 1)];
    return [u, 1000 + 300 * u * u, 0.002 * Math.sin(2 * u), v, -4000 + 900 * u * v, 10 * Math.cos(3 * v)];
  });
  return Float32Array.from(rows.flat());
}

const out = join(mkdtempSync(join(tmpdir(), "dawnpour-first-")), "run");
const place = { out, device: "cpu", threads: 1 } as const;
afterAll(() => rmSync(join(out, ".."), { recursive: true }));

describe("a first run on a table", () => {
  const table = bentTable(ROWS);
  const running: Promise<TrainResult> = train({ dataset: { train: table, features: FEATURES }, epochs: 5 }, place);
  running.catch(() => undefined);

  it("beats PCA within five epochs", async () => {
    const { measures } = await running;
    expect(measures?.errors.test.sse).toBeLessThan(0.8 * (measures?.errors.pca?.test.sse ?? 0));
    expect(measures?.advice).toEqual([]);
  });

  it("beats PCA on some hundred rows, too", async () => {
    const { measures, config, close } = await train(
      { dataset: { train: bentTable(FEW_ROWS), features: FEATURES }, epochs: 5 },
      { ...place, out: join(out, "..", "few") },
    );
    close();
    expect(config.batch).toBe(1);
    expect(measures?.errors.test.sse).toBeLessThan(0.9 * (measures?.errors.pca?.test.sse ?? 0));
  });

  it("records all that it decided by itself", async () => {
    const { config } = await running;
    expect(config).toMatchObject({ layers: [6, 256, 128, 3], loss: "mse", batch: 8, lr: 0.002, clip: 1, epochs: 5 });
    expect(config.columns?.mean[4]).toBeCloseTo(-4000, -2);
  });

  it("leaves a network that takes and gives rows as they are in the data", async () => {
    const { device, autoencoder, dataset, measures } = await running;
    expect(device.kind).toBe("cpu");
    const rows = table.subarray(0, 50 * FEATURES);
    const made = await autoencoder.reconstruct(rows);
    const again = await autoencoder.decode(await autoencoder.encode(rows));
    expect([...again]).toEqual([...made]);
    const spread = autoencoder.config.columns?.deviation ?? [];
    const squares = made.map((value, i) => ((value - rows[i]) / spread[i % FEATURES]) ** 2);
    expect(squares.reduce((sum, square) => sum + square, 0) / 50).toBeLessThan(0.5);
    expect((await autoencoder.evaluate(dataset.test)).sse).toBe(measures?.errors.test.sse);
  });

  it("is taken up again from its folder, on the same scale", async () => {
    const { dataset, config, measures, close } = await running;
    close();
    const longer = await train({ dataset, epochs: 6 }, { ...place, resume: true });
    expect(longer.config.columns).toEqual(config.columns);
    expect(longer.measures?.errors.test.sse).toBeLessThan(2 * (measures?.errors.test.sse ?? 0));
    const device = await openDevice({ device: "cpu", threads: 1 });
    const loaded = await TrainedAutoencoder.load(nodeWorld(), device, out);
    expect((await loaded.evaluate(dataset.test)).sse).toBe(longer.measures?.errors.test.sse);
    longer.close();
    device.destroy();
  });

  it("that goes badly says what to try, and a rate that is too high is named before it begins", async () => {
    const told: RunEvent[] = [];
    const { measures, close } = await train(
      { dataset: { train: table, features: FEATURES }, steps: 30, lr: 1, seed: 2 },
      { ...place, out: join(out, "..", "bad"), observer: (event) => told.push(event) },
    );
    close();
    expect(measures?.advice[0]).toBe("--lr 0.002: 1 is 500 times the default of adam");
    const report = readFileSync(join(out, "..", "bad", "report.html"), "utf8");
    expect(report).toContain("This run is worse than PCA. Try: --lr 0.002: 1 is 500 times the default of adam;");
    expect(report).toContain("in standard deviations of its column");
    expect(told.filter(({ event }) => event === "warning")).toMatchObject([
      {
        message: "lr 1 is 500 times the default of adam for loss mse, 0.002: if the loss does not fall, try that",
      },
    ]);
  });
});
