/** Whose gradient a fault damages, in words. */
import { workerName } from "../placement/names.js";

/** ` of worker-1`; nothing where it may be any worker's. */
export function ownerText(worker: number | undefined): string {
  return worker === undefined ? "" : ` of ${workerName(worker)}`;
}

/** `worker-1`; `gradient` where it may be any worker's. */
export function ownerTarget(worker: number | undefined): string {
  return worker === undefined ? "gradient" : workerName(worker);
}
