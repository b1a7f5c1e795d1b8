import { describe, expect, it } from "vitest";
import { DeviceLostError } from "../../../src/device/device.js";
import { openReferenceDevice } from "../../../src/device/reference/reference-device.js";
import { ProgramBuilder } from "../../../src/program/program.js";

describe("exact access", () => {
  it("keeps float64 through a program, where read rounds to float32", async () => {
    const device = openReferenceDevice();
    const builder = new ProgramBuilder("p");
    const [x, y] = [builder.buffer("x", "f32", [2]), builder.buffer("y", "f32", [2])];
    const executable = await device.compile(builder.scale({ input: x, factor: 1, out: y }).build());
    executable.buffer("x").writeExact(Float64Array.of(0.1), 1);
    executable.run();
    expect(executable.buffer("y").readExact(1)).toEqual(Float64Array.of(0.1));
    expect(await executable.buffer("y").read(1)).toEqual(Float32Array.of(0.1));
  });

  it("is a copy", () => {
    const buffer = openReferenceDevice().createBuffer("f32", 2, "x");
    const before = buffer.readExact();
    buffer.writeExact(Float64Array.of(1, 2));
    expect(before).toEqual(Float64Array.of(0, 0));
  });

  it("fails on a lost device", () => {
    const device = openReferenceDevice();
    const buffer = device.createBuffer("f32", 2, "x");
    device.destroy();
    expect(() => buffer.readExact()).toThrow(DeviceLostError);
    expect(() => buffer.writeExact(Float64Array.of(1))).toThrow(DeviceLostError);
  });
});
