// What a GPU can do at most, in single precision: multiply-adds on registers alone, and a triad over memory.

override rounds: u32 = 1u;
// Whether to ask for a fused multiply-add by name. Drivers differ in which form they make fast.
override named: bool = false;

@group(0) @binding(0) var<storage, read> b: array<vec4f>;
@group(0) @binding(1) var<storage, read> c: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> a: array<vec4f>;

fn multiply_add(x: vec4f, scale: vec4f, offset: vec4f) -> vec4f {
  if (named) {
    return fma(x, scale, offset);
  }
  return x * scale + offset;
}

// Eight independent sums hide the latency, and fit the registers of a CPU's vector unit as well as a GPU's; eight steps
// a round make the loop itself cost next to nothing.
@compute @workgroup_size(64)
fn arithmetic(@builtin(global_invocation_id) id: vec3u) {
  let scale = b[0];
  let offset = c[0];
  var s = vec4f(id.xxxx);
  var t = s + 0.5;
  for (var round = 0u; round < rounds; round++) {
    s = multiply_add(s, scale, offset);
    t = multiply_add(t, scale, offset);
    s = multiply_add(s, scale, offset);
    t = multiply_add(t, scale, offset);
    s = multiply_add(s, scale, offset);
    t = multiply_add(t, scale, offset);
    s = multiply_add(s, scale, offset);
    t = multiply_add(t, scale, offset);
    s = multiply_add(s, scale, offset);
    t = multiply_add(t, scale, offset);
    s = multiply_add(s, scale, offset);
    t = multiply_add(t, scale, offset);
    s = multiply_add(s, scale, offset);
    t = multiply_add(t, scale, offset);
    s = multiply_add(s, scale, offset);
    t = multiply_add(t, scale, offset);
  }
  a[id.x] = s + t;
}

@compute @workgroup_size(64)
fn triad(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.y * groups.x * 64u + id.x;
  a[i] = b[i] + 3.0 * c[i];
}
