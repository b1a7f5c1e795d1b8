// One dimension of a dispatch has at most 65535 workgroups. So every kernel is dispatched as a grid of GRID_X columns, and
// numbers its workgroups row by row. The last row may have more workgroups than there is work: those past the end return.
import constants::GRID_X;

fn workgroup_index(id: vec3u) -> u32 {
  return id.y * GRID_X + id.x;
}
