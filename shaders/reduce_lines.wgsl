// The sum or the maximum of each of LINES lines. Element k of line l is at l * LINE_STRIDE + k * STRIDE, and the last line ends
// at element COUNT. An invocation computes one line: first each run of RUN elements, then the combination of the runs, one after
// the other. So the rounding error of a long sum stays small. A sum is multiplied by FACTOR.
import constants::{COUNT, FACTOR, LENGTH, LINES, LINE_STRIDE, RUN, STRIDE, WORKGROUP};
import package::shared::grid::workgroup_index;
import package::operands::{read_input, write_out};

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let line = workgroup_index(group) * WORKGROUP + thread;
  if (line >= LINES) {
    return;
  }
  let start = line * LINE_STRIDE;
  var result = read_run(start, 0u);
  for (var first = u32(RUN); first < LENGTH && start + first * STRIDE < COUNT; first += u32(RUN)) {
    result = both(result, read_run(start, first));
  }
  @if(maximum) write_out(line, result);
  @if(!maximum) write_out(line, FACTOR * result);
}

fn read_run(start: u32, first: u32) -> f32 {
  var result = read_input(start + first * STRIDE);
  for (var k = first + 1u; k < min(first + RUN, u32(LENGTH)) && start + k * STRIDE < COUNT; k++) {
    result = both(result, read_input(start + k * STRIDE));
  }
  return result;
}

fn both(a: f32, b: f32) -> f32 {
  @if(maximum) return select(a, b, a < b);
  @if(!maximum) return a + b;
}
