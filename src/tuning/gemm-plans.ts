/**
 * The planner of a tuned device: the tile chosen for a gemm of this key, else the default. Only the tile varies. The
 * number of parts that the sum over k is split into stays a function of the sizes, because it decides the order of
 * additions and so the last bits of a result.
 */
import { type GemmPlanner, type GemmTile, gemmTiles, planGemm, tileName } from "../device/webgpu/gemm-tile.js";
import type { Target } from "../device/webgpu/kernel.js";
import { gemmShape } from "../device/webgpu/lowering/lower-gemm.js";
import type { GemmOp } from "../program/op.js";
import { gemmKey } from "./gemm-key.js";

export class GemmPlans {
  /** Names of tiles by key. */
  readonly #chosen = new Map<string, string>();
  readonly #trials = new WeakMap<GemmOp, GemmTile | undefined>();
  #target: Target | undefined;

  /** The planner to give to the device. A name that is no tile of its adapter is ignored. */
  readonly plan: GemmPlanner = (shape, target, op) => {
    this.#target = target;
    const byDefault = planGemm(shape, target, op);
    const tile = this.#trials.has(op) ? this.#trials.get(op) : this.#chosenTile(op, target);
    return tile ? { ...byDefault, tile } : byDefault;
  };

  choose(key: string, name: string): void {
    this.#chosen.set(key, name);
  }

  /** This op object, not those of the same key, gets this tile; the default without one. */
  try(op: GemmOp, tile?: GemmTile): void {
    this.#trials.set(op, tile);
  }

  /**
   * The tiles worth trying for an op, the default first. They are of its family: each family is made for one kind of
   * adapter; on the other kind it takes seconds to compile and several times as long to run.
   */
  candidates(op: GemmOp): readonly GemmTile[] {
    if (!this.#target) throw new Error("Invariant violation: the device has planned no gemm yet");
    const { tile: byDefault } = planGemm(gemmShape(op), this.#target, op);
    const others = gemmTiles(this.#target).filter(
      (tile) => tile.family === byDefault.family && tileName(tile) !== tileName(byDefault),
    );
    return [byDefault, ...others];
  }

  #chosenTile(op: GemmOp, target: Target): GemmTile | undefined {
    const name = this.#chosen.get(gemmKey(op));
    return gemmTiles(target).find((tile) => tileName(tile) === name);
  }
}
