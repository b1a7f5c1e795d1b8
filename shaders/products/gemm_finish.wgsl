// The second pass of a gemm whose K was split: adds the PARTS sums of each element, from the first to the last, and applies the
// epilogue. An invocation computes four neighbours of one row. GROUPS is the number of such groups in a row.
import constants::{GROUPS, M, N, PARTS, WORKGROUP};
import package::products::gemm_store::finish;
import package::shared::grid::workgroup_index;
import package::operands::read4_partial;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let work = workgroup_index(group) * WORKGROUP + thread;
  let row = work / GROUPS;
  let column = work % GROUPS * 4;
  if (row >= M) {
    return;
  }
  let index = row * N + column;
  var sum = vec4f(0.0);
  for (var part = 0u; part < PARTS; part++) {
    sum += read4_partial(part * M * N + index);
  }
  finish(index, column, sum);
}
