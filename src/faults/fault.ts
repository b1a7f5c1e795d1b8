/**
 * A fault is something that is made to fail on purpose, at a moment that is known beforehand: plain data, which reads as
 * it is written, `kill worker-1 at step 200`. `parse-faults.ts` reads the language, `chaos.ts` makes faults at random,
 * `injector.ts` carries them out.
 */

import { deviceName, workerName } from "../cluster/names.js";
import { durationText } from "../world/duration.js";

/** What a fault does. */
export type Action =
  /** The process of a node ends at once. */
  | { readonly kind: "kill"; readonly node: string }
  /** A node stands still for a while, with all that it is doing. */
  | { readonly kind: "hang"; readonly node: string; readonly milliseconds: number }
  /** All that a node sends, and all that is sent to it, is lost for a while. */
  | { readonly kind: "cut"; readonly node: string; readonly milliseconds: number }
  /** The device that a worker computes on is lost. */
  | { readonly kind: "lose"; readonly worker: number }
  /** One bit of a gradient is flipped after it was computed, or a number in it becomes NaN; undefined: anyone's. */
  | { readonly kind: "flip" | "spoil"; readonly worker?: number }
  /** `fail`: the write of a checkpoint fails, no space being left. `tear`: a written one is cut short, unnoticed. */
  | { readonly kind: "fail" | "tear" };

export type FaultKind = Action["kind"];

/** When a fault strikes. */
export type Moment =
  /** Once so many steps have been committed. */
  | { readonly by: "step"; readonly step: number }
  /** So long after training began. */
  | { readonly by: "time"; readonly milliseconds: number }
  /** As the checkpoint of this number is written; the first is 1. */
  | { readonly by: "checkpoint"; readonly checkpoint: number };

export type Fault = Action & { readonly at: Moment };

/** `kill worker-1` */
export function actionText(action: Action): string {
  switch (action.kind) {
    case "kill":
      return `kill ${action.node}`;
    case "hang":
    case "cut":
      return `${action.kind} ${action.node} for ${durationText(action.milliseconds)}`;
    case "lose":
      return `lose ${deviceName(action.worker)}`;
    case "flip":
      return `flip a gradient bit${owner(action.worker)}`;
    case "spoil":
      return `spoil a gradient${owner(action.worker)}`;
    case "fail":
      return "fail disk";
    case "tear":
      return "tear checkpoint";
  }
}

/** `kill worker-1 at step 200`: what `parseFaults` reads as this fault. */
export function faultText(fault: Fault): string {
  return `${actionText(fault)} at ${momentText(fault.at)}`;
}

/** Who a fault befalls: a node, a device, `gradient` when it may be anyone's, or `disk`. */
export function actionTarget(action: Action): string {
  switch (action.kind) {
    case "kill":
    case "hang":
    case "cut":
      return action.node;
    case "lose":
      return deviceName(action.worker);
    case "flip":
    case "spoil":
      return action.worker === undefined ? "gradient" : workerName(action.worker);
    case "fail":
    case "tear":
      return "disk";
  }
}

const owner = (worker: number | undefined): string => (worker === undefined ? "" : ` of ${workerName(worker)}`);

function momentText(moment: Moment): string {
  switch (moment.by) {
    case "step":
      return `step ${moment.step}`;
    case "time":
      return durationText(moment.milliseconds);
    case "checkpoint":
      return `checkpoint ${moment.checkpoint}`;
  }
}
