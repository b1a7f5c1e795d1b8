import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Gpu } from "../../src/device/gpu.js";
import { UsageError } from "../../src/error.js";
import { parseDevices } from "../../src/placement/parse-devices.js";
import { type DevicesPresent, placeWorkers, type WorkerPlace } from "../../src/placement/placement.js";

function gpu(id: string, name: string, software = false): Gpu {
  return { id, name, software, open: { device: "webgpu" }, environment: { CHOSEN: id } };
}

const A = gpu("8f6ab5a0-0000-4000-8000-000000000001", "NVIDIA A100-SXM4-40GB");
const B = gpu("8f6ab5a0-0000-4000-8000-000000000002", "NVIDIA A100-SXM4-40GB");
const H = gpu("a1000000-0000-4000-8000-000000000003", "NVIDIA H200");
const SOFT = gpu("53776966-7453-6861-6465-725555494400", "SwiftShader Device (Subzero)", true);
const TWIN = gpu(`${SOFT.id}#2`, SOFT.name, true);

const BARE: DevicesPresent = { cores: 8, gpus: [] };
const FULL: DevicesPresent = { cores: 8, gpus: [A, B, H, SOFT, TWIN] };
const SOFTWARE: DevicesPresent = { cores: 8, gpus: [SOFT, TWIN] };

const named = (text: string, present = FULL, workers?: number): WorkerPlace[] =>
  placeWorkers({ devices: parseDevices(text), workers }, present);
const gpusOf = (places: readonly WorkerPlace[]): (string | undefined)[] =>
  places.map(({ environment }) => environment?.CHOSEN);
const threadsOf = (places: readonly WorkerPlace[]): (number | undefined)[] => places.map(({ open }) => open.threads);

const count = fc.integer({ min: 1, max: 40 });
const present = fc.record({ cores: count, gpus: fc.subarray([A, B, H, SOFT, TWIN]) });

describe("placeWorkers, given a number of workers", () => {
  it("shares the cores of the CPU equally where there is no hardware GPU", () => {
    fc.assert(
      fc.property(count, count, fc.subarray([SOFT, TWIN]), (workers, cores, gpus) => {
        const threads = Math.max(1, Math.floor(cores / workers));
        expect(placeWorkers({ workers }, { cores, gpus })).toEqual(
          Array.from({ length: workers }, (_, worker) => ({
            label: `device-${worker}`,
            open: { device: "cpu", threads },
            describe: `CPU, ${threads} ${threads === 1 ? "thread" : "threads"}`,
          })),
        );
      }),
    );
  });

  it("deals them over the hardware GPUs where there are some", () => {
    expect(gpusOf(placeWorkers({ workers: 5 }, FULL))).toEqual([A, B, H, A, B].map(({ id }) => id));
    expect(gpusOf(placeWorkers({ workers: 1 }, FULL))).toEqual([A.id]);
    expect(placeWorkers({ workers: 1 }, FULL)[0]).toEqual({
      label: "device-0",
      open: { device: "webgpu" },
      environment: { CHOSEN: A.id },
      describe: `NVIDIA A100-SXM4-40GB, ${A.id}`,
    });
  });

  it.each([0, -1, 1.5, 1025, Number.NaN])("refuses %d", (workers) => {
    expect(() => placeWorkers({ workers }, BARE)).toThrow(
      new UsageError(`workers must be a whole number from 1 to 1024, got ${workers}`),
    );
  });
});

