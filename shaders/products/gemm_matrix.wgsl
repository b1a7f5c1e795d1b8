// out = epilogue(op(a) op(b)) of f16 factors, for GPUs with subgroup matrices (tensor cores): products of f16, sums in f32.
//
// A workgroup is SUBGROUPS_M x SUBGROUPS_N subgroups of LANES invocations. Each subgroup computes BLOCKS_M x BLOCKS_N matrices of
// UNIT_M x UNIT_N sums. In steps of DEPTH, slices of op(a) and op(b) are copied to workgroup memory, in their order in memory
// (along k or across it). Each line there has some padding: without it several lines would begin in the same bank, and be read
// one after the other.
//
// The chip decides which lane holds which element of a matrix. So sums go to the epilogue through workgroup memory, one matrix of
// each subgroup at a time.
import constants::{
  BLOCKS_M,
  BLOCKS_N,
  DEPTH_BLOCKS,
  FILL_A,
  FILL_B,
  LANES,
  PARTS,
  PART_STEPS,
  SUBGROUPS_M,
  SUBGROUPS_N,
  TILES_M,
  TILES_N,
  UNIT_K,
  UNIT_M,
  UNIT_N
};
import package::products::gemm_operands::{load_a, load_b};
import package::products::gemm_store::store;
import package::shared::grid::workgroup_index;
import package::products::subgroup_matrix::{
  col_major,
  row_major,
  subgroupMatrixLoad,
  subgroupMatrixMultiplyAccumulate,
  subgroupMatrixStore,
  subgroup_matrix_left,
  subgroup_matrix_result,
  subgroup_matrix_right
};

enable f16;
enable subgroups;
enable chromium_experimental_subgroup_matrix;
// A row of the workgroup is a subgroup, so a value that depends on the row alone is the same in all invocations of a subgroup.
// WGSL's analysis finds only values that are the same in all invocations of a workgroup.
diagnostic(off, chromium.subgroup_matrix_uniformity);

const THREADS = LANES * SUBGROUPS_M * SUBGROUPS_N;
const DEPTH = UNIT_K * DEPTH_BLOCKS;
const SIDE_M = UNIT_M * BLOCKS_M * SUBGROUPS_M;
const SIDE_N = UNIT_N * BLOCKS_N * SUBGROUPS_N;
const PAD = 8;

@if(!transpose_a) const LINE_A = DEPTH + PAD;
@if(!transpose_a) const LINES_A = SIDE_M;
@if(transpose_a) const LINE_A = SIDE_M + PAD;
@if(transpose_a) const LINES_A = DEPTH;
@if(!transpose_b) const LINE_B = SIDE_N + PAD;
@if(!transpose_b) const LINES_B = DEPTH;
@if(transpose_b) const LINE_B = DEPTH + PAD;
@if(transpose_b) const LINES_B = SIDE_N;

var<workgroup> slice_a: array<f16, LINES_A * LINE_A>;
var<workgroup> slice_b: array<f16, LINES_B * LINE_B>;
var<workgroup> finished: array<f32, SUBGROUPS_M * SUBGROUPS_N * UNIT_M * UNIT_N>;

