// log(sum of exp(x)) for each of LINES lines, which are laid out as in reduce_lines.wgsl. An invocation computes one line, as
// m + log(sum of exp(x - m)) with its maximum m, which cannot overflow. It adds in runs of RUN.
import constants::{COUNT, LENGTH, LINES, LINE_STRIDE, RUN, STRIDE, WORKGROUP};
import package::shared::grid::workgroup_index;
import package::operands::{read_input, write_out};

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let line = workgroup_index(group) * WORKGROUP + thread;
  if (line >= LINES) {
    return;
  }
  let start = line * LINE_STRIDE;
  var most = read_input(start);
  for (var k = 1u; k < LENGTH && start + k * STRIDE < COUNT; k++) {
    let x = read_input(start + k * STRIDE);
    most = select(most, x, most < x);
  }
  var sum = 0.0;
  for (var first = 0u; first < LENGTH && start + first * STRIDE < COUNT; first += u32(RUN)) {
    sum += read_run(start, first, most);
  }
  write_out(line, most + log(sum));
}

fn read_run(start: u32, first: u32, most: f32) -> f32 {
  var sum = 0.0;
  for (var k = first; k < min(first + RUN, u32(LENGTH)) && start + k * STRIDE < COUNT; k++) {
    let x = read_input(start + k * STRIDE) - most;
    // Some drivers' exp loses a NaN.
    sum += select(exp(x), x, !(x <= 0.0));
  }
  return sum;
}