describe("placeWorkers, given devices", () => {
  it("places a worker for each time that a device is named", () => {
    const places = named("gpu*2, webgpu");
    expect(gpusOf(places)).toEqual([A, B, H, A, B, H, A].map(({ id }) => id));
    expect(gpusOf(named(`H200,H200,${TWIN.id}*2`))).toEqual([H, H, TWIN, TWIN].map(({ id }) => id));
  });

  it("takes the best GPU for webgpu, a software one where there is no other", () => {
    expect(gpusOf(named("webgpu"))).toEqual([A.id]);
    expect(gpusOf(named("webgpu", SOFTWARE))).toEqual([SOFT.id]);
  });

  it("gives the CPU workers the threads they name, and the others an equal part of the rest", () => {
    expect(threadsOf(named("cpu"))).toEqual([8]);
    expect(threadsOf(named("cpu*4"))).toEqual([2, 2, 2, 2]);
    expect(threadsOf(named("cpu:5,cpu,H200,cpu"))).toEqual([5, 1, undefined, 1]);
    expect(threadsOf(named("cpu:9,cpu"))).toEqual([9, 1]);
    expect(threadsOf(named("cpu:2", FULL, 3))).toEqual([2, 2, 2]);
    expect(threadsOf(named("cpu,H200", FULL, 5))).toEqual([2, undefined, 2, undefined, 2]);
  });

  it("deals a number of workers over them in their order", () => {
    const texts = fc.array(fc.constantFrom("cpu", "cpu:2", "gpu", "webgpu", "H200", "gpu*2"), { minLength: 1 });
    fc.assert(
      fc.property(texts, count, (words, extra) => {
        const once = named(words.join(","));
        const dealt = named(words.join(","), FULL, once.length + extra);
        expect(gpusOf(dealt)).toEqual(dealt.map((_, worker) => gpusOf(once)[worker % once.length]));
      }),
    );
  });

  it("numbers the labels, and never gives a CPU worker less than one thread", () => {
    const texts = fc.array(fc.constantFrom("cpu", "cpu:3", "cpu*7"), { minLength: 1 });
    fc.assert(
      fc.property(texts, present, (words, there) => {
        const places = named(words.join(","), there);
        expect(places.map(({ label }) => label)).toEqual(places.map((_, worker) => `device-${worker}`));
        for (const threads of threadsOf(places)) expect(threads).toBeGreaterThanOrEqual(1);
      }),
    );
  });

  it.each([
    ["part of the name", "h200", H],
    ["the whole id", B.id.toUpperCase(), B],
    ["the beginning of the id", "A1000", H],
    ["the id of the first twin", SOFT.id, SOFT],
    ["the id of the second twin", TWIN.id, TWIN],
    ["the beginning of the second twin's id", "5377#2", TWIN],
    ["the beginning of the first twin's id", "5377#1", SOFT],
  ])("finds a GPU by %s", (_, text, found) => {
    expect(gpusOf(named(text))).toEqual([found.id]);
  });

  it("lets a whole name win over a part of a longer one", () => {
    const gpus = [gpu("1", "NVIDIA A10"), gpu("2", "NVIDIA A100")];
    expect(gpusOf(named("nvidia a10", { cores: 1, gpus }))).toEqual(["1"]);
  });

  it.each<[string, string, DevicesPresent, string]>([
    [
      "a device that is not there, with the near word",
      "nvida",
      { cores: 8, gpus: [H, SOFT] },
      `no device "nvida": did you mean "NVIDIA"? there is cpu (8 cores), NVIDIA H200 (${H.id}), SwiftShader Device (Subzero) (${SOFT.id}, software)`,
    ],
    ["a device that is nowhere near", "Voodoo 2", BARE, 'no device "Voodoo 2": there is cpu (8 cores)'],
    ["a misspelled word", "cpuu", BARE, 'no device "cpuu": did you mean "cpu"? there is cpu (8 cores)'],
    [
      "a name that several have",
      "a100",
      { cores: 8, gpus: [A, B] },
      `device "a100" matches NVIDIA A100-SXM4-40GB (${A.id}), NVIDIA A100-SXM4-40GB (${B.id}): give the id, or enough of it to be the only one`,
    ],
    [
      "a beginning that twins share",
      "5377",
      SOFTWARE,
      `device "5377" matches SwiftShader Device (Subzero) (${SOFT.id}, software), SwiftShader Device (Subzero) (${TWIN.id}, software): give the id, or enough of it to be the only one`,
    ],
    ["an ordinal alone", "#2", SOFTWARE, `no device "#2": `],
    ["a third twin", "5377#3", SOFTWARE, `no device "5377#3": `],
    ["gpu where there is none", "gpu", BARE, 'device "gpu": no hardware GPU is there: use cpu'],
    [
      "gpu where there are software ones only",
      "gpu",
      SOFTWARE,
      'device "gpu": no hardware GPU is there: use cpu, or webgpu for the software GPU SwiftShader Device (Subzero), if `dawnpour devices` lists that',
    ],
    ["webgpu where there is none", "webgpu", BARE, 'device "webgpu": no GPU is there, no software one either: use cpu'],
  ])("refuses %s", (_, text, there, message) => {
    expect(() => named(text, there)).toThrow(UsageError);
    expect(() => named(text, there)).toThrow(message);
  });

  it("refuses fewer workers than devices, and more than can be", () => {
    expect(() => named("gpu,cpu", FULL, 2)).toThrow(
      new UsageError("2 workers cannot use 4 devices: name fewer devices, or ask for 4 workers"),
    );
    expect(() => named("cpu*1000,cpu*25")).toThrow(
      new UsageError("the devices named must make from 1 to 1024 workers, got 1025"),
    );
  });
});
