// One optimizer step over LENGTH elements, four for each invocation. It reads parameter p, gradient g and the rule's state, and
// writes parameter and state. The rules are those of src/program/rules, in the same notation. The condition names the rule.
import constants::{BETA1, BETA2, EPSILON, LENGTH, MU, RHO, WEIGHT_DECAY, WORKGROUP};
import package::shared::grid::workgroup_index;
import package::operands::{
  read4_first,
  read4_gradients,
  read4_parameters,
  read4_second,
  read_gate,
  read_gradient_scale,
  read_scalars,
  write4_first,
  write4_parameters,
  write4_second
};

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let i = 4 * (workgroup_index(group) * WORKGROUP + thread);
  if (i >= LENGTH) {
    return;
  }
  // A factor of 0 means that the step is left out.
  @if(gradient_scale) {
    if (read_gradient_scale(0) == 0.0) {
      return;
    }
  }
  @if(gate) {
    if (read_gate(0) == 0.0) {
      return;
    }
  }
  let count = LENGTH - i;
  let rate = read_scalars(0);
  var p = read4_parameters(i);
  var g = read4_gradients(i);
  @if(gradient_scale) g *= read_gradient_scale(0);
  @if(decay && !adamw) g += WEIGHT_DECAY * p;
  @if(decay && adamw) p -= rate * WEIGHT_DECAY * p;

  @if(sgd) p -= rate * g;
  @if(momentum || nesterov) {
    let v = MU * read4_first(i) + g;
    write4_first(i, v, count);
    @if(momentum) p -= rate * v;
    @if(nesterov) p -= rate * (g + MU * v);
  }
  @if(adagrad || rmsprop) {
    @if(adagrad) let s = read4_first(i) + g * g;
    @if(rmsprop) let s = RHO * read4_first(i) + (1.0 - RHO) * g * g;
    write4_first(i, s, count);
    p -= rate * g / (sqrt(s) + EPSILON);
  }
  @if(adadelta) {
    let s = RHO * read4_first(i) + (1.0 - RHO) * g * g;
    let d = read4_second(i);
    let u = g * sqrt(d + EPSILON) / sqrt(s + EPSILON);
    write4_first(i, s, count);
    write4_second(i, RHO * d + (1.0 - RHO) * u * u, count);
    p -= rate * u;
  }
  @if(adam || adamw) {
    let m = BETA1 * read4_first(i) + (1.0 - BETA1) * g;
    let v = BETA2 * read4_second(i) + (1.0 - BETA2) * g * g;
    write4_first(i, m, count);
    write4_second(i, v, count);
    p -= rate * (m / read_scalars(1)) / (sqrt(v / read_scalars(2)) + EPSILON);
  }
  write4_parameters(i, p, count);
}
