// Adds up the squares of LENGTH elements, as loss.wgsl adds up losses. total.wgsl adds these sums and takes the root.
import constants::{LENGTH, TURNS, WORKGROUP};
import package::shared::grid::workgroup_index;
import package::operands::{read4_input, write_partial};
import package::shared::reduce::{sum4, workgroup_sum};

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let index = workgroup_index(group);
  var sum = 0.0;
  for (var turn = 0u; turn < TURNS; turn++) {
    let i = 4 * ((index * TURNS + turn) * WORKGROUP + thread);
    if (i < LENGTH) {
      let input = read4_input(i);
      sum += sum4(input * input, LENGTH - i);
    }
  }
  let total = workgroup_sum(sum, thread);
  if (thread == 0 && index * TURNS * WORKGROUP * 4 < LENGTH) {
    write_partial(index, total);
  }
}
