// The sum over a workgroup, as a fixed binary tree. It has the same bits every time, and an error that grows with the logarithm
// of the length. Every invocation of the workgroup must call it. Only thread 0 may use the result.
import constants::WORKGROUP;

var<workgroup> sums: array<f32, WORKGROUP>;

fn workgroup_sum(value: f32, thread: u32) -> f32 {
  sums[thread] = value;
  for (var width = WORKGROUP / 2u; width > 0; width /= 2) {
    workgroupBarrier();
    if (thread < width) {
      sums[thread] += sums[thread + width];
    }
  }
  return sums[0];
}

// The sum of the first `count` components of a group of four.
fn sum4(value: vec4f, count: u32) -> f32 {
  let kept = select(vec4f(0.0), value, vec4u(0, 1, 2, 3) < vec4u(count));
  return (kept.x + kept.y) + (kept.z + kept.w);
}
