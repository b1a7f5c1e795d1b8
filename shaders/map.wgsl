// A formula over LENGTH elements. `result` is generated from its expression (src/device/webgpu/lowering/lower-map.ts). An
// invocation computes four neighbours; the last may compute fewer.
import constants::{LENGTH, WORKGROUP};
import package::expression::result;
import package::shared::grid::workgroup_index;
import package::operands::write4_out;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let i = 4 * (workgroup_index(group) * WORKGROUP + thread);
  if (i >= LENGTH) {
    return;
  }
  write4_out(i, result(i), LENGTH - i);
}
