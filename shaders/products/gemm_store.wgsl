// Stores the sums of a gemm, after its epilogue in the order of `GemmOp` (src/program/ops/gemm.ts). Where K is split among
// workgroups, there is no epilogue yet: the sums of part s go to partial[s, M, N], and gemm_finish.wgsl adds the parts.
import constants::{M, N};
import package::shared::activation::{activate, derivative};
import package::operands::{
  read4_at,
  read4_bias,
  read4_out,
  write4_out,
  write4_partial,
  write4_pre_activation
};

// Stores those of the sums [row, column .. column + 3] that lie inside [M, N].
fn store(row: u32, column: u32, part: u32, sum: vec4f) {
  if (row >= M || column >= N) {
    return;
  }
  let index = row * N + column;
  @if(split) write4_partial(part * M * N + index, sum, N - column);
  @else finish(index, column, sum);
}

fn finish(index: u32, column: u32, sum: vec4f) {
  let count = N - column;
  var value = sum;
  @if(accumulate) value += read4_out(index);
  @if(bias) value += read4_bias(column);
  @if(pre_activation) write4_pre_activation(index, value, count);
  @if(activate) value = activate(value);
  @if(derivative) value *= derivative(read4_at(index));
  write4_out(index, value, count);
}
