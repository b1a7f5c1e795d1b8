/** What layers refuse. */
import type { Scope } from "../scope.js";

export function checkRate(scope: Scope, rate: number): void {
  if (!(rate >= 0 && rate < 1)) scope.refuse(`rate must be from 0 to below 1, got ${rate}`);
}

export function checkNotNegative(scope: Scope, name: string, value: number): void {
  if (!(Number.isFinite(value) && value >= 0)) scope.refuse(`${name} must be a number from 0, got ${value}`);
}
