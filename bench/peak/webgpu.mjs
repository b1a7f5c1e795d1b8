/** The ceilings of a WebGPU adapter: `node webgpu.mjs ADAPTER` prints {"gflops", "gbps"}, the best of several trials. */
import { readFileSync } from "node:fs";
import { create, globals } from "webgpu";

Object.assign(globalThis, globals);

const WORKGROUP = 64;
const WORKGROUPS = 8192;
/** The operations of one round of the arithmetic kernel: eight steps of two vectors of four multiply-adds. */
const ROUND_FLOPS = 8 * 2 * 4 * 2;
const VECTOR_BYTES = 16;
const ARRAYS = 3;
const TRIALS = 7;
const TRIAL_MILLISECONDS = 60;
const SHORT_MILLISECONDS = 10;

// This variable keeps the GPU object: Dawn crashes when the object is collected before its adapter.
const gpu = create([`adapter=${process.argv[2]}`]);
const adapter = await gpu.requestAdapter();
const device = await adapter.requestDevice();
const module = device.createShaderModule({ code: readFileSync(new URL("peak.wgsl", import.meta.url), "utf8") });

/** Three arrays of this size are larger than any cache. One is within the limits of every adapter. */
const ARRAY_BYTES = 112 * 2 ** 20;
const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST;
const buffers = Array.from({ length: ARRAYS }, () => device.createBuffer({ size: ARRAY_BYTES, usage }));
for (const buffer of buffers.slice(0, 2)) device.queue.writeBuffer(buffer, 0, Float32Array.of(0.5, 0.5, 0.5, 0.5));
await device.queue.onSubmittedWorkDone();

function kernel(entryPoint, constants = {}) {
  const pipeline = device.createComputePipeline({ layout: "auto", compute: { module, entryPoint, constants } });
  const entries = buffers.map((buffer, binding) => ({ binding, resource: { buffer } }));
  return { pipeline, bindings: device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries }) };
}

/** The milliseconds of `times` dispatches of `groups` workgroups. */
async function time({ pipeline, bindings }, groups, times) {
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  pass.setPipeline(pipeline);
  pass.setBindGroup(0, bindings);
  for (let i = 0; i < times; i++) pass.dispatchWorkgroups(...groups);
  pass.end();
  const start = performance.now();
  device.queue.submit([encoder.finish()]);
  await device.queue.onSubmittedWorkDone();
  return performance.now() - start;
}

/** The shortest milliseconds of a dispatch. Each trial repeats the dispatch until the clock can measure it well. */
async function best(kernel, groups) {
  await time(kernel, groups, 1);
  const times = Math.ceil(TRIAL_MILLISECONDS / (await time(kernel, groups, 1)));
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < TRIALS; i++) least = Math.min(least, (await time(kernel, groups, times)) / times);
  return least;
}

/** A fast adapter computes more rounds, so that a dispatch is much longer than its start. */
async function arithmeticRate(named) {
  const of = (rounds) => kernel("arithmetic", { rounds, named: Number(named) });
  let rounds = 16;
  while ((await time(of(rounds), [WORKGROUPS], 1)) < SHORT_MILLISECONDS) rounds *= 4;
  const milliseconds = await best(of(rounds), [WORKGROUPS]);
  return (WORKGROUPS * WORKGROUP * rounds * ROUND_FLOPS) / (milliseconds * 1e6);
}

async function triadRate() {
  const rows = ARRAY_BYTES / (WORKGROUPS * WORKGROUP * VECTOR_BYTES);
  return (ARRAYS * ARRAY_BYTES) / ((await best(kernel("triad"), [WORKGROUPS, rows])) * 1e6);
}

const rates = [await arithmeticRate(false), await arithmeticRate(true)];
const answer = { gflops: Math.max(...rates), gbps: await triadRate() };
console.log(JSON.stringify(answer));
process.exit(0);
