// The guard, as `GuardOp` (src/program/ops/guard.ts) defines it. One invocation is enough, because it computes three numbers.
import package::operands::{read_loss, read_norm, read_state, write_out, write_state};

@compute @workgroup_size(1)
fn main() {
  let is_open = read_state(0) != 0.0 && is_finite(read_norm(0)) && is_finite(read_loss(0));
  let open = select(0.0, 1.0, is_open);
  write_out(0, open);
  write_state(0, open);
  write_state(1, read_state(1) + open);
}

// Tests the bits, because some compilers assume that no number is infinite or NaN.
fn is_finite(number: f32) -> bool {
  return (bitcast<u32>(number) & 0x7f800000) != 0x7f800000;
}
