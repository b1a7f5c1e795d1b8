/**
 * How many cores this process may keep busy: those of its affinity mask, or fewer where a container grants it less CPU time.
 * More threads than the quota allows do not help: the kernel stops all of them for the rest of each period.
 */
import { readFileSync } from "node:fs";
import os from "node:os";
import { posix } from "node:path";

/** The text of a file; undefined when it cannot be read. */
export type ReadText = (path: string) => string | undefined;

/** The number of cores, at least 1. A fraction of a core in the quota is left to other processes. */
export function usableCores(cores = os.availableParallelism(), read: ReadText = readText): number {
  return Math.max(1, Math.min(cores, Math.floor(cpuQuota(read))));
}

/** CPU time that the control groups grant this process, in cores; Infinity where there is no limit, as outside Linux. */
export function cpuQuota(read: ReadText): number {
  const groups = (read("/proc/self/cgroup") ?? "").split("\n").map((line) => line.split(":"));
  const quotas = groups.flatMap(([, controllers, ...path]) => quotasOf(controllers, path.join(":"), read));
  return Math.min(Number.POSITIVE_INFINITY, ...quotas);
}

/** The quotas of one control group. Version 2 names no controllers and has a quota in one file; version 1 has it in two. */
function quotasOf(controllers: string | undefined, path: string, read: ReadText): number[] {
  if (controllers === "") {
    const roots = ["/sys/fs/cgroup", "/sys/fs/cgroup/unified"];
    return roots.flatMap((root) => upwards(root, path).map((folder) => quotient(read(`${folder}/cpu.max`))));
  }
  if (!controllers?.split(",").includes("cpu")) return [];
  const roots = ["/sys/fs/cgroup/cpu", `/sys/fs/cgroup/${controllers}`];
  return roots.flatMap((root) =>
    upwards(root, path).map((folder) =>
      quotient(`${read(`${folder}/cpu.cfs_quota_us`)} ${read(`${folder}/cpu.cfs_period_us`)}`),
    ),
  );
}

/** The group's folder and the folders above it, each of which may have a limit. In a container the group is often the root. */
function upwards(root: string, path: string): string[] {
  const parts = posix
    .normalize(path)
    .split("/")
    .filter((part) => part !== "" && part !== "..");
  return Array.from({ length: parts.length + 1 }, (_, depth) => [root, ...parts.slice(0, depth)].join("/"));
}

/** `200000 100000` is 2; `max 100000` and `-1 100000` have no limit. */
function quotient(text = ""): number {
  const [quota, period] = text.trim().split(/\s+/).map(Number);
  return quota > 0 && period > 0 ? quota / period : Number.POSITIVE_INFINITY;
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
