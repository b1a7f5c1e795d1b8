/**
 * ONNX Runtime on the CPU, all cores: `node onnxruntime.mjs`. Products only, since its Node package does not train. Both
 * operands are inputs: as a constant the right one would be repacked ahead, which weights in training cannot be.
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
