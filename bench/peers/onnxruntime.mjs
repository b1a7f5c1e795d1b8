/**
 * ONNX Runtime on all cores of the CPU: `node onnxruntime.mjs`. It only does products, since its Node package does not train.
 * Both operands are inputs. A constant right operand would be packed in advance, which is impossible for weights in training.
 */
import { availableParallelism } from "node:os";
import ort from "onnxruntime-node";
import { measured, serve } from "../serve.mjs";
import { gemmModel } from "./onnx-model.mjs";

async function gemm({ m, n, k, transposeA, transposeB }, a, b) {
  const options = { intraOpNumThreads: availableParallelism(), interOpNumThreads: 1 };
  const session = await ort.InferenceSession.create(gemmModel(transposeA, transposeB), options);
  const feeds = {
    a: new ort.Tensor("float32", a, transposeA ? [k, m] : [m, k]),
    b: new ort.Tensor("float32", b, transposeB ? [n, k] : [k, n]),
  };
  const out = new Float32Array(m * n);
  const fetches = { out: new ort.Tensor("float32", out, [m, n]) };
  let done = Promise.resolve();
  return {
    run(times) {
      done = done.then(async () => {
        for (let i = 0; i < times; i++) await session.run(feeds, fetches);
      });
    },
    idle: () => done,
    result: async () => out,
    destroy: () => session.release(),
  };
}

await serve(`ONNX Runtime ${ort.env.versions.node}`, measured({ gemm }));
