// How the gemm kernels read op(a) [M, K] and op(b) [K, N]: four elements at a time, along the direction in which they are
// neighbours in memory. Rows and columns past the edge read values that are never stored. Past the end of K all elements read as
// zero; under the condition `ragged` the loop over k goes further than K.
import constants::{K, M, N};
import package::operands::{read4_a, read4_b};

// Not transposed: op(a)[row, k .. k + 3]. Transposed: op(a)[row .. row + 3, k].
fn load_a(row: u32, k: u32) -> vec4f {
  @if(!transpose_a) return along_k(read4_a(min(row, M - 1) * K + k), k);
  @if(transpose_a) return across_k(read4_a(inside_k(k) * M + row), k);
}

// Not transposed: op(b)[k, column .. column + 3]. Transposed: op(b)[k .. k + 3, column].
fn load_b(k: u32, column: u32) -> vec4f {
  @if(!transpose_b) return across_k(read4_b(inside_k(k) * N + column), k);
  @if(transpose_b) return along_k(read4_b(min(column, N - 1) * K + k), k);
}

fn along_k(value: vec4f, k: u32) -> vec4f {
  @if(ragged) return select(vec4f(0.0), value, vec4u(k, k + 1, k + 2, k + 3) < vec4u(K));
  @else return value;
}

fn across_k(value: vec4f, k: u32) -> vec4f {
  @if(ragged) return select(vec4f(0.0), value, k < K);
  @else return value;
}

fn inside_k(k: u32) -> u32 {
  @if(ragged) return min(k, K - 1);
  @else return k;
}
