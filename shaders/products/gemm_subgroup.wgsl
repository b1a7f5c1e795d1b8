// out = epilogue(op(a) op(b)) for adapters whose subgroups have a fixed number of LANES (a multiple of 4). These are software
// adapters: a load from memory costs as much as a dozen multiplications, and workgroup memory is no faster than other memory.
//
// A workgroup is one subgroup, and computes a tile of ROWS x (LANES * 4 * BLOCKS) sums, all in registers. For each four steps of
// k a lane loads its own columns of op(b) as 4 x 4 blocks. One lane loads each element of op(a) once, and broadcasts it to the
// other lanes: not transposed, lane l holds op(a)[row + l, k .. k + 3]; transposed, it holds four rows of one k.
import constants::{BLOCKS, LANES, M, OWN, PART_STEPS, PARTS, ROWS, TILES_M, TILES_N};
import package::products::gemm_operands::{load_a, load_b};
import package::products::gemm_store::store;
import package::shared::grid::workgroup_index;

enable subgroups;

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(subgroup_invocation_id) lane: u32) {
  let work = workgroup_index(group);
  if (work >= TILES_M * TILES_N * PARTS) {
    return;
  }
  let part = work / (TILES_M * TILES_N);
  let first_row = work / TILES_N % TILES_M * ROWS;
  let first_column = (work % TILES_N * LANES * BLOCKS + lane) * 4;

  var sum: array<vec4f, ROWS * BLOCKS>;
  for (var step = 0u; step < PART_STEPS; step++) {
    let k = 4 * (part * PART_STEPS + step);
    var own: array<vec4f, OWN>;
    @unroll for (var i = 0u; i < OWN; i++) {
      @if(!transpose_a) own[i] = load_a(first_row + i * LANES + lane, k);
      @if(transpose_a) own[i] = load_a(first_row + i * LANES + lane / 4 * 4, k + lane % 4);
    }
    var b: array<mat4x4f, BLOCKS>;
    @unroll for (var j = 0u; j < BLOCKS; j++) {
      b[j] = block_b(k, first_column + j * LANES * 4);
    }
    @unroll for (var i = 0u; i < ROWS; i++) {
      @if(!transpose_a) let a = subgroupBroadcast(own[i / LANES], i % LANES);
      @if(transpose_a) let a = vec4f(
        subgroupBroadcast(own[i / LANES][i % 4], i % LANES / 4 * 4),
        subgroupBroadcast(own[i / LANES][i % 4], i % LANES / 4 * 4 + 1),
        subgroupBroadcast(own[i / LANES][i % 4], i % LANES / 4 * 4 + 2),
        subgroupBroadcast(own[i / LANES][i % 4], i % LANES / 4 * 4 + 3)
      );
      @unroll for (var j = 0u; j < BLOCKS; j++) {
        sum[i * BLOCKS + j] += b[j] * a;
      }
    }
  }

  // This loop is not unrolled, and goes over a copy: `sum` itself could not stay in registers if a variable indexed it.
  var done = sum;
  for (var row = first_row; row < min(first_row + ROWS, M); row++) {
    @unroll for (var j = 0u; j < BLOCKS; j++) {
      store(row, first_column + j * LANES * 4, part, done[(row - first_row) * BLOCKS + j]);
    }
  }
}

// Column q is op(b)[k + q, column .. column + 3], so that `block * a` adds up four steps of k for four columns.
fn block_b(k: u32, column: u32) -> mat4x4f {
  @if(!transpose_b) return mat4x4f(load_b(k, column), load_b(k + 1, column), load_b(k + 2, column), load_b(k + 3, column));
  @if(transpose_b) return transpose(
    mat4x4f(load_b(k, column), load_b(k, column + 1), load_b(k, column + 2), load_b(k, column + 3))
  );
}
