/** Dawnpour as a contestant: `node dawnpour.mjs cpu`, or `node dawnpour.mjs webgpu ADAPTER`. */
import { benchmarkGemm, benchmarkStep, openDevice } from "../dist/kernels.js";
import { serve } from "./serve.mjs";

const [device, adapter] = process.argv.slice(2);
const opened = await openDevice({ device, adapter });

// Each checks its own result before it gives a time.
await serve(opened.info.name, (test) =>
  test.kind === "gemm"
    ? benchmarkGemm(opened, performance, test)
    : benchmarkStep(opened, performance, { layers: test.sizes, batch: test.batch }),
);
