/**
 * Dawnpour as a contestant: `node dawnpour.mjs cpu`, or `node dawnpour.mjs webgpu ADAPTER`, in the precision of the case or in
 * `--precision`; `--arithmetic` as of `dawnpour bench`.
 */
import { parseArgs } from "node:util";
import { nodeWorld } from "dawnpour/actors";
import { benchmarks, openTunedDevice } from "dawnpour/kernels";
import { serve } from "./serve.mjs";

const { values, positionals } = parseArgs({
  options: { precision: { type: "string" }, arithmetic: { type: "string" } },
  allowPositionals: true,
});
const [kind, adapter] = positionals;
const { arithmetic } = values;
const { device, tuner } = await openTunedDevice(nodeWorld(), { device: kind, adapter, arithmetic });
// A hardware GPU is tuned, as training tunes it; on others this does nothing.
const tune = async (program) => tuner?.tune(program);

// Each checks its own result before it gives a time.
await serve(device.info.name, (test) => {
  const options = { tune, precision: values.precision ?? test.precision };
  return test.kind === "gemm"
    ? benchmarks.gemm(device, performance, test, options)
    : benchmarks.step(device, performance, { layers: test.sizes, batch: test.batch }, options);
});
