/** The peers in Python: those that `install.sh` installed into `venv`, or without a `venv` those that `python3` has. */
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";

const path = (name) => fileURLToPath(new URL(name, import.meta.url));
const python = existsSync(path("./venv/bin/python")) ? path("./venv/bin/python") : "python3";
const GEMM = ["gemm"];
const STEP = ["step"];
const BOTH = ["gemm", "step"];

/**
 * For each package the column of its results, its file, and the settings that may be the fastest. A setting is a list: the kinds
 * of case, the precision, and the arguments of the file.
 */
const PEERS = {
  numpy: { peer: "NumPy", file: "numpy_gemm.py", settings: [[GEMM, "f32"]] },
  mkl: {
    peer: "oneMKL",
    file: "mkl_gemm.py",
    settings: [
      [GEMM, "f32", "f32"],
      [GEMM, "bf16", "bf16"],
    ],
  },
  torch: {
    peer: "PyTorch",
    file: "pytorch.py",
    settings: [
      [[...BOTH, "model"], "f32", "cpu", "f32"],
      [STEP, "f32", "cpu", "f32", "compile"],
      [BOTH, "bf16", "cpu", "bf16"],
      [STEP, "bf16", "cpu", "bf16", "compile"],
      [STEP, "bf16", "cpu", "bf16", "weights"],
      [STEP, "bf16", "cpu", "bf16", "weights", "compile"],
    ],
  },
  jax: {
    peer: "JAX",
    file: "jax_cpu.py",
    settings: [
      [BOTH, "f32", "f32"],
      [BOTH, "bf16", "bf16"],
    ],
  },
  "tensorflow-cpu": {
    peer: "TensorFlow",
    file: "tensorflow_cpu.py",
    settings: [
      [BOTH, "f32", "f32"],
      [STEP, "f32", "f32", "xla"],
      [BOTH, "bf16", "bf16"],
      [STEP, "bf16", "bf16", "xla"],
    ],
  },
};

export const PYTHON_PEERS = Object.keys(PEERS);

/**
 * Peers use all cores, as Dawnpour does. Variables that the machine sets for an older OpenBLAS would slow a newer one, so they
 * are removed, and OpenBLAS recognises the chip by itself.
 */
const environment = {
  OPENBLAS_CORETYPE: undefined,
  OPENBLAS_L2_SIZE: undefined,
  OPENBLAS_NUM_THREADS: String(availableParallelism()),
  OMP_NUM_THREADS: String(availableParallelism()),
};

export function pythonPeers() {
  return installedPackages().flatMap((name) => {
    const { peer, file, settings } = PEERS[name];
    return settings.map(([kinds, precision, ...args]) => ({
      id: [name, ...args].join(" "),
      name,
      peer,
      kinds,
      precision,
      command: [python, path(file), ...args],
      environment,
    }));
  });
}

const INSTALLED = `
import importlib.metadata, sys
print(*(name for name in sys.argv[1:] if any(importlib.metadata.distributions(name=name))), sep="\\n")
`;

function installedPackages() {
  try {
    const names = execFileSync(python, ["-c", INSTALLED, ...Object.keys(PEERS)], { encoding: "utf8" });
    return names.split("\n").filter(Boolean);
  } catch {
    return [];
  }
}

/** PyTorch on a CUDA GPU, if one of the Pythons here has it. */
export function cudaPeers() {
  try {
    execFileSync(python, ["-c", "import torch; assert torch.cuda.is_available()"], { stdio: "ignore" });
  } catch {
    return [];
  }
  const command = (...args) => [python, path("pytorch.py"), "cuda", ...args];
  return ["f32", "f16"].map((precision) => ({
    id: `torch cuda ${precision}`,
    name: "torch",
    peer: "PyTorch",
    kinds: BOTH,
    precision,
    command: command(precision),
  }));
}
