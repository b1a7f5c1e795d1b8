/**
 * The choice of a gemm kernel: which family, how large a tile, how many parts of K. No tile is best everywhere, so
 * tiles are plain data, listed here, and chosen in one place.
 *
 * Two families:
 * - `subgroup` for adapters on the CPU, where every load is a gather and workgroup memory is no faster than other memory:
 *   registers only, and each element of op(a) loaded once by one lane (shaders/gemm_subgroup.wgsl)
 * - `workgroup` for GPUs and for everything else (shaders/gemm_workgroup.wgsl)
 */
import type { GemmOp } from "../../program/op.js";
import type { Target } from "./kernel.js";

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

export type GemmTile = SubgroupTile | WorkgroupTile;

/** The sizes of op(a) op(b): [m, k] times [k, n]. */
export interface GemmShape {
  readonly m: number;
  readonly n: number;
  readonly k: number;
}

/** The kernel for one gemm: its tile, and among how many workgroups the sum over k of each tile is split. */
export interface GemmPlan {
  readonly tile: GemmTile;
  readonly parts: number;
}

/** `shape` is that of `op`. */
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

/** The tiles of a subgroup of that many lanes, largest first. */
export function subgroupTiles(lanes: number): readonly SubgroupTile[] {
  return [
    { family: "subgroup", rows: 4 * lanes, blocks: 2 },
    { family: "subgroup", rows: 2 * lanes, blocks: 1 },
    { family: "subgroup", rows: lanes, blocks: 1 },
  ];
}

/** Every tile that runs on the target. */
export function gemmTiles(target: Target): readonly GemmTile[] {
  const { maxComputeInvocationsPerWorkgroup, maxComputeWorkgroupStorageSize } = target.limits;
  const workgroup = WORKGROUP_TILES.filter(
    (tile) =>
      tile.threadsM * tile.threadsN <= maxComputeInvocationsPerWorkgroup &&
      workgroupBytes(tile) <= maxComputeWorkgroupStorageSize,
  );
  return target.lanes === undefined ? workgroup : [...workgroup, ...subgroupTiles(target.lanes)];
}

/** `workgroup 16x16 2x2 4`, `subgroup 16x2`: one name for each tile. */
export function tileName(tile: GemmTile): string {
  if (tile.family === "subgroup") return `subgroup ${tile.rows}x${tile.blocks}`;
  const { threadsM, threadsN, blocksM, blocksN, depthBlocks } = tile;
  return `workgroup ${threadsM}x${threadsN} ${blocksM}x${blocksN} ${depthBlocks}`;
}

function workgroupBytes({ threadsM, threadsN, blocksM, blocksN, depthBlocks }: WorkgroupTile): number {
  const bytesOfFour = 16;
  return 4 * depthBlocks * (threadsM * blocksM + threadsN * blocksN) * bytesOfFour;
}

/** Rows, columns and steps of k that one workgroup does at a time. */
export function tileSize(tile: GemmTile, target: Target): GemmShape {
  return tile.family === "subgroup"
    ? { m: tile.rows, n: 4 * tile.blocks * (target.lanes ?? 0), k: 4 }
    : { m: 4 * tile.threadsM * tile.blocksM, n: 4 * tile.threadsN * tile.blocksN, k: 4 * tile.depthBlocks };
}

/** So many workgroups keep a GPU of today busy; a tile that yields fewer is too large. */
const BUSY_WORKGROUPS = 128;
/** A part of K shorter than this is not worth a second pass. */
const LEAST_PART = 256;
/** Multiplications below which a gemm takes less time to run than a large tile takes to compile. */
const SMALL_GEMM = 2 ** 18;

/** The plan that is good everywhere and best nowhere. */
export const planGemm = (shape: GemmShape, target: Target): GemmPlan =>
  target.software && target.lanes !== undefined
    ? { tile: planSubgroup(shape, target.lanes), parts: 1 }
    : planWorkgroup(shape, target);

/** Four lanes means a driver that keeps no sums in registers whatever the tile: there the largest loads least. */
function planSubgroup({ m, n, k }: GemmShape, lanes: number): SubgroupTile {
  const [large, medium, small] = subgroupTiles(lanes);
  if (m * n * k < SMALL_GEMM) return small;
  return lanes === 4 ? large : medium;
}

function planWorkgroup(shape: GemmShape, target: Target): GemmPlan {
  const tiles = gemmTiles(target).filter((tile) => tile.family === "workgroup");
  const busy = tiles.find((tile) => countTiles(shape, tile, target) >= BUSY_WORKGROUPS);
  const tile = busy ?? tiles[tiles.length - 1];
  const wanted = Math.floor(BUSY_WORKGROUPS / countTiles(shape, tile, target));
  return { tile, parts: Math.max(1, Math.min(wanted, Math.floor(shape.k / LEAST_PART))) };
}

function countTiles(shape: GemmShape, tile: GemmTile, target: Target): number {
  const size = tileSize(tile, target);
  return Math.ceil(shape.m / size.m) * Math.ceil(shape.n / size.n);
}
