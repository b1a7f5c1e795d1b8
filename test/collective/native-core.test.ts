/** The native core stays within memory: a call whose arguments have no room for what it writes is refused. */
import { afterAll, describe, expect, it } from "vitest";
import { type Arrival, bestInstructionSet, collectiveCore } from "../../src/collective/native-core.js";
import { cpuCore, type MemoryHandle } from "../../src/device/cpu/addon.js";

const core = collectiveCore();
const isa = bestInstructionSet();
const cpu = cpuCore();
const engine = cpu.open(isa, 1, undefined, 0, false);
const loss = cpu.allocate(4) as MemoryHandle;
afterAll(() => cpu.close(engine));

const own = [Float32Array.of(1, 2)] as const;
const arrival = (changed: Partial<Record<"memory" | "checksum" | "loss", unknown>>): Arrival => {
  const { memory, checksum, loss } = {
    ...{ memory: new ArrayBuffer(16), checksum: new BigUint64Array(1), loss: new Float64Array(1) },
    ...changed,
  };
  return [memory as ArrayBuffer, checksum as BigUint64Array, loss as Float64Array, 1, 0, 1, 0];
};

describe("the native core refuses", () => {
  it("a barrier without its memory", () => {
    for (const memory of [new ArrayBuffer(15), new Uint8Array(64), undefined]) {
      expect(() => core.openBarrier(memory as ArrayBuffer, 0)).toThrow("collective: no memory has the barrier");
      expect(() => core.closeBarrier(memory as ArrayBuffer, 0)).toThrow("collective: no memory has the barrier");
    }
  });

  it.each<readonly [string, Parameters<typeof arrival>[0], string]>([
    ["a barrier's memory", { memory: new ArrayBuffer(8) }, "no memory has the barrier"],
    ["a checksum's place", { checksum: new BigUint64Array(0) }, "no place for checksums"],
    ["a checksum's place of another type", { checksum: new Uint8Array(8) }, "no place for checksums"],
    ["a loss's place", { loss: new Float64Array(0) }, "no place for a loss"],
  ])("to meet without %s", (_, changed, sentence) => {
    const passed = new Uint8Array(1);
    expect(() => core.meet(isa, own, 0, ...arrival(changed))).toThrow(sentence);
    expect(() => core.meetInOrder(engine, own, loss, ...arrival(changed), passed)).toThrow(sentence);
  });

  it("a barrier call without a place for its result", () => {
    const meet = (passed: Uint8Array) => core.meetInOrder(engine, own, loss, ...arrival({}), passed);
    expect(() => meet(new Uint8Array(0))).toThrow("no place for whether all arrived");
  });

  it("a sum without a place for its findings", () => {
    for (const found of [new BigUint64Array(1), new Float64Array(2) as unknown as BigUint64Array]) {
      expect(() => core.sum(isa, own, undefined, found, 1)).toThrow("no place for checksums");
    }
  });

  it("no time that a clock cannot count", async () => {
    const memory = new ArrayBuffer(16);
    const number = core.openBarrier(memory, 0);
    for (const [round, milliseconds] of [Number.POSITIVE_INFINITY, 1e300, Number.NaN, -1].entries()) {
      const [, checksum, loss] = arrival({});
      // The only worker passes the barrier at once.
      expect(await core.meet(isa, own, 0, memory, checksum, loss, number, round, 1, milliseconds)).toBe(true);
    }
    const [, checksum, loss] = arrival({});
    expect(await core.meet(isa, own, 0, memory, checksum, loss, number, 4, 2, Number.NaN)).toBe(false);
  });
});
