/** TensorFlow.js: `node tfjs.mjs wasm`, or `node tfjs.mjs webgpu ADAPTER`. */
import { layerParameters, measured, serve } from "../serve.mjs";
import { offerAdapter } from "./adapter.mjs";

const [backend, adapter] = process.argv.slice(2);
if (backend === "webgpu") offerAdapter(adapter);
// The order of the imports matters: the WebGPU backend registers itself only if there is a GPU already.
const { default: tf } = await import("@tensorflow/tfjs");
await import(`@tensorflow/tfjs-backend-${backend}`);
if (!(await tf.setBackend(backend))) throw new Error(`TensorFlow.js does not start its ${backend} backend`);
await tf.ready();

/** Calls on the wasm backend return when they are done. Those on webgpu only record the work, which is submitted in batches. */
async function idle() {
  if (backend === "wasm") return;
  const webgpu = tf.backend();
  if (webgpu.commandEncoder) {
    webgpu.endComputePassEncoder();
    webgpu.submitQueue();
  }
  await webgpu.queue.onSubmittedWorkDone();
}

function gemm({ m, n, k, transposeA, transposeB }, a, b) {
  const left = tf.tensor2d(a, transposeA ? [k, m] : [m, k]);
  const right = tf.tensor2d(b, transposeB ? [n, k] : [k, n]);
  let out;
  return {
    run(times) {
      for (let i = 0; i < times; i++) {
        out?.dispose();
        out = tf.matMul(left, right, transposeA, transposeB);
      }
    },
    idle,
    result: () => out.data(),
    destroy: () => tf.dispose([left, right, out]),
  };
}

const BETA_1 = 0.9;
const BETA_2 = 0.999;
const EPSILON = 1e-8;

function step(test, parameters, input) {
  const images = tf.tensor2d(input, [test.batch, test.layers[0].inputs]);
  const dense = denseLayers(test, parameters);
  return training(test, dense, [images], () => tf.losses.meanSquaredError(images, reconstruct(dense, images)));
}

/** A classifier, or a variational autoencoder. */
function model(test, parameters, input) {
  const images = tf.tensor2d(input, [test.batch, test.layers[0].inputs]);
  const dense = denseLayers(test, parameters);
  if (test.model === "classifier") {
    const classes = tf.oneHot(tf.tensor1d(test.labels, "int32"), 10).toFloat();
    const loss = () => tf.losses.softmaxCrossEntropy(classes, reconstruct(dense, images));
    return training(test, dense, [images, classes], loss);
  }
  const pixels = test.layers[0].inputs;
  return training(test, dense, [images], () => {
    const hidden = reconstruct(dense.slice(0, 2), images);
    const [mean, logVariance] = [reconstruct([dense[2]], hidden), reconstruct([dense[3]], hidden)];
    const code = mean.add(tf.randomNormal(mean.shape).mul(logVariance.mul(0.5).exp()));
    const logits = reconstruct(dense.slice(4), code);
    const divergence = mean
      .square()
      .add(logVariance.exp())
      .sub(1)
      .sub(logVariance)
      .sum()
      .mul(0.5 / test.batch);
    return tf.losses.sigmoidCrossEntropy(images, logits).mul(pixels).add(divergence);
  });
}

function denseLayers({ layers }, parameters) {
  return layers.map((layer) => {
    const [weight, bias] = layerParameters(layer, parameters);
    return {
      weight: tf.variable(tf.tensor2d(weight, [layer.inputs, layer.outputs])),
      bias: tf.variable(tf.tensor1d(bias)),
      activation: layer.activation,
    };
  });
}

/** @param tensors that are disposed with the layers */
function training({ rate }, dense, tensors, objective) {
  const optimizer = tf.train.adam(rate, BETA_1, BETA_2, EPSILON);
  let loss;
  return {
    run(times) {
      for (let i = 0; i < times; i++) {
        loss?.dispose();
        loss = optimizer.minimize(objective, true);
      }
    },
    idle,
    loss: async () => (await loss.data())[0],
    destroy() {
      optimizer.dispose();
      tf.dispose([...tensors, loss, ...dense.flatMap(({ weight, bias }) => [weight, bias])]);
    },
  };
}

/** The fused product that TensorFlow's own Dense layer uses. It has no gradient for a fused sigmoid. */
function reconstruct(dense, images) {
  return dense.reduce((a, { weight: b, bias, activation }) => {
    const fused = activation === "relu" ? "relu" : "linear";
    const out = tf.fused.matMul({ a, b, bias, activation: fused });
    return activation === "sigmoid" ? tf.sigmoid(out) : out;
  }, images);
}

await serve(`TensorFlow.js ${tf.version.tfjs} (${backend})`, measured({ gemm, step, model }));
