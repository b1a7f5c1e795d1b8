/** A trained autoencoder in use, on the CPU. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Device, DeviceLostError } from "../../src/device/device.js";
import { openDevice } from "../../src/device/open.js";
import { Autoencoder } from "../../src/model/autoencoder.js";
import { parseConfig } from "../../src/training/config/config.js";
import { TrainedAutoencoder } from "../../src/training/trained.js";

const model = new Autoencoder({
  layers: [6, 4, 2],
  ...{ activation: "tanh", codeActivation: "linear", outputActivation: "linear", initialiser: "glorot" },
});
const config = parseConfig({ layers: [6, 4, 2], loss: "mse" });

describe("a trained autoencoder", () => {
  let device: Device;
  let trained: TrainedAutoencoder;
  beforeAll(async () => {
    device = await openDevice({ device: "cpu", threads: 1 });
    trained = new TrainedAutoencoder(device, model, config, 0, model.initialParameters(1));
  });
  afterAll(() => {
    trained.destroy();
    device.destroy();
  });

  it("scores each row by its squared error, more rows than are in memory at a time, too", async () => {
    const count = 5000;
    const rows = Float32Array.from({ length: count * 6 }, (_, i) => Math.sin(i));
    const scores = await trained.score(rows);
    const reconstructed = await trained.reconstruct(rows);
    const expected = Array.from({ length: count }, (_, row) =>
      [0, 1, 2, 3, 4, 5].reduce((sum, i) => sum + (rows[6 * row + i] - reconstructed[6 * row + i]) ** 2, 0),
    );
    expect(scores).toEqual(Float32Array.from(expected));
    const bytes = Uint8Array.from(rows, (value) => 100 * (value + 1));
    const split = { images: bytes, count, features: 6, scale: 1 / 100 };
    expect(await trained.score(split)).toEqual(await trained.score(Float32Array.from(bytes, (value) => value / 100)));
  });

  it("refuses rows of another length", async () => {
    await expect(trained.score(new Float32Array(7))).rejects.toThrow("each row has 6 values");
    const split = { images: new Uint8Array(10), count: 2, features: 5, scale: 1 };
    await expect(trained.score(split)).rejects.toThrow("takes rows of 6 values");
  });

  it("refuses parameters of another length", () => {
    const make = () => new TrainedAutoencoder(device, model, config, 0, new Float32Array(5));
    expect(make).toThrow(/^the parameters of a 6-4-2-4-6 network are a Float32Array of \d+ numbers, got 5$/);
  });

  it("says that it was destroyed, or its device lost, by one rejection of any call", async () => {
    const [lost, split] = [await openDevice({ device: "cpu", threads: 1 }), { count: 1, features: 6, scale: 1 }];
    const calls = (one: TrainedAutoencoder): readonly (() => Promise<unknown>)[] => [
      () => one.encode(new Float32Array(6)),
      () => one.decode(new Float32Array(2)),
      () => one.reconstruct(new Float32Array(6)),
      () => one.score(new Float32Array(6)),
      () => one.evaluate({ ...split, images: new Uint8Array(6) }),
      () => one.onnx(),
    ];
    const gone = new TrainedAutoencoder(device, model, config, 0, model.initialParameters(1));
    gone.destroy();
    for (const call of calls(gone)) await expect(call()).rejects.toThrow("the autoencoder was destroyed");
    const orphan = new TrainedAutoencoder(lost, model, config, 0, model.initialParameters(1));
    lost.destroy();
    for (const call of calls(orphan)) await expect(call()).rejects.toThrow(DeviceLostError);
    await expect(orphan.encode({ ...split, features: 5, images: new Uint8Array(5) })).rejects.toThrow("of 6 values");
  });
});
