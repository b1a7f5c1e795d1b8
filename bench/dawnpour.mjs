/** Dawnpour as a contestant: `node dawnpour.mjs cpu`, or `node dawnpour.mjs webgpu ADAPTER`. */
import { nodeWorld } from "../dist/index.js";
import { benchmarkGemm, benchmarkStep, openTunedDevice } from "../dist/kernels.js";
import { serve } from "./serve.mjs";

const [kind, adapter] = process.argv.slice(2);
const { device, tuner } = await openTunedDevice(nodeWorld(), { device: kind, adapter });
// A hardware GPU is tuned, as training tunes it; on others this does nothing.
const tune = async (program) => tuner?.tune(program);

// Each checks its own result before it gives a time.
await serve(device.info.name, (test) =>
  test.kind === "gemm"
    ? benchmarkGemm(device, performance, test, { tune })
    : benchmarkStep(device, performance, { layers: test.sizes, batch: test.batch }, { tune }),
);
