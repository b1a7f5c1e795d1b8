/**
 * The contestants of each device. Each peer runs at its best setting. Where that is not known in advance, the peer takes part
 * once with each setting, and the best one counts.
 */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { cudaPeers, PYTHON_PEERS, pythonPeers } from "./peers/python.mjs";

const path = (name) => fileURLToPath(new URL(name, import.meta.url));
const installed = (name) => existsSync(path(`./peers/node_modules/${name}`));
const script = (name, ...args) => [process.execPath, path(name), ...args];

export const OURS = "dawnpour";
/** Dawnpour with multiply-adds in f32. Other arithmetic and precisions of Dawnpour are compared with it, as with a peer. */
export const OUR_F32 = "Dawnpour f32";
const ALL = ["gemm", "step", "model"];
/** The short names of the peers. */
export const PEER_NAMES = [...PYTHON_PEERS, "onnxruntime", "tfjs", "jax-js"];

/**
 * @param device as `listDevices` describes it
 * @param arithmetic the arithmetic for Dawnpour, instead of the one that the device chooses
 * @returns the contestants, Dawnpour first. Each has an `id`, the `name` of a peer, `peer` (the column of its results), the
 * `kinds` of case that it can do, its `precision` (without one, that of the case), and its `command`. Dawnpour checks its own
 * results
 */
export function entrants(device, arithmetic) {
  const where = device.kind === "cpu" ? ["cpu"] : ["webgpu", device.name];
  const command = script("./dawnpour.mjs", ...where);
  const chosen = arithmetic === undefined ? [] : ["--arithmetic", arithmetic];
  const fma = device.kind === "cpu" ? ["--arithmetic", "fma"] : [];
  const usual = (arithmetic ?? device.arithmetic?.f32 ?? "fma").startsWith("fma");
  const own = { kinds: ALL, checksItself: true };
  const ours = { ...own, id: OURS, peer: "Dawnpour", command: [...command, ...chosen] };
  const ourF32 = {
    ...own,
    id: "dawnpour f32",
    peer: OUR_F32,
    precision: "f32",
    onlyBesideLess: usual,
    command: [...command, "--precision", "f32", ...fma],
  };
  return [ours, ourF32, ...(device.kind === "cpu" ? cpuPeers() : webGpuPeers(device))];
}

/** A lower precision must be worth it: such a case is compared with results in that precision and with results in f32. */
export function takesPart({ id, kinds, precision, onlyBesideLess }, test) {
  if (!kinds.includes(test.kind)) return false;
  if (onlyBesideLess && test.precision === "f32") return false;
  return id === OURS || precision === test.precision || precision === "f32";
}

function cpuPeers() {
  const peers = pythonPeers();
  if (installed("onnxruntime-node")) {
    peers.push({
      id: "onnxruntime",
      peer: "ONNX Runtime",
      kinds: ["gemm"],
      command: script("./peers/onnxruntime.mjs"),
    });
  }
  if (installed("@tensorflow/tfjs-backend-wasm")) {
    peers.push({ id: "tfjs", peer: "TensorFlow.js", kinds: ALL, command: script("./peers/tfjs.mjs", "wasm") });
  }
  if (installed("@jax-js/jax")) {
    peers.push({ id: "jax-js", peer: "jax-js", kinds: ALL, command: script("./peers/jax.mjs", "wasm") });
  }
  return peers.map((peer) => ({ name: peer.id, precision: "f32", ...peer }));
}

function webGpuPeers({ name, software }) {
  const peers = software ? [] : cudaPeers();
  if (installed("@tensorflow/tfjs-backend-webgpu")) {
    const command = script("./peers/tfjs.mjs", "webgpu", name);
    peers.push({ id: "tfjs", peer: "TensorFlow.js", kinds: ALL, command });
  }
  if (installed("@jax-js/jax")) {
    peers.push({ id: "jax-js", peer: "jax-js", kinds: ALL, command: script("./peers/jax.mjs", "webgpu", name) });
  }
  return peers.map((peer) => ({ name: peer.id, precision: "f32", ...peer }));
}
