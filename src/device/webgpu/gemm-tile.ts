/**
 * The choice of a gemm kernel: its family, the size of its tile, and the number of parts of K. No tile is the best on every GPU.
 * So tiles are plain data, listed here, and one function chooses.
 *
 * Three families:
 * - `subgroup` for software adapters, where every load is a gather and workgroup memory is no faster than other memory. It uses
 *   registers only, and one lane loads each element of op(a) once (shaders/products/gemm_subgroup.wgsl)
 * - `workgroup` for GPUs and for everything else (shaders/products/gemm_workgroup.wgsl)
 * - `matrix` for f16 factors on GPUs with subgroup matrices (shaders/products/gemm_matrix.wgsl)
 */
import type { GemmOp } from "../../program/op.js";
import type { MatrixUnit, Target } from "./kernel.js";

export interface SubgroupTile {
  readonly family: "subgroup";
  /** Rows of the tile; a multiple of the subgroup's lanes. */
  readonly rows: number;
  /** Blocks of four columns per lane. */
  readonly blocks: number;
}

export interface WorkgroupTile {
  readonly family: "workgroup";
  /** Invocations down and across a workgroup. */
  readonly threadsM: number;
  readonly threadsN: number;
  /** Blocks of 4 x 4 sums down and across an invocation. */
  readonly blocksM: number;
  readonly blocksN: number;
  /** Fours of k that are copied to workgroup memory at a time. */
  readonly depthBlocks: number;
}

export interface MatrixTile {
  readonly family: "matrix";
  /** Subgroups down and across a workgroup. */
  readonly subgroupsM: number;
  readonly subgroupsN: number;
  /** Matrices of the target's unit down and across a subgroup. */
  readonly blocksM: number;
  readonly blocksN: number;
  /** Units of k that are copied to workgroup memory at a time. */
  readonly depthBlocks: number;
}

export type GemmTile = SubgroupTile | WorkgroupTile | MatrixTile;

/** The sizes of op(a) op(b): [m, k] times [k, n]. */
export interface GemmShape {
  readonly m: number;
  readonly n: number;
  readonly k: number;
}

/** The kernel for one gemm: its tile, and the number of workgroups that share the sum over k of a tile. */
export interface GemmPlan {
  readonly tile: GemmTile;
  readonly parts: number;
}

/** Chooses the plan of `op`, whose sizes are `shape`. */
export type GemmPlanner = (shape: GemmShape, target: Target, op: GemmOp) => GemmPlan;

const workgroupTile = (
  threadsM: number,
  threadsN: number,
  blocksM: number,
  blocksN: number,
  depthBlocks: number,
): WorkgroupTile => ({ family: "workgroup", threadsM, threadsN, blocksM, blocksN, depthBlocks });

/** Largest first. */
export const WORKGROUP_TILES: readonly WorkgroupTile[] = [
  workgroupTile(16, 16, 2, 2, 4),
  workgroupTile(16, 16, 2, 1, 4),
  workgroupTile(16, 16, 1, 1, 4),
  workgroupTile(8, 8, 1, 1, 4),
];

/** The tiles for subgroups of `lanes` lanes, largest first. */
export function subgroupTiles(lanes: number): readonly SubgroupTile[] {
  return [
    { family: "subgroup", rows: 4 * lanes, blocks: 2 },
    { family: "subgroup", rows: 2 * lanes, blocks: 1 },
    { family: "subgroup", rows: lanes, blocks: 1 },
  ];
}

const matrixTile = (
  subgroupsM: number,
  subgroupsN: number,
  blocksM: number,
  blocksN: number,
  depthBlocks: number,
): MatrixTile => ({ family: "matrix", subgroupsM, subgroupsN, blocksM, blocksN, depthBlocks });

/** Largest first. */
const MATRIX_TILES: readonly MatrixTile[] = [
  matrixTile(2, 2, 4, 4, 2),
  matrixTile(2, 2, 2, 4, 2),
  matrixTile(2, 2, 2, 2, 2),
  matrixTile(1, 2, 2, 2, 2),
  matrixTile(1, 1, 1, 1, 2),
];

/** The tiles of subgroup matrices that fit the target, largest first; none on a target without subgroup matrices. */
function matrixTiles(target: Target): readonly MatrixTile[] {
  const { matrix, lanes, limits } = target;
  if (!matrix || !lanes) return [];
  return MATRIX_TILES.filter(
    (tile) =>
      lanes * tile.subgroupsM * tile.subgroupsN <= limits.maxComputeInvocationsPerWorkgroup &&
      matrixBytes(tile, matrix) <= limits.maxComputeWorkgroupStorageSize,
  );
}

/** Bytes of workgroup memory: both slices in f16 with their padding, and a matrix of f32 for each subgroup. */
function matrixBytes({ subgroupsM, subgroupsN, blocksM, blocksN, depthBlocks }: MatrixTile, unit: MatrixUnit): number {
  const padding = 8;
  const [sideM, sideN, depth] = [unit.m * blocksM * subgroupsM, unit.n * blocksN * subgroupsN, unit.k * depthBlocks];
  const slice = (side: number): number => side * depth + padding * Math.max(side, depth);
  return 2 * (slice(sideM) + slice(sideN)) + 4 * subgroupsM * subgroupsN * unit.m * unit.n;
}

