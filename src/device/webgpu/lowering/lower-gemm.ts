/** Lowers a gemm: one kernel, or two when its K is split among workgroups. */
import type { View } from "../../../program/buffer.js";
import type { GemmOp } from "../../../program/op.js";
import { activates, derives } from "../conditions.js";
import { type GemmPlanner, type GemmShape, type GemmTile, tileSize } from "../gemm-tile.js";
import { type Kernel, type Operand, reads, type Target, workgroupsFor, writes } from "../kernel.js";
import type { Scratch } from "../scratch.js";

export function gemmShape(op: GemmOp): GemmShape {
  return { m: op.out.rows, n: op.out.columns, k: op.transposeA ? op.a.rows : op.a.columns };
}

export function lowerGemm(op: GemmOp, target: Target, scratch: Scratch, plan: GemmPlanner): Kernel[] {
  const shape = gemmShape(op);
  const { tile, parts: wanted } = plan(shape, target, op);
  const { m, n, k } = shape;
  const size = tileSize(tile, target);
  const tilesM = Math.ceil(m / size.m);
  const tilesN = Math.ceil(n / size.n);
  const partSteps = Math.ceil(Math.ceil(k / size.k) / wanted);
  const parts = Math.ceil(k / (size.k * partSteps));
  const split = parts > 1;
  const fused = epilogue(op);
  const partial = split ? scratch.take(parts, m * n) : undefined;

  const product: Kernel = {
    shader: `products/gemm_${tile.family}`,
    constants: {
      ...{ M: m, N: n, K: k, TILES_M: tilesM, TILES_N: tilesN, PARTS: parts, PART_STEPS: partSteps },
      ...tileConstants(tile, target),
    },
    conditions: [
      ...(op.transposeA ? ["transpose_a"] : []),
      ...(op.transposeB ? ["transpose_b"] : []),
      ...(parts * partSteps * size.k === k ? [] : ["ragged"]),
      ...(split ? ["split"] : fused.conditions),
    ],
    operands: [
      reads("a", op.a, op.a.columns % 4 === 0),
      reads("b", op.b, op.b.columns % 4 === 0),
      ...(partial ? [writes("partial", partial, n % 4 === 0)] : fused.operands),
    ],
    workgroups: tilesM * tilesN * parts,
  };
  return partial ? [product, finish(shape, parts, partial, fused)] : [product];
}

interface Epilogue {
  readonly conditions: readonly string[];
  readonly operands: readonly Operand[];
}

function epilogue(op: GemmOp): Epilogue {
  const fours = op.out.columns % 4 === 0;
  const conditions: string[] = [];
  const operands: Operand[] = [];
  if (op.accumulate) conditions.push("accumulate");
  if (op.bias) {
    conditions.push("bias");
    operands.push(reads("bias", op.bias, fours));
  }
  if (op.preActivation) {
    conditions.push("pre_activation");
    operands.push(writes("pre_activation", op.preActivation, fours));
  }
  if (op.activation !== "linear") conditions.push(...activates(op.activation));
  if (op.derivative) {
    conditions.push(...derives(op.derivative.activation));
    operands.push(reads("at", op.derivative.at, fours));
  }
  operands.push(writes("out", op.out, fours));
  return { conditions, operands };
}

function tileConstants(tile: GemmTile, target: Target): Record<string, number> {
  if (tile.family === "subgroup") {
    const lanes = target.lanes ?? 0;
    return { LANES: lanes, ROWS: tile.rows, BLOCKS: tile.blocks, OWN: tile.rows / lanes };
  }
  if (tile.family === "matrix") {
    const { subgroupsM, subgroupsN, blocksM, blocksN, depthBlocks } = tile;
    const { m, n, k } = tileSize(tile, target);
    const threads = (target.lanes ?? 0) * subgroupsM * subgroupsN;
    return {
      ...{ LANES: target.lanes ?? 0, SUBGROUPS_M: subgroupsM, SUBGROUPS_N: subgroupsN },
      ...{ UNIT_M: target.matrix?.m ?? 0, UNIT_N: target.matrix?.n ?? 0, UNIT_K: target.matrix?.k ?? 0 },
      ...{ BLOCKS_M: blocksM, BLOCKS_N: blocksN, DEPTH_BLOCKS: depthBlocks },
      FILL_A: Math.ceil((m * k) / 4 / threads),
      FILL_B: Math.ceil((n * k) / 4 / threads),
    };
  }
  const { threadsM, threadsN, blocksM, blocksN, depthBlocks } = tile;
  return {
    THREADS_M: threadsM,
    THREADS_N: threadsN,
    BLOCKS_M: blocksM,
    BLOCKS_N: blocksN,
    DEPTH_BLOCKS: depthBlocks,
    FILL_A: Math.ceil((4 * depthBlocks * blocksM) / threadsN),
    FILL_B: Math.ceil((4 * depthBlocks * blocksN) / threadsM),
  };
}

function finish({ m, n }: GemmShape, parts: number, partial: View, fused: Epilogue): Kernel {
  const groups = Math.ceil(n / 4);
  return {
    shader: "products/gemm_finish",
    constants: { M: m, N: n, PARTS: parts, GROUPS: groups },
    conditions: fused.conditions,
    operands: [reads("partial", partial, n % 4 === 0), ...fused.operands],
    workgroups: workgroupsFor(m * groups),
  };
}
