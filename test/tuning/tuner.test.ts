import { describe, expect, it } from "vitest";
import { Callbacks } from "../../src/callbacks.js";
import { tileName, WORKGROUP_TILES } from "../../src/device/webgpu/gemm-tile.js";
import type { GemmOp } from "../../src/program/op.js";
import { type Program, ProgramBuilder } from "../../src/program/program.js";
import type { TuningEvent, TuningObserver } from "../../src/tuning/event.js";
import { GemmPlans } from "../../src/tuning/gemm-plans.js";
import { PlanCache } from "../../src/tuning/plan-cache.js";
import { type TuneOptions, Tuner } from "../../src/tuning/tuner.js";
import { SimulatedDisk } from "../../src/world/simulated/disk.js";
import { type Behaviour, FakeDevice } from "./fake-device.js";

/** The tiles, the largest first. The last one is the default for small gemms. */
const TILES = WORKGROUP_TILES.map(tileName);
const [LARGE, WIDE, SQUARE, DEFAULT] = TILES;
const FIRST = "8x12x5 nn f32 bias relu";
const SECOND = "5x12x8 tn f32";

/** Two gemms, one of them twice. */
function program(): Program {
  const builder = new ProgramBuilder("step");
  const [x, w, g] = [
    builder.buffer("x", "f32", [8, 5]),
    builder.buffer("w", "f32", [5, 12]),
    builder.buffer("g", "f32", [8, 12]),
  ];
  const bias = builder.buffer("bias", "f32", [12]);
  for (const name of ["h", "i"]) {
    builder.gemm({ a: x, b: w, bias, activation: "relu", out: builder.buffer(name, "f32", [8, 12]) });
  }
  return builder.gemm({ a: x, b: g, transposeA: true, out: builder.buffer("dw", "f32", [5, 12]) }).build();
}

interface Outcome {
  readonly tiles: Readonly<Record<string, string>>;
  readonly compiled: string[];
  readonly events: readonly TuningEvent[];
  readonly seconds: number;
}

function assertFails(): never {
  throw new Error("the observer fails");
}

/** Does what a new process does: opens the cache on `disk`, and tunes. */
async function tune(
  disk: SimulatedDisk,
  behaviour: Behaviour,
  options: TuneOptions & { readonly kernels?: string; readonly observer?: TuningObserver } = {},
): Promise<Outcome> {
  const plans = new GemmPlans();
  const fake = new FakeDevice(plans, behaviour);
  const events: TuningEvent[] = [];
  const callbacks = new Callbacks();
  const tell = callbacks.guarded(options.observer ?? ((event: TuningEvent) => events.push(event)));
  const warn = (message: string) => tell({ event: "warning", message });
  const { kernels = "1" } = options;
  const cache = await PlanCache.open({ disk, folder: "/cache", device: fake.device.info, kernels, warn });
  const tuner = new Tuner({ device: fake.device, plans, cache, clock: fake.clock, callbacks, tell });
  // A gemm that two programs have in common is raced once.
  await tuner.tune([program(), program()], options);
  const seconds = fake.now / 1000;
  const compiled = fake.compiled.splice(0);
  // The tile that the device would now use for each gemm.
  const step = program();
  for (const op of step.ops) await fake.device.compile({ ...step, ops: [op] });
  const [first, again, second] = fake.compiled;
  expect(again).toBe(first);
  return { tiles: { [FIRST]: first, [SECOND]: second }, compiled, events, seconds };
}

