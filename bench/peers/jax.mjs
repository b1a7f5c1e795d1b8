/** jax-js: `node jax.mjs wasm`, or `node jax.mjs webgpu ADAPTER`. Everything under `jit`. */
import { readFileSync } from "node:fs";
import { layerParameters, measured, serve } from "../serve.mjs";
import { offerAdapter } from "./adapter.mjs";

const [backend, adapter] = process.argv.slice(2);
if (backend === "webgpu") offerAdapter(adapter);
const jax = await import("@jax-js/jax");
const { numpy: np, nn, random, jit, valueAndGrad, blockUntilReady, tree } = jax;
if (!(await jax.init(backend)).includes(backend)) throw new Error(`jax-js does not start its ${backend} backend`);
jax.defaultDevice(backend);
const manifest = new URL("./node_modules/@jax-js/jax/package.json", import.meta.url);
const { version } = JSON.parse(readFileSync(manifest, "utf8"));

/** A call consumes its arguments. `ref` keeps an argument for later calls. */
function gemm({ m, n, k, transposeA, transposeB }, a, b) {
  const left = np.array(a).reshape(transposeA ? [k, m] : [m, k]);
  const right = np.array(b).reshape(transposeB ? [n, k] : [k, n]);
  const multiply = jit((x, y) => np.matmul(transposeA ? x.transpose() : x, transposeB ? y.transpose() : y));
  let latest;
  let pending = [];
  return {
    run(times) {
      for (let i = 0; i < times; i++) pending.push(multiply(left.ref, right.ref));
    },
    // jax-js computes a result only when the program waits for it, so this waits for every product.
    async idle() {
      await blockUntilReady(pending);
      const last = pending.pop();
      if (last) {
        latest?.dispose();
        latest = last;
      }
      for (const product of pending) product.dispose();
      pending = [];
    },
    result: () => latest.ref.data(),
    destroy() {
      for (const array of [left, right, latest]) array?.dispose();
      multiply.dispose();
    },
  };
}

const BETA_1 = 0.9;
const BETA_2 = 0.999;
const EPSILON = 1e-8;

const step = (test, flat, input) =>
  training(test, flat, input, (run, network, x, key) => {
    key.dispose();
    return np.mean(np.square(run(network, x.ref).sub(x)));
  });

/** A classifier, or a variational autoencoder. */
function model(test, flat, input) {
  const { batch } = test;
  if (test.model === "classifier") {
    const classes = nn.oneHot(np.array(test.labels, { dtype: np.int32 }), 10);
    return training(test, flat, input, (run, network, x, key) => {
      key.dispose();
      return nn
        .logSoftmax(run(network, x))
        .mul(classes.ref)
        .sum()
        .mul(-1 / batch);
    });
  }
  return training(test, flat, input, (run, network, x, key) => {
    const hidden = run(network.slice(0, 2), x.ref);
    const mean = run([network[2]], hidden.ref, 2);
    const logVariance = run([network[3]], hidden, 3);
    const noise = random.normal(key, mean.shape);
    const code = mean.ref.add(noise.mul(np.exp(logVariance.ref.mul(0.5))));
    const logits = run(network.slice(4), code, 4);
    const divergence = np.square(mean).add(np.exp(logVariance.ref)).sub(1).sub(logVariance).sum().mul(0.5);
    return nn
      .softplus(logits.ref)
      .sub(logits.mul(x))
      .sum()
      .add(divergence)
      .mul(1 / batch);
  });
}

/** @param objective of `run(part of the network, input, number of its first layer)`, the network, the images and a key for noise */
function training({ batch, layers, rate }, flat, input, objective) {
  const images = np.array(input).reshape([batch, layers[0].inputs]);
  let parameters = layers.map((layer) => {
    const [weight, bias] = layerParameters(layer, flat);
    return { weight: np.array(weight).reshape([layer.inputs, layer.outputs]), bias: np.array(bias) };
  });
  const zeros = () =>
    layers.map(({ inputs, outputs }) => ({ weight: np.zeros([inputs, outputs]), bias: np.zeros([outputs]) }));
  let [first, second] = [zeros(), zeros()];
  const activations = layers.map(({ activation }) => activation);
  const run = (network, x, first = 0) =>
    network.reduce((h, { weight, bias }, i) => activate(activations[first + i], np.matmul(h, weight).add(bias)), x);
  const lossAndGradient = valueAndGrad((network, x, key) => objective(run, network, x, key));
  const update = jit((network, m, v, x, key, correction1, correction2) => {
    const [loss, gradient] = lossAndGradient(tree.ref(network), x, key);
    const newM = tree.map((mi, g) => mi.mul(BETA_1).add(g.mul(1 - BETA_1)), m, tree.ref(gradient));
    const newV = tree.map((vi, g) => vi.mul(BETA_2).add(np.square(g).mul(1 - BETA_2)), v, gradient);
    const moved = tree.map(
      (p, mi, vi) => {
        const size = np.sqrt(vi.mul(correction2.ref)).add(EPSILON);
        return p.sub(mi.mul(correction1.ref).mul(rate).div(size));
      },
      network,
      tree.ref(newM),
      tree.ref(newV),
    );
    correction1.dispose();
    correction2.dispose();
    return [loss, moved, newM, newV];
  });
  let t = 0;
  let loss;
  return {
    run(times) {
      for (let i = 0; i < times; i++) {
        t++;
        loss?.dispose();
        const corrections = [BETA_1, BETA_2].map((beta) => np.array([1 / (1 - beta ** t)]));
        [loss, parameters, first, second] = update(
          parameters,
          first,
          second,
          images.ref,
          random.key(t),
          ...corrections,
        );
      }
    },
    idle: () => blockUntilReady([loss, parameters, first, second].filter(Boolean)),
    loss: async () => (await loss.ref.data())[0],
    destroy() {
      tree.dispose([images, loss, parameters, first, second]);
      update.dispose();
    },
  };
}

function activate(activation, x) {
  if (activation === "relu") return nn.relu(x);
  return activation === "sigmoid" ? nn.sigmoid(x) : x;
}

await serve(`jax-js ${version} (${backend})`, measured({ gemm, step, model }));
