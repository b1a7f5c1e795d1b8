// Adds up the rows of a [ROWS, COLUMNS] matrix in runs of RUN: out[r, :] = sum of input[r * RUN .. (r + 1) * RUN, :]. It is
// applied to its own output until one row is left, which makes a tree of fixed shape. An invocation does four columns of one run.
import constants::{COLUMNS, GROUPS, ROWS, RUN, RUNS, WORKGROUP};
import package::shared::grid::workgroup_index;
import package::operands::{read4_input, read4_out, write4_out};

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let work = workgroup_index(group) * WORKGROUP + thread;
  let run = work / GROUPS;
  let column = work % GROUPS * 4;
  if (run >= RUNS) {
    return;
  }
  var sum = vec4f(0.0);
  for (var row = run * RUN; row < min(run * RUN + RUN, ROWS); row++) {
    sum += read4_input(row * COLUMNS + column);
  }
  @if(accumulate) sum += read4_out(column);
  write4_out(run * COLUMNS + column, sum, COLUMNS - column);
}