@compute @workgroup_size(LANES, SUBGROUPS_M * SUBGROUPS_N)
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
  let first_row = work / TILES_N % TILES_M * SIDE_M;
  let first_column = work % TILES_N * SIDE_N;
  // The corner of this subgroup's matrices within the tile.
  let own_row = thread.y / SUBGROUPS_N * BLOCKS_M * UNIT_M;
  let own_column = thread.y % SUBGROUPS_N * BLOCKS_N * UNIT_N;

  var sum: array<subgroup_matrix_result<f32, UNIT_N, UNIT_M>, BLOCKS_M * BLOCKS_N>;
  for (var step = 0u; step < PART_STEPS; step++) {
    let k = DEPTH * (part * PART_STEPS + step);
    workgroupBarrier();
    @unroll for (var i = 0u; i < FILL_A; i++) {
      fill_a(first_row, k, i * THREADS + index);
    }
    @unroll for (var i = 0u; i < FILL_B; i++) {
      fill_b(first_column, k, i * THREADS + index);
    }
    workgroupBarrier();
    @unroll for (var d = 0u; d < DEPTH_BLOCKS; d++) {
      var b: array<subgroup_matrix_right<f16, UNIT_N, UNIT_K>, BLOCKS_N>;
      @unroll for (var j = 0u; j < BLOCKS_N; j++) {
        @if(!transpose_b) b[j] = subgroupMatrixLoad<subgroup_matrix_right<f16, UNIT_N, UNIT_K>, row_major>(
          &slice_b, d * UNIT_K * LINE_B + own_column + j * UNIT_N, LINE_B
        );
        @if(transpose_b) b[j] = subgroupMatrixLoad<subgroup_matrix_right<f16, UNIT_N, UNIT_K>, col_major>(
          &slice_b, (own_column + j * UNIT_N) * LINE_B + d * UNIT_K, LINE_B
        );
      }
      @unroll for (var i = 0u; i < BLOCKS_M; i++) {
        @if(!transpose_a) let a = subgroupMatrixLoad<subgroup_matrix_left<f16, UNIT_K, UNIT_M>, row_major>(
          &slice_a, (own_row + i * UNIT_M) * LINE_A + d * UNIT_K, LINE_A
        );
        @if(transpose_a) let a = subgroupMatrixLoad<subgroup_matrix_left<f16, UNIT_K, UNIT_M>, col_major>(
          &slice_a, d * UNIT_K * LINE_A + own_row + i * UNIT_M, LINE_A
        );
        @unroll for (var j = 0u; j < BLOCKS_N; j++) {
          sum[i * BLOCKS_N + j] = subgroupMatrixMultiplyAccumulate(a, b[j], sum[i * BLOCKS_N + j]);
        }
      }
    }
  }

  let place = thread.y * UNIT_M * UNIT_N;
  @unroll for (var i = 0u; i < BLOCKS_M; i++) {
    @unroll for (var j = 0u; j < BLOCKS_N; j++) {
      subgroupMatrixStore<row_major>(&finished, place, sum[i * BLOCKS_N + j], UNIT_N);
      workgroupBarrier();
      for (var item = 4 * thread.x; item < UNIT_M * UNIT_N; item += 4 * LANES) {
        let at = place + item;
        store(
          first_row + own_row + i * UNIT_M + item / UNIT_N,
          first_column + own_column + j * UNIT_N + item % UNIT_N,
          part,
          vec4f(finished[at], finished[at + 1], finished[at + 2], finished[at + 3])
        );
      }
      workgroupBarrier();
    }
  }
}

// Copies four elements of the slice of op(a) that starts at [row, k]. Neighbouring items are neighbours in memory.
fn fill_a(row: u32, k: u32, item: u32) {
  let line = item / ((LINE_A - PAD) / 4);
  let at = item % ((LINE_A - PAD) / 4) * 4;
  if (line >= LINES_A) {
    return;
  }
  @if(!transpose_a) let value = vec4h(load_a(row + line, k + at));
  @if(transpose_a) let value = vec4h(load_a(row + at, k + line));
  let to = line * LINE_A + at;
  slice_a[to] = value.x;
  slice_a[to + 1] = value.y;
  slice_a[to + 2] = value.z;
  slice_a[to + 3] = value.w;
}

fn fill_b(column: u32, k: u32, item: u32) {
  let line = item / ((LINE_B - PAD) / 4);
  let at = item % ((LINE_B - PAD) / 4) * 4;
  if (line >= LINES_B) {
    return;
  }
  @if(!transpose_b) let value = vec4h(load_b(k + line, column + at));
  @if(transpose_b) let value = vec4h(load_b(k + at, column + line));
  let to = line * LINE_B + at;
  slice_b[to] = value.x;
  slice_b[to + 1] = value.y;
  slice_b[to + 2] = value.z;
  slice_b[to + 3] = value.w;
}