/** Every tile that runs on the target. Tiles of the family `matrix` take factors of f16 only. */
export function gemmTiles(target: Target): readonly GemmTile[] {
  const { maxComputeInvocationsPerWorkgroup, maxComputeWorkgroupStorageSize } = target.limits;
  const workgroup = WORKGROUP_TILES.filter(
    (tile) =>
      tile.threadsM * tile.threadsN <= maxComputeInvocationsPerWorkgroup &&
      workgroupBytes(tile) <= maxComputeWorkgroupStorageSize,
  );
  const subgroup = target.lanes === undefined ? [] : subgroupTiles(target.lanes);
  return [...workgroup, ...subgroup, ...matrixTiles(target)];
}

/** The name of a tile, as `workgroup 16x16 2x2 4`, `subgroup 16x2` or `matrix 2x2 4x4 2`. No two tiles share a name. */
export function tileName(tile: GemmTile): string {
  if (tile.family === "subgroup") return `subgroup ${tile.rows}x${tile.blocks}`;
  if (tile.family === "matrix") {
    const { subgroupsM, subgroupsN, blocksM, blocksN, depthBlocks } = tile;
    return `matrix ${subgroupsM}x${subgroupsN} ${blocksM}x${blocksN} ${depthBlocks}`;
  }
  const { threadsM, threadsN, blocksM, blocksN, depthBlocks } = tile;
  return `workgroup ${threadsM}x${threadsN} ${blocksM}x${blocksN} ${depthBlocks}`;
}

function workgroupBytes({ threadsM, threadsN, blocksM, blocksN, depthBlocks }: WorkgroupTile): number {
  const bytesOfFour = 16;
  return 4 * depthBlocks * (threadsM * blocksM + threadsN * blocksN) * bytesOfFour;
}

/** Rows, columns and steps of k that one workgroup computes at a time. */
export function tileSize(tile: GemmTile, target: Target): GemmShape {
  if (tile.family === "subgroup") return { m: tile.rows, n: 4 * tile.blocks * (target.lanes ?? 0), k: 4 };
  if (tile.family === "matrix") {
    const { m, n, k } = target.matrix ?? NO_UNIT;
    return { m: m * tile.blocksM * tile.subgroupsM, n: n * tile.blocksN * tile.subgroupsN, k: k * tile.depthBlocks };
  }
  return { m: 4 * tile.threadsM * tile.blocksM, n: 4 * tile.threadsN * tile.blocksN, k: 4 * tile.depthBlocks };
}

const NO_UNIT: MatrixUnit = { m: 0, n: 0, k: 0 };

/** Number of workgroups that keep today's GPUs busy. A tile that gives fewer is too large. */
const BUSY_WORKGROUPS = 128;
/** A part of K shorter than this is not worth a second pass. */
const LEAST_PART = 256;
/** A gemm with fewer multiplications runs in less time than a large tile takes to compile. */
const SMALL_GEMM = 2 ** 18;

/** The default plan: good on every GPU, and the best on none. */
export const planGemm = (shape: GemmShape, target: Target, op: GemmOp): GemmPlan => {
  if (target.software && target.lanes !== undefined) {
    return { tile: planSubgroup(shape, target.lanes), parts: 1 };
  }
  const matrix = op.a.type === "f16" ? matrixTiles(target) : [];
  const workgroup = gemmTiles(target).filter((tile) => tile.family === "workgroup");
  return planBusy(shape, target, matrix.length > 0 ? matrix : workgroup);
};

/** With subgroups of four lanes a driver keeps no sums in registers, whatever the tile. There the largest tile loads least. */
function planSubgroup({ m, n, k }: GemmShape, lanes: number): SubgroupTile {
  const [large, medium, small] = subgroupTiles(lanes);
  if (m * n * k < SMALL_GEMM) return small;
  return lanes === 4 ? large : medium;
}

/** The largest tile that keeps the GPU busy; where none does, the sum over k is split. `tiles` has the largest first. */
function planBusy(shape: GemmShape, target: Target, tiles: readonly GemmTile[]): GemmPlan {
  const busy = tiles.find((tile) => countTiles(shape, tile, target) >= BUSY_WORKGROUPS);
  const tile = busy ?? tiles[tiles.length - 1];
  const wanted = Math.floor(BUSY_WORKGROUPS / countTiles(shape, tile, target));
  return { tile, parts: Math.max(1, Math.min(wanted, Math.floor(shape.k / LEAST_PART))) };
}

function countTiles(shape: GemmShape, tile: GemmTile, target: Target): number {
  const size = tileSize(tile, target);
  return Math.ceil(shape.m / size.m) * Math.ceil(shape.n / size.n);
}
