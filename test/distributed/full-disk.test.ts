/** The disk is full when a run on workers writes its last checkpoint. The test uses the built package, which starts processes. */
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { DistributedOptions } from "../../src/distributed/options.js";
import type { RunEvent } from "../../src/training/event.js";
import { PAUSES } from "../../src/training/run-folder/last-checkpoint.js";
import type { Disk, World } from "../../src/world/world.js";
import { CONFIG, smallDataset } from "../training/small-run.js";

const built = <T>(file: string): Promise<T> => import(new URL(`../../dist/${file}.js`, import.meta.url).href);
const { runDistributed, placeWorkers, parseDevices } =
  await built<typeof import("../../src/distributed.js")>("distributed");
const { nodeWorld } = await built<typeof import("../../src/world/node/world.js")>("world/node/world");

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "dawnpour-full-disk-"));
});
afterAll(() => rm(folder, { recursive: true }));

/** A world whose disk has no space for the files that `isFull` names. The pauses between tries are short. */
function fullWorld(isFull: (path: string) => boolean): World {
  const { disk, timers, ...world } = nodeWorld();
  const full: Partial<Disk> = {
    async write(path, parts) {
      if (isFull(path)) throw Object.assign(new Error(`ENOSPC, write '${path}'`), { code: "ENOSPC", syscall: "write" });
      return disk.write(path, parts);
    },
  };
  return {
    ...world,
    disk: new Proxy(disk, {
      get: (target, name: keyof Disk) => full[name] ?? target[name].bind(target),
    }),
    timers: { after: (pause, action) => timers.after(PAUSES.includes(pause) ? 10 : pause, action) },
  };
}

/** Starts a run on two workers. Returns it, with its warnings and its events. */
function start(
  out: string,
  isFull: (path: string, told: readonly string[]) => boolean,
  more: Partial<DistributedOptions> = {},
) {
  const told: string[] = [];
  const events: RunEvent[] = [];
  const run = runDistributed({
    world: fullWorld((path) => isFull(path, told)),
    dataset: smallDataset(),
    config: { ...CONFIG, parts: 2 },
    out: join(folder, out),
    places: placeWorkers({ devices: parseDevices("cpu:1*2") }, { gpus: [], cores: 2 }),
    observer(event) {
      events.push(event);
      if (event.event === "warning") told.push(event.message);
    },
    ...more,
  });
  return { run, told, events };
}

const LAST = "step-0000000010";
const isLast = (path: string): boolean => path.includes(LAST);
const problem = (out: string): string =>
  `cannot write the checkpoint "${join(folder, out, "checkpoints", LAST)}": no space is left on the disk; free some or choose another folder`;

describe("the last checkpoint of a run with workers", () => {
  it("is tried again, and is written when there is room", async () => {
    const { run, told } = start("again", (path, { length }) => isLast(path) && length < 2);
    expect(await run).toMatchObject({ step: 10, stopped: false });
    const tries = [1, 2].map((seconds) => `${problem("again")}; trying again in ${seconds} s`);
    expect(told).toEqual(tries);
    expect(await readdir(join(folder, "again", "checkpoints"))).toContain(LAST);
  });

  it("goes to another folder when that is offered, and the run with it", async () => {
    const problems: string[] = [];
    const { run, told, events } = start("small", (path) => isLast(path) && path.includes("/small"), {
      askFolder: async (message) => {
        problems.push(message);
        return join(folder, problems.length === 1 ? "small-too" : "roomy");
      },
    });
    const { folder: end, step } = await run;
    expect([end.path, step]).toEqual([join(folder, "roomy"), 10]);
    expect(problems).toEqual([problem("small"), problem("small-too")]);
    expect(told.length).toBe(PAUSES.length + 1);
    expect(events.filter(({ event }) => event === "checkpoint").at(-1)).toMatchObject({
      path: join(folder, "roomy", "checkpoints", LAST),
    });
    expect((await end.events()).map(({ event }) => event)).toEqual(events.map(({ event }) => event));
    const resumed = start("roomy", () => false, { resume: true });
    expect(await resumed.run).toMatchObject({ step: 10 });
  });

  it("fails the run when nothing helps, and keeps the checkpoints before", async () => {
    const { run } = start("lost", isLast);
    await expect(run).rejects.toThrow(problem("lost"));
    const resumed = start("lost", () => false, { resume: true });
    expect(await resumed.run).toMatchObject({ step: 10 });
    expect(resumed.events[0]).toMatchObject({ event: "start", step: 9 });
  });
});
