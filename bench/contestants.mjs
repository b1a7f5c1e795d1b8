/**
 * Who takes part on which device. Each peer runs at its best setting: where that is not known ahead, it takes part once
 * with each, and the better one counts.
 */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";

const path = (name) => fileURLToPath(new URL(name, import.meta.url));
const installed = (name) => existsSync(path(`./peers/node_modules/${name}`));
const script = (name, ...args) => [process.execPath, path(name), ...args];

export const OURS = "dawnpour";
const BOTH = ["gemm", "step"];

/**
 * @param device as `listDevices` describes it
 * @returns entrants, ours first: `id`, `peer` (the column it belongs to), the `kinds` of case it can do, and how to start it
 */
export function entrants(device) {
  const where = device.kind === "cpu" ? ["cpu"] : ["webgpu", device.name];
  const ours = { id: OURS, peer: "Dawnpour", kinds: BOTH, command: script("./dawnpour.mjs", ...where) };
  return [ours, ...(device.kind === "cpu" ? cpuPeers() : webGpuPeers(device))];
}

function cpuPeers() {
  const peers = [];
  for (const python of pythonsWith("import numpy")) {
    const command = [python, path("./peers/numpy_gemm.py")];
    peers.push({ id: `numpy, ${python}`, peer: "NumPy", kinds: ["gemm"], command, environment: openBlas() });
  }
  const [torch] = pythonsWith("import torch");
  for (const threads of torch ? new Set([1, availableParallelism()]) : []) {
    peers.push({
      id: `pytorch, ${threads} threads`,
      peer: "PyTorch",
      kinds: ["step"],
      command: [torch, path("./peers/pytorch.py"), "cpu"],
      environment: { ...openBlas(), OMP_NUM_THREADS: String(threads) },
    });
  }
  if (installed("onnxruntime-node")) {
    const command = script("./peers/onnxruntime.mjs");
    peers.push({ id: "onnxruntime", peer: "ONNX Runtime", kinds: ["gemm"], command });
  }
  if (installed("@tensorflow/tfjs-backend-wasm")) {
    peers.push({ id: "tfjs", peer: "TensorFlow.js", kinds: BOTH, command: script("./peers/tfjs.mjs", "wasm") });
  }
  if (installed("@jax-js/jax")) {
    peers.push({ id: "jax", peer: "jax-js", kinds: BOTH, command: script("./peers/jax.mjs", "wasm") });
  }
  return peers;
}

function webGpuPeers({ name, software }) {
  const peers = [];
  if (installed("@tensorflow/tfjs-backend-webgpu")) {
    const command = script("./peers/tfjs.mjs", "webgpu", name);
    peers.push({ id: "tfjs", peer: "TensorFlow.js", kinds: BOTH, command });
  }
  if (installed("@jax-js/jax")) {
    peers.push({ id: "jax", peer: "jax-js", kinds: BOTH, command: script("./peers/jax.mjs", "webgpu", name) });
  }
  const [cuda] = software ? [] : pythonsWith("import torch; assert torch.cuda.is_available()");
  if (cuda) {
    const command = [cuda, path("./peers/pytorch.py"), "cuda"];
    peers.push({ id: "pytorch", peer: "PyTorch", kinds: BOTH, command });
  }
  return peers;
}

/**
 * OpenBLAS on all cores. Old releases do not know new chips and fall back on slower kernels, so a chip with AVX-512 is
 * told to use them.
 */
function openBlas() {
  const avx512 = existsSync("/proc/cpuinfo") && readFileSync("/proc/cpuinfo", "utf8").includes("avx512f");
  return {
    OPENBLAS_NUM_THREADS: String(availableParallelism()),
    ...(avx512 ? { OPENBLAS_CORETYPE: "SkylakeX" } : {}),
  };
}

/** Every Python that runs `statement`: the one on the path, and the system's, whose libraries are often others. */
function pythonsWith(statement) {
  return ["python3", "/usr/bin/python3"].filter((python) => {
    try {
      execFileSync(python, ["-c", statement], { stdio: "ignore" });
      return true;
    } catch {
      return false;
    }
  });
}
