/** What happens while a device is tuned, as it is told to observers. */

/** What is known of one gemm. */
export interface GemmTuning {
  /** Sizes, transposes, type and epilogue: `128x1000x784 nn f32 bias gelu`. */
  readonly gemm: string;
  readonly tile: string;
  readonly defaultTile: string;
  /** Tiles that were raced: those that the driver takes and that give the same bits. */
  readonly raced: number;
  /** Medians, milliseconds a run; undefined where time was up before there were any. */
  readonly defaultMs?: number;
  readonly tileMs?: number;
}

export type TuningEvent =
  /** One of `total` gemms has its tile. */
  | { readonly event: "tuned"; readonly tuning: GemmTuning; readonly done: number; readonly total: number }
  | { readonly event: "warning"; readonly message: string };

/** Is told of each event as it happens. */
export type TuningObserver = (event: TuningEvent) => unknown;
