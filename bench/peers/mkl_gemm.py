"""Products of Intel's oneMKL, through its C interface: `python3 mkl_gemm.py f32`, or `bf16`, whose result is f32."""

import ctypes
import sys
from pathlib import Path

import numpy as np

from serve import serve, to_bfloat16

precision = sys.argv[1]
ROW_MAJOR = 101
TRANSPOSED = {False: 111, True: 112}
VERSION_LENGTH = 198

libraries = Path(sys.prefix, "lib")
# oneMKL looks for its threads by name, and a virtual environment is not where it looks.
ctypes.CDLL(str(libraries / "libiomp5.so"), ctypes.RTLD_GLOBAL)
mkl = ctypes.CDLL(str(next(libraries.glob("libmkl_rt.so*"))), ctypes.RTLD_GLOBAL)
gemm = mkl.cblas_sgemm if precision == "f32" else mkl.cblas_gemm_bf16bf16f32
number, pointer, real = ctypes.c_int, ctypes.c_void_p, ctypes.c_float
gemm.argtypes = [*[number] * 6, real, pointer, number, pointer, number, real, pointer, number]


class Product:
    def __init__(self, case, a, b):
        m, n, k = case["m"], case["n"], case["k"]
        self.a, self.b = (a, b) if precision == "f32" else (to_bfloat16(a), to_bfloat16(b))
        self.out = np.empty((m, n), np.float32)
        left, right = case["transposeA"], case["transposeB"]
        addresses = [x.ctypes.data for x in (self.a, self.b, self.out)]
        self.arguments = [
            *[ROW_MAJOR, TRANSPOSED[left], TRANSPOSED[right], m, n, k],
            *[1.0, addresses[0], m if left else k, addresses[1], k if right else n],
            *[0.0, addresses[2], n],
        ]

    def run(self, times):
        for _ in range(times):
            gemm(*self.arguments)

    def idle(self):
        pass

    def result(self):
        return self.out


def version():
    text = ctypes.create_string_buffer(VERSION_LENGTH)
    mkl.mkl_get_version_string(text, VERSION_LENGTH)
    return text.value.decode().split("Version ")[1].split(" ")[0]


serve(f"oneMKL {version()}", gemm=Product)
