"""NumPy's products, which are those of its BLAS library: `python3 numpy_gemm.py`. The name tells which kernels that chose."""

import numpy as np
from threadpoolctl import threadpool_info

from serve import serve


class Product:
    def __init__(self, case, a, b):
        m, n, k = case["m"], case["n"], case["k"]
        self.a = a.reshape(k, m).T if case["transposeA"] else a.reshape(m, k)
        self.b = b.reshape(n, k).T if case["transposeB"] else b.reshape(k, n)
        self.out = np.empty((m, n), np.float32)

    def run(self, times):
        for _ in range(times):
            np.dot(self.a, self.b, out=self.out)

    def idle(self):
        pass

    def result(self):
        return self.out


def blas():
    [library] = [library for library in threadpool_info() if library["user_api"] == "blas"]
    return f"{library['internal_api']} {library['version']} {library['architecture']}"


serve(f"NumPy {np.__version__} ({blas()})", gemm=Product)
