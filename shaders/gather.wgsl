// out[i, :] = SCALE * source[rows[i], :]. An invocation copies four neighbours of one row. The source is the whole table, or its
// rows FIRST to END, where the table is larger than one binding. Each dispatch then writes the rows of `out` whose source is among
// those.
import constants::{COLUMNS, COUNT, END, FIRST, GROUPS, ROWS, SCALE, WORKGROUP};
import package::shared::grid::workgroup_index;
import package::operands::{read4_source, read_rows, write4_out};

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  // Each row is GROUPS groups of four columns; the last group may be partial.
  let work = workgroup_index(group) * WORKGROUP + thread;
  let i = work / GROUPS;
  let column = work % GROUPS * 4;
  if (i >= ROWS) {
    return;
  }
  let row = min(read_rows(i), COUNT - 1);
  @if(segmented) {
    if (row < FIRST || row >= END) {
      return;
    }
  }
  write4_out(i * COLUMNS + column, SCALE * read4_source((row - FIRST) * COLUMNS + column), COLUMNS - column);
}
