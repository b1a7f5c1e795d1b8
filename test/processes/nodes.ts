/** The processes of the nodes of a run, as the system lists them. */
import { execFile } from "node:child_process";
import { readdir } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";

/** All processes, with zombies: `pid ppid state command`. */
async function processes(): Promise<{ readonly pid: number; readonly parent: number; readonly state: string }[]> {
  const { stdout } = await promisify(execFile)("ps", ["-A", "-o", "pid=,ppid=,stat="]);
  return stdout
    .trim()
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .map(([pid, parent, state]) => ({ pid: Number(pid), parent: Number(parent), state }));
}

export class Nodes {
  readonly pids: readonly number[];

  constructor(pids: readonly number[]) {
    this.pids = pids;
  }

  get length(): number {
    return this.pids.length;
  }

  /** The processes that still exist, also as zombies. */
  async left(): Promise<number[]> {
    const there = (await processes()).map(({ pid }) => pid);
    return this.pids.filter((pid) => there.includes(pid));
  }

  /** Resolves when none is left. */
  async gone(): Promise<void> {
    while ((await this.left()).length > 0) await sleep(20);
  }
}

/** The children of the main process of a run. */
export async function livingNodes(main: number): Promise<Nodes> {
  const all = await processes();
  return new Nodes(all.filter(({ parent, state }) => parent === main && !state.startsWith("Z")).map(({ pid }) => pid));
}

/** The names of shared memory. The shared memory of a run has no name, so a run must not add any. */
export async function sharedMemory(): Promise<string[]> {
  return (await readdir("/dev/shm").catch(() => [])).sort();
}
