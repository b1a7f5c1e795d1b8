/** Events of tuning, for observers. */

/** Result for one gemm. */
export interface GemmTuning {
  /** Sizes, transposes, type and epilogue: `128x1000x784 nn f32 bias gelu`. */
  readonly gemm: string;
  readonly tile: string;
  readonly defaultTile: string;
  /** Number of tiles raced: those that the driver accepts and that give the same bits. */
  readonly raced: number;
  /** Medians, milliseconds a run; undefined where the time was up before there was one. */
  readonly defaultMs?: number;
  readonly tileMs?: number;
}

/** An event of tuning. */
export type TuningEvent =
  /** One of `total` gemms has its tile. */
  | { readonly event: "tuned"; readonly tuning: GemmTuning; readonly done: number; readonly total: number }
  | { readonly event: "warning"; readonly message: string };

/** Called for each event. */
export type TuningObserver = (event: TuningEvent) => unknown;
