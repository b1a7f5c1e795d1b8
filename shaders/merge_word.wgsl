// memory[index] = (memory[index] & keep) | bits, with change = (index, keep, bits). It changes some bytes of a word and keeps the
// others.
@group(0) @binding(0) var<storage, read_write> memory: array<u32>;
@group(0) @binding(1) var<storage, read> change: array<u32, 3>;

@compute @workgroup_size(1)
fn main() {
  memory[change[0]] = (memory[change[0]] & change[1]) | change[2];
}
