// The loss of each of LENGTH elements and, where the op has one, its gradient. Workgroup w adds up TURNS runs of 4 * WORKGROUP
// neighbours and writes the sum to partial[w]. total.wgsl adds those sums.
import constants::{LENGTH, TURNS, SCALE, WORKGROUP};
import package::shared::activation::sigmoid;
import package::shared::grid::workgroup_index;
import package::operands::{read4_input, read4_target, read_gradient_scale, write4_gradient, write_partial};
import package::shared::reduce::{sum4, workgroup_sum};

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let index = workgroup_index(group);
  var sum = 0.0;
  for (var turn = 0u; turn < TURNS; turn++) {
    let i = 4 * ((index * TURNS + turn) * WORKGROUP + thread);
    if (i < LENGTH) {
      let input = read4_input(i);
      let goal = read4_target(i);
      sum += sum4(loss(input, goal), LENGTH - i);
      @if(gradient) write4_gradient(i, gradient_scale() * slope(input, goal), LENGTH - i);
    }
  }
  let total = workgroup_sum(sum, thread);
  if (thread == 0 && index * TURNS * WORKGROUP * 4 < LENGTH) {
    write_partial(index, total);
  }
}

@if(gradient) fn gradient_scale() -> f32 {
  @if(gradient_scale) return read_gradient_scale(0) * SCALE;
  @else return SCALE;
}

fn loss(input: vec4f, goal: vec4f) -> vec4f {
  @if(mse) return (input - goal) * (input - goal);
  @if(bce) return select(input, vec4f(0.0), input < vec4f(0.0)) - input * goal + log_one_plus(exp(-abs(input)));
}

fn slope(input: vec4f, goal: vec4f) -> vec4f {
  @if(mse) return 2.0 * (input - goal);
  @if(bce) return sigmoid_minus(input, goal);
}

// sigmoid(z) - t. For z > 0 it is (1 - t) - sigmoid(-z), which keeps its digits where t is 1 and the sigmoid is close to 1. The
// rounding error of 1 - t is added back.
fn sigmoid_minus(z: vec4f, t: vec4f) -> vec4f {
  let tail = sigmoid(-abs(z));
  let rest = 1.0 - t;
  return select(tail - t, (rest - tail) + ((1.0 - rest) - t), z > vec4f(0.0));
}

// log(1 + u) for u in [0, 1], as 2 artanh(u / (2 + u)). It is exact to the last bits for a small u, which is lost in 1.0 + u.
fn log_one_plus(u: vec4f) -> vec4f {
  let s = u / (2.0 + u);
  let q = s * s;
  let series = 1.0 + q * (1.0 / 3.0 + q * (1.0 / 5.0 + q * (1.0 / 7.0 + q * (1.0 / 9.0 + q * (1.0 / 11.0 + q / 13.0)))));
  return 2.0 * s * series;
}
