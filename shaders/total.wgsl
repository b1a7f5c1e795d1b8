// The second stage of a loss or a norm. One workgroup adds the COUNT partial sums in a fixed order, and scales the sum or takes
// its root.
import constants::{COUNT, SCALE, WORKGROUP};
import package::operands::{read_partial, write_total};
import package::shared::reduce::workgroup_sum;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(local_invocation_index) thread: u32) {
  var sum = 0.0;
  for (var i = thread; i < COUNT; i += WORKGROUP) {
    sum += read_partial(i);
  }
  let total = workgroup_sum(sum, thread);
  if (thread == 0) {
    @if(root) write_total(0, sqrt(total));
    @else write_total(0, SCALE * total);
  }
}
