/**
 * What the head of a pipeline and its stages say to one another. Any message may be lost, doubled or late. Of the heads
 * that there were over time only the newest counts: its `term` is larger than theirs. Its orders are numbered; a stage
 * carries out each of them once, and says again what came of it when it is asked again.
 */
import type { Ref } from "../actor/ref.js";
import type { DeviceInfo } from "../device/device.js";
import type { VectorLocation } from "./memory.js";
import type { PassOf } from "./schedule.js";

export type Work =
  /** Compute the gradient of the batch, with the other stages, into the stage's range of `out`. */
  | { readonly kind: "step"; readonly out: VectorLocation }
  /** Copy the stage's range of the state into `vectors`. */
  | { readonly kind: "save"; readonly vectors: readonly VectorLocation[] }
  /** Take the test images through, with the other stages. */
  | { readonly kind: "evaluate" }
  /** Be done with what was ordered before. */
  | { readonly kind: "settle" };

export type Order =
  /** Take over the state that lies in `vectors`. */
  | { readonly kind: "restore"; readonly round: number; readonly vectors: readonly VectorLocation[] }
  /** Do the work in `round`; in the round before, go on by `sum` first. */
  | (Work & { readonly round: number; readonly sum?: VectorLocation });

/** What came of an order: at the last stage with the loss, or the squared error, and 0 elsewhere. Or why it came to nothing. */
export type Outcome = { readonly value: number } | { readonly error: string };

export interface Attached {
  readonly ref: Ref<ToStage>;
  readonly info: DeviceInfo;
}

export type ToStage =
  /** From a new head: leave what the one before has ordered. */
  | { readonly kind: "attach"; readonly term: number; readonly replyTo: Ref<Attached> }
  /** All stages are there: these are the neighbours. */
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
  /** From a neighbour: a micro-batch lies in the relay, on its way in the direction of `pass`. */
  | ({ readonly kind: "passed"; readonly term: number; readonly id: number } & PassOf)
  /** From a neighbour: it waits for a micro-batch on its way in the direction of `pass`. */
  | ({ readonly kind: "missing"; readonly term: number; readonly id: number } & PassOf)
  /** Lose your device. */
  | { readonly kind: "lose" }
  /** From itself: its device is gone. */
  | { readonly kind: "lost"; readonly why: string }
  /** From itself: time to look whether something is missing. */
  | { readonly kind: "look" };
