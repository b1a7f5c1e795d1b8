// out = epilogue(op(a) op(b)) for GPUs. A workgroup of THREADS_M x THREADS_N invocations computes a tile of TILE_M x TILE_N sums.
// In steps of DEPTH it copies a slice of op(a) and one of op(b) to workgroup memory. Then each invocation adds to its BLOCKS_M x
// BLOCKS_N blocks of 4 x 4 sums, which stay in registers.
//
// A slice is stored as vectors of four elements, in their order in memory (along k or across it). The four vectors of a 4 x 4
// block are a quarter of a slice row apart, so blocks are read in the same way in both cases, and neighbouring invocations read
// neighbouring vectors. Blocks with the other orientation are transposed in registers, which costs nothing.
import constants::{
  BLOCKS_M,
  BLOCKS_N,
  DEPTH_BLOCKS,
  FILL_A,
  FILL_B,
  PARTS,
  PART_STEPS,
  THREADS_M,
  THREADS_N,
  TILES_M,
  TILES_N
};
import package::products::gemm_operands::{load_a, load_b};
import package::products::gemm_store::store;
import package::shared::grid::workgroup_index;

const DEPTH = 4 * DEPTH_BLOCKS;
// Numbers of blocks of four rows, and of four columns, in a tile.
const SIDE_M = THREADS_M * BLOCKS_M;
const SIDE_N = THREADS_N * BLOCKS_N;

var<workgroup> slice_a: array<vec4f, DEPTH * SIDE_M>;
var<workgroup> slice_b: array<vec4f, DEPTH * SIDE_N>;

@compute @workgroup_size(THREADS_N, THREADS_M)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_id) thread: vec3u,
  @builtin(local_invocation_index) index: u32
) {
  let work = workgroup_index(group);
  if (work >= TILES_M * TILES_N * PARTS) {
    return;
  }
  let part = work / (TILES_M * TILES_N);
  let first_row = work / TILES_N % TILES_M * SIDE_M * 4;
  let first_column = work % TILES_N * SIDE_N * 4;

  var sum: array<vec4f, 4 * BLOCKS_M * BLOCKS_N>;
  for (var step = 0u; step < PART_STEPS; step++) {
    let k = DEPTH * (part * PART_STEPS + step);
    workgroupBarrier();
    @unroll for (var i = 0u; i < FILL_A; i++) {
      fill_a(first_row, k, i * THREADS_M * THREADS_N + index);
    }
    @unroll for (var i = 0u; i < FILL_B; i++) {
      fill_b(first_column, k, i * THREADS_M * THREADS_N + index);
    }
    workgroupBarrier();
    @unroll for (var d = 0u; d < DEPTH_BLOCKS; d++) {
      var b: array<mat4x4f, BLOCKS_N>;
      @unroll for (var j = 0u; j < BLOCKS_N; j++) {
        b[j] = block_b(d, thread.x + j * THREADS_N);
      }
      @unroll for (var i = 0u; i < BLOCKS_M; i++) {
        let a = block_a(d, thread.y + i * THREADS_M);
        @unroll for (var row = 0u; row < 4; row++) {
          @unroll for (var j = 0u; j < BLOCKS_N; j++) {
            sum[(4 * i + row) * BLOCKS_N + j] += b[j] * a[row];
          }
        }
      }
    }
  }

  @unroll for (var i = 0u; i < BLOCKS_M; i++) {
    @unroll for (var row = 0u; row < 4; row++) {
      @unroll for (var j = 0u; j < BLOCKS_N; j++) {
        store(
          first_row + 4 * (thread.y + i * THREADS_M) + row,
          first_column + 4 * (thread.x + j * THREADS_N),
          part,
          sum[(4 * i + row) * BLOCKS_N + j]
        );
      }
    }
  }
}

// Copies vector `item` of the slice of op(a) that starts at [row, k]. Neighbouring items are neighbours in memory.
fn fill_a(row: u32, k: u32, item: u32) {
  if (item >= DEPTH * SIDE_M) {
    return;
  }
  @if(!transpose_a) {
    let r = item / DEPTH_BLOCKS;
    let d = item % DEPTH_BLOCKS;
    slice_a[(4 * d + r % 4) * SIDE_M + r / 4] = load_a(row + r, k + 4 * d);
  }
  @if(transpose_a) {
    slice_a[item] = load_a(row + item % SIDE_M * 4, k + item / SIDE_M);
  }
}

fn fill_b(column: u32, k: u32, item: u32) {
  if (item >= DEPTH * SIDE_N) {
    return;
  }
  @if(!transpose_b) {
    slice_b[item] = load_b(k + item / SIDE_N, column + item % SIDE_N * 4);
  }
  @if(transpose_b) {
    let c = item / DEPTH_BLOCKS;
    let d = item % DEPTH_BLOCKS;
    slice_b[(4 * d + c % 4) * SIDE_N + c / 4] = load_b(k + 4 * d, column + c);
  }
}

// Column r is op(a)[4 * side + r, four steps of k].
fn block_a(d: u32, side: u32) -> mat4x4f {
  let at = 4 * d * SIDE_M + side;
  let stored = mat4x4f(slice_a[at], slice_a[at + SIDE_M], slice_a[at + 2 * SIDE_M], slice_a[at + 3 * SIDE_M]);
  @if(transpose_a) return transpose(stored);
  @else return stored;
}

// Column q is op(b)[step q of k, 4 * side .. 4 * side + 3].
fn block_b(d: u32, side: u32) -> mat4x4f {
  let at = 4 * d * SIDE_N + side;
  let stored = mat4x4f(slice_b[at], slice_b[at + SIDE_N], slice_b[at + 2 * SIDE_N], slice_b[at + 3 * SIDE_N]);
  @if(transpose_b) return transpose(stored);
  @else return stored;
}
