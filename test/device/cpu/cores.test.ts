/** The cores that a process may keep busy, under the limits of the control groups that containers are made of. */
import os from "node:os";
import { describe, expect, it } from "vitest";
import { cpuQuota, usableCores } from "../../../src/device/cpu/cores.js";

const from = (files: Readonly<Record<string, string>>) => (path: string) => files[path];
const V1_HEAD = "9:name=systemd:/\n4:memory:/docker/7f\n";

describe("usable cores", () => {
  it("are those of the affinity mask where nothing else limits them", () => {
    expect(usableCores(6, from({}))).toBe(6);
    expect(usableCores(6, from({ "/proc/self/cgroup": "0::/\n", "/sys/fs/cgroup/cpu.max": "max 100000\n" }))).toBe(6);
    expect(usableCores()).toBeLessThanOrEqual(os.availableParallelism());
  });

  it("are the whole ones of a quota of version 2, and one at least", () => {
    const under = (max: string) => from({ "/proc/self/cgroup": "0::/\n", "/sys/fs/cgroup/cpu.max": max });
    expect(usableCores(16, under("200000 100000\n"))).toBe(2);
    expect(usableCores(16, under("350000 100000\n"))).toBe(3);
    expect(usableCores(16, under("50000 100000\n"))).toBe(1);
    expect(usableCores(2, under("800000 100000\n"))).toBe(2);
  });

  it("are the fewest of all groups above the process", () => {
    const files = {
      "/proc/self/cgroup": "0::/system.slice/job.service/inner\n",
      "/sys/fs/cgroup/system.slice/job.service/cpu.max": "300000 100000\n",
      "/sys/fs/cgroup/system.slice/job.service/inner/cpu.max": "max 100000\n",
      "/sys/fs/cgroup/system.slice/cpu.max": "400000 100000\n",
    };
    expect(usableCores(16, from(files))).toBe(3);
  });

  it("follow version 1, whose controllers share a folder, and whose container is a path that it does not see", () => {
    const own = {
      "/sys/fs/cgroup/cpu/cpu.cfs_quota_us": "150000\n",
      "/sys/fs/cgroup/cpu/cpu.cfs_period_us": "50000\n",
    };
    expect(usableCores(16, from({ "/proc/self/cgroup": `${V1_HEAD}1:cpu:/docker/7f\n`, ...own }))).toBe(3);
    const shared = {
      "/proc/self/cgroup": `${V1_HEAD}2:cpu,cpuacct:/batch\n`,
      "/sys/fs/cgroup/cpu,cpuacct/batch/cpu.cfs_quota_us": "200000\n",
      "/sys/fs/cgroup/cpu,cpuacct/batch/cpu.cfs_period_us": "100000\n",
    };
    expect(usableCores(16, from(shared))).toBe(2);
  });

  it("have no limit by a quota of -1, a file cut short, or another controller's", () => {
    const unlimited = {
      "/proc/self/cgroup": "1:cpu:/a\n2:cpuset:/b\n",
      "/sys/fs/cgroup/cpu/a/cpu.cfs_quota_us": "-1\n",
      "/sys/fs/cgroup/cpu/a/cpu.cfs_period_us": "100000\n",
      "/sys/fs/cgroup/cpu/cpu.cfs_quota_us": "100000\n",
      "/sys/fs/cgroup/cpuset/b/cpu.cfs_quota_us": "100000\n",
    };
    expect(cpuQuota(from(unlimited))).toBe(Number.POSITIVE_INFINITY);
    expect(cpuQuota(from({ "/proc/self/cgroup": "garbage\n\n:::\n" }))).toBe(Number.POSITIVE_INFINITY);
  });
});
