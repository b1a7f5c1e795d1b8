/**
 * A fault is a failure that is caused on purpose, at a known moment. It is plain data, and has a text: `kill worker-1 at step 200`.
 * `parse-faults.ts` reads such texts, `chaos.ts` draws random faults, `injector.ts` carries faults out.
 */
import { Definitions } from "../definitions.js";
import { durationText } from "../world/duration.js";
import type { FaultDefinition, UserAction } from "./definition.js";
import { type Cut, cut } from "./kinds/cut.js";
import { type Fail, fail } from "./kinds/fail.js";
import { type Flip, flip } from "./kinds/flip.js";
import { type Hang, hang } from "./kinds/hang.js";
import { type Join, join } from "./kinds/join.js";
import { type Kill, kill } from "./kinds/kill.js";
import { type Leave, leave } from "./kinds/leave.js";
import { type Lose, lose } from "./kinds/lose.js";
import { type Slow, slow } from "./kinds/slow.js";
import { type Spoil, spoil } from "./kinds/spoil.js";
import { type Tear, tear } from "./kinds/tear.js";

/** A fault without its moment. */
export type Action = Kill | Hang | Lose | Flip | Spoil | Cut | Fail | Tear | Slow | Join | Leave | UserAction;

/** The name of a kind of fault. */
export type FaultKind = Action["kind"];

/** Every kind of fault, also those that users add. The order matters for chaos: the same seed draws the same kinds. */
export const faultKinds = new Definitions<FaultDefinition<Action>>("action", [
  kill,
  hang,
  lose,
  flip,
  spoil,
  cut,
  fail,
  tear,
  slow,
  join,
  leave,
]);

/** When a fault strikes. */
export type Moment =
  /** Once `step` steps are committed. */
  | { readonly by: "step"; readonly step: number }
  /** This many milliseconds after training began. */
  | { readonly by: "time"; readonly milliseconds: number }
  /** When the checkpoint of this number is written; the first is 1. */
  | { readonly by: "checkpoint"; readonly checkpoint: number };

/** A fault: what it does, and when it strikes. */
export type Fault = Action & { readonly at: Moment };

/** `kill worker-1` */
export function actionText(action: Action): string {
  return faultKinds.get(action.kind).text(action);
}

/** `kill worker-1 at step 200`: the text that `parseFaults` reads as this fault. */
export function faultText(fault: Fault): string {
  return `${actionText(fault)} at ${momentText(fault.at)}`;
}

/** The target of a fault: a node, a device, `gradient` for a gradient of any worker, or `disk`. */
export function actionTarget(action: Action): string {
  return faultKinds.get(action.kind).target(action);
}

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