describe("tuner", () => {
  it.each<[string, TuningObserver]>([
    ["throws", () => assertFails()],
    ["rejects", async () => assertFails()],
  ])("fails with what an observer %s", async (_, observer) => {
    await expect(tune(new SimulatedDisk(), {}, { observer })).rejects.toThrow("the observer fails");
  });

  it("finds the fastest tile of each gemm, and remembers it", async () => {
    const disk = new SimulatedDisk();
    const { tiles, compiled, events } = await tune(disk, { times: { [WIDE]: 4 } });
    expect(tiles).toEqual({ [FIRST]: WIDE, [SECOND]: WIDE });
    expect(compiled.sort()).toEqual([...TILES, ...TILES].sort());
    expect(events).toEqual(
      [FIRST, SECOND].map((gemm, i) => {
        const tuning = { gemm, tile: WIDE, defaultTile: DEFAULT, raced: 4, defaultMs: 10, tileMs: 4 };
        return { event: "tuned", tuning, done: i + 1, total: 2 };
      }),
    );
    const later = await tune(disk, { times: { [WIDE]: 40 } });
    expect([later.tiles, later.compiled, later.events]).toEqual([tiles, [], []]);
  });

  it("passes over a tile that gives other bits, however fast", async () => {
    const { tiles } = await tune(new SimulatedDisk(), {
      times: { [WIDE]: 1, [SQUARE]: 5 },
      change: (op, tile) => (tile === WIDE ? { ...op, activation: "leaky-relu" } : op),
    });
    expect(tiles).toEqual({ [FIRST]: SQUARE, [SECOND]: SQUARE });
  });

  it("passes over a tile that computes nothing, although the right result still lies there", async () => {
    const { tiles } = await tune(new SimulatedDisk(), {
      times: { [LARGE]: 1 },
      change: (op, tile) => (tile === LARGE ? undefined : op),
    });
    expect(tiles).toEqual({ [FIRST]: DEFAULT, [SECOND]: DEFAULT });
  });

  it("passes over a tile that the driver refuses", async () => {
    const { tiles } = await tune(new SimulatedDisk(), { times: { [WIDE]: 1, [LARGE]: 2 }, refused: [WIDE] });
    expect(tiles).toEqual({ [FIRST]: LARGE, [SECOND]: LARGE });
  });

  it("does not let a device train that computes wrong by default", async () => {
    const tuning = tune(new SimulatedDisk(), { change: (op) => ({ ...op, activation: "tanh" }) });
    await expect(tuning).rejects.toThrow(
      /^gemm 8x12x5 nn f32 bias relu: reference .* computes it wrong, off by \d\.\de[+-]\d+, relative: use another device$/,
    );
  });

  it("races again when the kernels are new, where the holder must be beaten clearly", async () => {
    const disk = new SimulatedDisk();
    await tune(disk, { times: { [WIDE]: 4 } });
    const close = await tune(disk, { times: { [WIDE]: 4, [LARGE]: 3.95 } }, { kernels: "2" });
    expect(close.compiled).not.toEqual([]);
    expect(close.tiles).toEqual({ [FIRST]: WIDE, [SECOND]: WIDE });
    const beaten = await tune(disk, { times: { [WIDE]: 4, [LARGE]: 3 } }, { kernels: "3" });
    expect(beaten.tiles).toEqual({ [FIRST]: LARGE, [SECOND]: LARGE });
  });

  it("races again what it knows when told to", async () => {
    const disk = new SimulatedDisk();
    await tune(disk, { times: { [WIDE]: 4 } });
    const { tiles } = await tune(disk, { times: { [SQUARE]: 4 } }, { race: "all" });
    expect(tiles).toEqual({ [FIRST]: SQUARE, [SECOND]: SQUARE });
  });

  it("keeps to its time, the most work first, and does not come back to what it had none for", async () => {
    const disk = new SimulatedDisk();
    const { tiles, seconds } = await tune(disk, { times: { [WIDE]: 4 } }, { seconds: 0.4 });
    expect(tiles).toEqual({ [FIRST]: WIDE, [SECOND]: DEFAULT });
    expect(seconds).toBeLessThan(0.42);
    expect((await tune(disk, {})).compiled).toEqual([]);
  });

  it("keeps what it had when there is no time to race it again", async () => {
    const disk = new SimulatedDisk();
    const before = await tune(disk, { times: { [WIDE]: 4 } });
    const after = await tune(disk, { times: { [LARGE]: 4 } }, { race: "all", seconds: 0 });
    expect(after.tiles).toEqual(before.tiles);
  });

  it("keeps nothing of a race that it was told to end", async () => {
    const disk = new SimulatedDisk();
    const controller = new AbortController();
    const change = (op: GemmOp) => {
      controller.abort();
      return op;
    };
    const { compiled } = await tune(disk, { change }, { signal: controller.signal });
    expect(compiled.length).toBeGreaterThan(0);
    expect(disk.steps).toBe(0);
  });

  it("ends when told to", async () => {
    const disk = new SimulatedDisk();
    const { compiled } = await tune(disk, {}, { signal: AbortSignal.abort() });
    expect(compiled).toEqual([]);
    expect(disk.steps).toBe(0);
  });

  it("races nothing on a software adapter unasked, but uses what is known", async () => {
    const disk = new SimulatedDisk();
    const behaviour = { software: true, times: { [WIDE]: 4 } };
    const { tiles, compiled } = await tune(disk, behaviour);
    expect([tiles[FIRST], compiled]).toEqual([DEFAULT, []]);
    await tune(disk, behaviour, { race: "unknown" });
    expect((await tune(disk, behaviour)).tiles[FIRST]).toBe(WIDE);
  });

  it("takes a name that is no tile for none", async () => {
    const disk = new SimulatedDisk();
    await tune(disk, { times: { [WIDE]: 4 } });
    const [file] = await disk.list("/cache");
    const text = new TextDecoder().decode(await disk.read(`/cache/${file}`)).replaceAll(WIDE, "workgroup 9x9 9x9 9");
    await disk.write(`/cache/${file}`, [new TextEncoder().encode(text)]);
    expect((await tune(disk, {})).tiles).toEqual({ [FIRST]: DEFAULT, [SECOND]: DEFAULT });
  });

  it("works without a disk to write to", async () => {
    const disk = new SimulatedDisk();
    disk.failAfter(0, "EROFS");
    const { tiles, events } = await tune(disk, { times: { [WIDE]: 4 } });
    expect(tiles).toEqual({ [FIRST]: WIDE, [SECOND]: WIDE });
    expect(events.filter(({ event }) => event === "warning")).toHaveLength(1);
  });
});
