// Ops on the column that the label of each of ROWS rows names. `take` reads the row's element in that column; an invocation does one
// row. `one_hot` writes a row with 1, or the row's value, in that column and zeros elsewhere; an invocation writes four columns of
// one row. A label past the end means the last of COLUMNS columns.
import constants::{COLUMNS, GROUPS, ROWS, WORKGROUP};
import package::shared::grid::workgroup_index;
import package::operands::{read_input, read_labels, read_values, write_out, write4_out};

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let work = workgroup_index(group) * WORKGROUP + thread;
  let i = work / GROUPS;
  if (i >= ROWS) {
    return;
  }
  @if(take) write_out(i, read_input(i * COLUMNS + label(i)));
  @if(one_hot) {
    let column = work % GROUPS * 4;
    let isIt = vec4u(column) + vec4u(0u, 1u, 2u, 3u) == vec4u(label(i));
    @if(values) let value = read_values(i);
    @if(!values) let value = 1.0;
    write4_out(i * COLUMNS + column, select(vec4f(0.0), vec4f(value), isIt), COLUMNS - column);
  }
}

fn label(i: u32) -> u32 {
  @if(float_labels) return u32(clamp(read_labels(i), 0.0, f32(COLUMNS - 1)));
  @if(!float_labels) return min(read_labels(i), u32(COLUMNS - 1));
}
