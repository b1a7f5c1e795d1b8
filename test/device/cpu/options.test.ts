/** The options of a CPU device, its description, and its message when there is not enough memory. */
import { describe, expect, it } from "vitest";
import { usableCores } from "../../../src/device/cpu/cores.js";
import { cpuDeviceInfo, openCpuDevice } from "../../../src/device/cpu/cpu-device.js";
import { type CpuDeviceOptions, INSTRUCTION_SETS, type InstructionSet } from "../../../src/device/cpu/cpu-options.js";
import { DeviceLimitError } from "../../../src/device/device.js";
import { UsageError } from "../../../src/error.js";
import { ProgramBuilder } from "../../../src/program/program.js";

describe("the cpu device's options", () => {
  it("default to every core that is free to use and the best instruction set", () => {
    const info = cpuDeviceInfo();
    expect(info).toMatchObject({ kind: "cpu", software: true, driver: info.features[0] });
    expect(info.limits.threads).toBe(usableCores());
    expect(info.limits.memoryBytes).toBeGreaterThan(0);
    expect(info.features).toContain("portable");
  });

  it("show in the name, and the instruction set in the id", () => {
    const one = cpuDeviceInfo({ threads: 1, isa: "portable" });
    const three = cpuDeviceInfo({ threads: 3, isa: "portable" });
    expect(one.name).toMatch(/ \(portable, 1 thread\)$/);
    expect(three.name).toMatch(/ \(portable, 3 threads\)$/);
    expect(three.id).toBe(one.id);
    expect(one.id).toMatch(/:portable$/);
  });

  it("that make no difference to the bits leave their key as it is, and the others do not", () => {
    // The instruction set `portable` has a model of each unit.
    const bits = (options: CpuDeviceOptions) => cpuDeviceInfo({ isa: "portable", ...options }).bits;
    expect(bits({ threads: 1 })).toBe(bits({ threads: 3 }));
    expect(bits({ arithmetic: "fma" })).toBe(bits({ arithmetic: "auto" }));
    const others = [
      bits({}),
      bits({ unit: "amx" }),
      bits({ unit: "avx512-bf16" }),
      bits({ unit: "amx", arithmetic: "fma" }),
      bits({ unit: "amx", arithmetic: "bf16x2" }),
    ];
    expect(new Set(others).size).toBe(others.length);
  });

  it.each([0, -1, 1.5, 1025, Number.NaN])("refuse %d threads", (threads) => {
    expect(() => openCpuDevice({ threads })).toThrow(UsageError);
    expect(() => openCpuDevice({ threads })).toThrow(`threads must be a whole number from 1 to 1024, got ${threads}`);
  });

  it("refuse an unknown instruction set, and name the near one", () => {
    const isa = "avx51" as InstructionSet;
    expect(() => openCpuDevice({ isa })).toThrow(UsageError);
    expect(() => openCpuDevice({ isa })).toThrow('unknown instruction set "avx51": did you mean "avx512"?');
  });

  it("refuse an instruction set that the chip lacks", () => {
    const { features } = cpuDeviceInfo();
    // No chip has the instruction sets of all families of chips, so at least one is missing.
    const lacking = INSTRUCTION_SETS.find((isa) => !features.includes(isa));
    expect(() => cpuDeviceInfo({ isa: lacking })).toThrow(UsageError);
    expect(() => cpuDeviceInfo({ isa: lacking })).toThrow(
      `this CPU does not offer the instruction set "${lacking}": choose one of ${features.join(", ")}`,
    );
  });
});

describe("the cpu device's memory", () => {
  const huge = 2 ** 46;

  it("refuses a buffer that does not fit, with the limit, the need and what there is", () => {
    const device = openCpuDevice({ threads: 1 });
    expect(() => device.createBuffer("f32", huge, "images")).toThrow(DeviceLimitError);
    expect(() => device.createBuffer("f32", huge, "images")).toThrow(
      /^cpu device: limit memoryBytes: buffer "images" needs 268435456 MiB, \d+ MiB available; /,
    );
    device.destroy();
  });

  it("refuses a program that does not fit before anything is allocated", async () => {
    const device = openCpuDevice({ threads: 1 });
    const builder = new ProgramBuilder("big");
    const small = builder.buffer("small", "f32", [1]);
    builder.buffer("large", "u8", [huge]);
    await expect(device.compile(builder.fill({ value: 1, out: small }).build())).rejects.toThrow(
      /limit memoryBytes: program "big" needs/,
    );
    device.destroy();
  });

  it.each([0, -1, 1.5])("refuses a length of %d", (length) => {
    const device = openCpuDevice({ threads: 1 });
    expect(() => device.createBuffer("u8", length, "x")).toThrow(
      `buffer "x": length must be a whole number from 1, got ${length}`,
    );
    device.destroy();
  });
});
