/** Workers and devices of a run, in words. */
import type { RunPlace } from "../training/event.js";

/** `3 workers, CPU, 1 thread each`, `NVIDIA H200` */
export function placeText({ kind, devices, least }: RunPlace): string {
  if (kind === "device") return devices[0] ?? "";
  const counts = new Map<string, number>();
  for (const device of devices) counts.set(device, (counts.get(device) ?? 0) + 1);
  const noun = kind === "pipeline" ? "stage" : "worker";
  const groups = [...counts].map(
    ([device, count]) => `${count} ${noun}${count === 1 ? "" : "s"}, ${device}${count === 1 ? "" : " each"}`,
  );
  const prefix = least === undefined ? "" : `at least ${least} of `;
  return `${kind === "pipeline" ? "a pipeline of " : prefix}${groups.join(" and ")}`;
}
