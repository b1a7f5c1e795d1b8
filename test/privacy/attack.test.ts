/** An attack and its end: the gradient of one picture tells the picture; its clipped and noisy gradient does not, nor its masked one. */
import { expect, it } from "vitest";
import { openReferenceDevice } from "../../src/device/reference/reference-device.js";
import { Autoencoder } from "../../src/model/autoencoder.js";
import { KeyStream } from "../../src/privacy/key-stream.js";
import { fromFixedPoint, toFixedPoint, unpack } from "../../src/privacy/secure/ring.js";
import { AutoencoderWorkload } from "../../src/workload/autoencoder.js";
import { Random } from "../../src/world/random.js";
import { config } from "../simulation/small-training.js";
import { play } from "./secure/rounds.js";

const SIDE = 12;
const FEATURES = SIDE ** 2;
const random = new Random(5);
/** A bright frame with noise in it. */
const picture = Float32Array.from({ length: FEATURES }, (_, i) => {
  const [x, y] = [i % SIDE, Math.floor(i / SIDE)];
  return [x, y].some((at) => at === 2 || at === SIDE - 3) ? 0.9 : 0.1 * random.uniform();
});
const rows = { images: picture, count: 1, features: FEATURES, scale: 1 };
const layers = [FEATURES, 16, 4];
const model = new Autoencoder({
  ...{ layers, activation: "tanh", codeActivation: "linear", outputActivation: "sigmoid", initialiser: "glorot" },
});
const CLIP = 0.5;

/** The gradient of the picture alone, shortened. */
async function gradientOf(): Promise<Float32Array> {
  const workload = new AutoencoderWorkload({ model, config: { ...config, layers, batch: 1 }, steps: 1 });
  const device = openReferenceDevice();
  const learner = await workload.open(device, { train: rows, test: rows });
  learner.restore({ parameters: model.initialParameters(3) });
  const out = new Float32Array(learner.length);
  await learner.clippedGradient?.(Uint32Array.of(0), { clip: CLIP, capacity: 1 }, out);
  learner.destroy();
  device.destroy();
  return out;
}

/**
 * In a dense layer the gradient of a weight is the input times that of the unit's bias: one divided by the other is the picture. Of
 * the units, the one with the greatest gradient is the surest.
 */
function rebuilt(gradient: Float32Array): Float32Array {
  const [weight, bias] = ["weight", "bias"].map((name) => model.layout.part(gradient, `encoder.0.${name}`));
  const units = Array.from(bias, (_, unit) => unit);
  const surest = units.reduce((best, unit) => (Math.abs(bias[unit]) > Math.abs(bias[best]) ? unit : best), 0);
  return Float32Array.from({ length: FEATURES }, (_, i) => weight[i * units.length + surest] / bias[surest]);
}

/** How well two pictures agree: 1 is the same picture, 0 is no likeness. */
function likeness(a: Float32Array, b: Float32Array): number {
  const centred = (x: Float32Array): Float64Array => {
    const mean = x.reduce((sum, value) => sum + value, 0) / x.length;
    return Float64Array.from(x, (value) => value - mean);
  };
  const [u, v] = [centred(a), centred(b)];
  const dot = u.reduce((sum, value, i) => sum + value * v[i], 0);
  return Math.abs(dot) / (Math.hypot(...u) * Math.hypot(...v));
}

it("a gradient of one picture tells the picture, exactly", async () => {
  const found = rebuilt(await gradientOf());
  for (const [i, value] of picture.entries()) expect(Math.abs(found[i] - value)).toBeLessThan(1e-5);
});

it("with the noise of private training it does not, whatever the key", async () => {
  const gradient = await gradientOf();
  for (let byte = 0; byte < 20; byte++) {
    const normals = new KeyStream(new Uint8Array(32).fill(byte)).normals(0, gradient.length);
    const noisy = gradient.map((value, i) => value + 1.1 * CLIP * normals[i]);
    expect(likeness(rebuilt(noisy), picture)).toBeLessThan(0.4);
  }
});

it("under secure aggregation the server's view of one contribution does not, where the same numbers in the clear do", async () => {
  const gradient = await gradientOf();
  const [own, none] = [toFixedPoint(gradient, CLIP), toFixedPoint(new Float32Array(gradient.length), CLIP)];
  const view = (numbers: Uint32Array): Float32Array => Float32Array.from(fromFixedPoint(numbers, CLIP));
  expect(likeness(rebuilt(view(own)), picture)).toBeGreaterThan(0.95);
  const { seen } = play({ clients: 3, values: gradient.length }, [own, none, none]);
  const masked = seen[2].get(0);
  if (!masked) throw new Error("client 0 sent nothing");
  expect(likeness(rebuilt(view(unpack(masked, gradient.length))), picture)).toBeLessThan(0.4);
});
