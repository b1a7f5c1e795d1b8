// Dynamic loss scaling, as `LossScaleOp` (src/program/ops/loss-scale.ts) defines it. One invocation is enough, because it computes
// three numbers.
import constants::{GREATEST, INTERVAL, LEAST, MAXIMUM};
import package::operands::{read_norm, read_state, write_out, write_state};

@compute @workgroup_size(1)
fn main() {
  let norm = read_norm(0);
  let scale = read_state(0);
  let steps = read_state(1) + 1.0;
  // Tests the bits, because some compilers assume that no number is infinite or NaN.
  if ((bitcast<u32>(norm) & 0x7f800000) == 0x7f800000) {
    write_out(0, 0.0);
    write_state(0, max(LEAST, scale / 2.0));
    write_state(1, 0.0);
    return;
  }
  var clip = 1.0;
  @if(clip) {
    if (norm > MAXIMUM * scale) {
      clip = MAXIMUM * scale / norm;
    }
  }
  write_out(0, clip / scale);
  let longer = steps >= INTERVAL;
  write_state(0, select(scale, min(GREATEST, 2.0 * scale), longer));
  write_state(1, select(steps, 0.0, longer));
}
