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

function step({ batch, layers, rate }, parameters, input) {
  const images = tf.tensor2d(input, [batch, layers[0].inputs]);
  const dense = layers.map((layer) => {
    const [weight, bias] = layerParameters(layer, parameters);
    return {
      weight: tf.variable(tf.tensor2d(weight, [layer.inputs, layer.outputs])),
      bias: tf.variable(tf.tensor1d(bias)),
      activation: layer.activation,
    };
  });
  const optimizer = tf.train.adam(rate, BETA_1, BETA_2, EPSILON);
  let loss;
  return {
    run(times) {
      for (let i = 0; i < times; i++) {
        loss?.dispose();
        loss = optimizer.minimize(() => tf.losses.meanSquaredError(images, reconstruct(dense, images)), true);
      }
    },
    idle,
    loss: async () => (await loss.data())[0],
    destroy() {
      optimizer.dispose();
      tf.dispose([images, loss, ...dense.flatMap(({ weight, bias }) => [weight, bias])]);
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

await serve(`TensorFlow.js ${tf.version.tfjs} (${backend})`, measured({ gemm, step }));
