/** A candidate in words. */
import type { Candidate } from "./space.js";

/** `lr=0.002 layers=784-256-32` */
export function candidateText(candidate: Candidate): string {
  return Object.entries(candidate)
    .map(([key, value]) => `${key}=${valueText(value)}`)
    .join(" ");
}

/** `784-256-32` for layers. */
export const valueText = (value: unknown): string => (Array.isArray(value) ? value.join("-") : String(value));
