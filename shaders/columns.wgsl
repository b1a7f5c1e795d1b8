// Copies columns: out[i, OUT_FIRST + j] = input[i, FIRST + j] for ROWS rows of WIDTH columns. Under the condition `transpose`:
// out[i, j] = input[j, i]. An invocation moves one element.
import constants::{COLUMNS, FIRST, OUT_COLUMNS, OUT_FIRST, ROWS, WIDTH, WORKGROUP};
import package::shared::grid::workgroup_index;
import package::operands::{read_input, write_out};

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let work = workgroup_index(group) * WORKGROUP + thread;
  let i = work / WIDTH;
  let j = work % WIDTH;
  if (i >= ROWS) {
    return;
  }
  @if(transpose) write_out(i * OUT_COLUMNS + j, read_input(j * COLUMNS + i));
  @if(!transpose) write_out(i * OUT_COLUMNS + OUT_FIRST + j, read_input(i * COLUMNS + FIRST + j));
}
