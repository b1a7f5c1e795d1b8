/** Texts for the worker whose gradient a fault damages. */
import { workerName } from "../placement/names.js";

/** ` of worker-1`; empty for any worker. */
export function ownerText(worker: number | undefined): string {
  return worker === undefined ? "" : ` of ${workerName(worker)}`;
}

/** `worker-1`; `gradient` for any worker. */
export function ownerTarget(worker: number | undefined): string {
  return worker === undefined ? "gradient" : workerName(worker);
}
