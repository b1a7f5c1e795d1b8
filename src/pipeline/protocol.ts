/**
 * Messages between the driver of a pipeline and its stages. A message may be lost, doubled or late. Only the newest
 * driver counts: its `term` is larger than that of every earlier one. Its orders are numbered; a stage carries out each
 * order once, and repeats the outcome when it is asked again.
 */
import type { Ref } from "../actor/ref.js";
import type { DeviceInfo } from "../device/device.js";
import type { VectorLocation } from "./memory.js";
import type { PassOf } from "./pass-schedule.js";

export type Work =
  /** Compute the gradient of the batch, with the other stages, into the stage's range of `out`. */
  | { readonly kind: "step"; readonly out: VectorLocation }
  /** Copy the stage's range of the state to `vectors`. */
  | { readonly kind: "save"; readonly vectors: readonly VectorLocation[] }
  /** Take the test images through the stages. */
  | { readonly kind: "evaluate" }
  /** Finish what was ordered before. */
  | { readonly kind: "settle" };

export type Order =
  /** Restore the state in `vectors`. */
  | { readonly kind: "restore"; readonly round: number; readonly vectors: readonly VectorLocation[] }
  /** Do the work in `round`. A stage in the round before applies `sum` first. */
  | (Work & { readonly round: number; readonly sum?: VectorLocation });

/** Outcome of an order: at the last stage the loss, or the squared error; 0 elsewhere. Or the error. */
export type Outcome = { readonly value: number } | { readonly error: string };

export interface Attached {
  readonly ref: Ref<ToStage>;
  readonly info: DeviceInfo;
}

export type ToStage =
  /** From a new driver: drop the orders of the driver before. */
  | { readonly kind: "attach"; readonly term: number; readonly replyTo: Ref<Attached> }
  /** All stages are there; these are the neighbours. */
  | {
      readonly kind: "link";
      readonly term: number;
      readonly before?: Ref<ToStage>;
      readonly after?: Ref<ToStage>;
      readonly replyTo: Ref<Outcome>;
    }
  | {
      readonly kind: "order";
      readonly term: number;
      readonly id: number;
      readonly order: Order;
      readonly replyTo: Ref<Outcome>;
    }
  /** From a neighbour: a micro-batch is in the activation buffers, in the direction of `pass`. */
  | ({ readonly kind: "passed"; readonly term: number; readonly id: number } & PassOf)
  /** From a neighbour: it waits for a micro-batch in the direction of `pass`. */
  | ({ readonly kind: "missing"; readonly term: number; readonly id: number } & PassOf)
  /** Lose the device. */
  | { readonly kind: "lose" }
  /** From the stage itself: its device is lost. */
  | { readonly kind: "lost"; readonly why: string }
  /** From the stage itself: check whether input is missing. */
  | { readonly kind: "look" };
