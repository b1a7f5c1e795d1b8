// The ops that compute element i of `out` from element i of their inputs, for LENGTH elements. An invocation computes four
// neighbours; the last may compute fewer. The condition names the op. FACTOR and VALUE are numbers of the op.
import constants::{FACTOR, LENGTH, VALUE, WORKGROUP};
import package::shared::activation::{activate, derivative};
import package::shared::grid::workgroup_index;
import package::operands::{read4_at, read4_b, read4_input, write4_out};

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let i = 4 * (workgroup_index(group) * WORKGROUP + thread);
  if (i >= LENGTH) {
    return;
  }
  write4_out(i, result(i), LENGTH - i);
}

fn result(i: u32) -> vec4f {
  @if(activate) return activate(read4_input(i));
  @if(activation_gradient) return read4_input(i) * derivative(read4_at(i));
  @if(scale) return FACTOR * read4_input(i);
  @if(add) return read4_input(i) + FACTOR * read4_b(i);
  @if(copy) return read4_input(i);
  @if(fill) return vec4f(VALUE);
  @if(clip_factor) return clip_factor(read4_input(i));
}

// min(1, maximum / norm), in a form that keeps a NaN.
@if(clip_factor) fn clip_factor(norm: vec4f) -> vec4f {
  return select(VALUE / norm, vec4f(1.0), norm <= vec4f(VALUE));
}
