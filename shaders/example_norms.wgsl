// The squared norms of the gradients of a dense layer, one for each of the ROWS examples. An example's gradient is the outer product
// of its row of the input and its row of the output's gradient, so its squared norm is the product of their squared norms. A bias
// counts as an input of 1. An invocation computes one example, and adds squares in runs of RUN.
import constants::{BIAS, COLUMNS, GRADIENT_COLUMNS, ROWS, RUN, WORKGROUP};
import package::shared::grid::workgroup_index;
import package::operands::{read_gradient, read_input, read_out, write_out};

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let row = workgroup_index(group) * WORKGROUP + thread;
  if (row >= ROWS) {
    return;
  }
  var of_input = f32(BIAS);
  for (var first = 0u; first < COLUMNS; first += u32(RUN)) {
    var sum = 0.0;
    for (var j = first; j < min(first + RUN, u32(COLUMNS)); j++) {
      let x = read_input(row * COLUMNS + j);
      sum += x * x;
    }
    of_input += sum;
  }
  var of_gradient = 0.0;
  for (var first = 0u; first < GRADIENT_COLUMNS; first += u32(RUN)) {
    var sum = 0.0;
    for (var j = first; j < min(first + RUN, u32(GRADIENT_COLUMNS)); j++) {
      let x = read_gradient(row * GRADIENT_COLUMNS + j);
      sum += x * x;
    }
    of_gradient += sum;
  }
  var norm = of_input * of_gradient;
  @if(accumulate) norm += read_out(row);
  write_out(row, norm);
}
