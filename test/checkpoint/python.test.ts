/**
 * Python's packages `safetensors` and `numpy` read the files that Dawnpour writes, and Dawnpour reads theirs. The tests use
 * `python3` of the path, or the Python that PYTHON names. If it lacks the packages, they are skipped with a message.
 */
import { execFileSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readSafetensors, writeSafetensors } from "../../src/checkpoint/safetensors-file.js";
import { ARRAYS, type NamedTensor, type TensorType, toFloat32 } from "../../src/checkpoint/tensor.js";

const PYTHON = process.env.PYTHON ?? "python3";

function python(code: string, ...args: readonly string[]): string {
  return execFileSync(PYTHON, ["-c", code, ...args], { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}

function isThere(): boolean {
  try {
    python("import numpy, safetensors.numpy");
    return true;
  } catch {
    return false;
  }
}

const there = isThere();
const why = there ? "" : ` (skipped: ${PYTHON} has no numpy and safetensors; pip install them, or set PYTHON)`;

/** NumPy's names of the types; it has none for BF16. */
const NAMES: Readonly<Partial<Record<TensorType, string>>> = {
  F64: "float64",
  I64: "int64",
  U64: "uint64",
  F32: "float32",
  I32: "int32",
  U32: "uint32",
  F16: "float16",
  I16: "int16",
  U16: "uint16",
  I8: "int8",
  U8: "uint8",
  BOOL: "bool",
};

/** For every type 2 x 3 numbers, from their bytes. Types of whole numbers get 0 and 1, which look the same in each of them. */
const TENSORS = (Object.keys(NAMES) as TensorType[]).map((dtype): NamedTensor => {
  const size = ARRAYS[dtype].BYTES_PER_ELEMENT;
  const bytes = Uint8Array.from({ length: 6 * size }, (_, i) => (i % size === 0 ? (i / size) % 2 : 0));
  return { name: `a.${dtype}`, dtype, shape: [2, 3], data: new ARRAYS[dtype](bytes.buffer) };
});

describe.skipIf(!there)(`Python's safetensors${why}`, () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "dawnpour-python-"));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it("reads what is written here, of every type", async () => {
    const path = join(folder, "ours.safetensors");
    await writeSafetensors(path, TENSORS, { made: "here" });
    const code = `
import sys, json, safetensors
from safetensors.numpy import load_file
found = {name: [str(a.dtype), list(a.shape), a.tobytes().hex()] for name, a in load_file(sys.argv[1]).items()}
print(json.dumps([found, safetensors.safe_open(sys.argv[1], "np").metadata()]))`;
    const expected = TENSORS.map(({ name, dtype, data }) => {
      const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
      return [name, [NAMES[dtype], [2, 3], bytes.toString("hex")]];
    });
    expect(JSON.parse(python(code, path))).toEqual([Object.fromEntries(expected), { made: "here" }]);
  });

  it("writes what is read here, half precision and bfloat16 too", async () => {
    const path = join(folder, "theirs.safetensors");
    const code = `
import sys, struct, json, numpy as np
from safetensors.numpy import save_file
x = np.array([[1.5, -2.25, 0.0], [65504, 6.1e-5, -0.125]])
save_file({"double": x, "single": x.astype("f4"), "half": x.astype("f2"), "count": np.array([7])}, sys.argv[1], {"by": "numpy"})
bits = (x.astype("f4").view("u4") >> 16).astype("<u2")
header = json.dumps({"b": {"dtype": "BF16", "shape": [2, 3], "data_offsets": [0, 12]}}).encode()
open(sys.argv[1] + ".bf16", "wb").write(struct.pack("<Q", len(header)) + header + bits.tobytes())`;
    python(code, path);
    const { tensors, metadata } = await readSafetensors(path);
    expect(metadata).toEqual({ by: "numpy" });
    const values = [1.5, -2.25, 0, 65504, 6.1e-5, -0.125];
    const half = values.with(4, 6.097555160522461e-5);
    const floats = (name: string) => [...toFloat32(tensors.get(name) as NamedTensor, name)];
    expect(floats("double")).toEqual(values.map(Math.fround));
    expect(floats("single")).toEqual(values.map(Math.fround));
    expect(floats("half")).toEqual(half);
    expect(tensors.get("count")).toEqual({ dtype: "I64", shape: [1], data: BigInt64Array.of(7n) });
    const { tensors: others } = await readSafetensors(`${path}.bf16`);
    const brain = [...toFloat32(others.get("b") as NamedTensor, "b")];
    expect(brain.map((value, i) => Math.abs(value / (values[i] || 1) - 1) < 2 ** -7 || values[i] === 0)).toEqual(
      new Array(6).fill(true),
    );
  });
});
