// The squared norm of what each of ROWS rows adds to the gradient of a dense layer: the product of the squared norms of a row of the input,
// with a 1 more for the bias, and of a row of the gradient. An invocation does a row, whose squares it adds in runs of RUN.
import constants::{BIAS, COLUMNS, GRADIENT_COLUMNS, ROWS, RUN, WORKGROUP};
import package::grid::workgroup_index;
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
