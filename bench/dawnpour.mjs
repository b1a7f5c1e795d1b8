/**
 * Dawnpour as a contestant: `node dawnpour.mjs cpu`, or `node dawnpour.mjs webgpu ADAPTER`. It computes in the precision of the
 * case, or in `--precision`. `--arithmetic` is that of `dawnpour bench`.
 */
import { parseArgs } from "node:util";
import { nodeWorld } from "dawnpour/actors";
import { benchmarks, openTunedDevice } from "dawnpour/kernels";
import { trainingOf } from "./models.mjs";
import { measured, serve } from "./serve.mjs";

const { values, positionals } = parseArgs({
  options: { precision: { type: "string" }, arithmetic: { type: "string" } },
  allowPositionals: true,
});
const [kind, adapter] = positionals;
const { arithmetic } = values;
const { device, tuner } = await openTunedDevice(nodeWorld(), { device: kind, adapter, arithmetic });
// A hardware GPU is tuned, as it is for training. Other devices have no tuner.
const tune = async (program) => tuner?.tune(program);

// Both kinds of measurement check their results before they give a time.
const models = measured({ model: (test, parameters, input) => trainingOf(device, test, parameters, input) });
await serve(device.info.name, (test) => {
  if (test.kind === "model") return models(test);
  const options = { tune, precision: values.precision ?? test.precision };
  return test.kind === "gemm"
    ? benchmarks.gemm(device, performance, test, options)
    : benchmarks.step(device, performance, { layers: test.sizes, batch: test.batch }, options);
});
