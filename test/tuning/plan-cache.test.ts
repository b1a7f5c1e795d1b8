import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { openReferenceDevice } from "../../src/device/reference/reference-device.js";
import { PlanCache } from "../../src/tuning/plan-cache.js";
import { SimulatedDisk } from "../../src/world/simulated/disk.js";

const { info } = openReferenceDevice();
const FOLDER = "/cache/tuning";

class Place {
  readonly disk = new SimulatedDisk();
  readonly warnings: string[] = [];

  open(kernels = "1", device = info): Promise<PlanCache> {
    const warn = (message: string) => this.warnings.push(message);
    return PlanCache.open({ disk: this.disk, folder: FOLDER, device, kernels, warn });
  }

  async save(entries: Readonly<Record<string, string>>): Promise<void> {
    const cache = await this.open();
    for (const [key, tile] of Object.entries(entries)) cache.set(key, tile);
    await cache.save();
  }

  /** The only file. */
  async file(): Promise<string> {
    const [name, ...others] = await this.disk.list(FOLDER);
    expect(others).toEqual([]);
    return `${FOLDER}/${name}`;
  }
}

const words = fc.string({ minLength: 1 }).filter((word) => word !== "__proto__");

describe("plan cache", () => {
  it("gives back what was saved", async () => {
    await fc.assert(
      fc.asyncProperty(fc.dictionary(words, words), async (entries) => {
        const place = new Place();
        await place.save(entries);
        const cache = await place.open();
        for (const [key, tile] of Object.entries(entries)) {
          expect([cache.holder(key), cache.isCurrent(key)]).toEqual([tile, true]);
        }
        expect(place.warnings).toEqual([]);
      }),
    );
  });

  it("is empty at first, without a warning", async () => {
    const place = new Place();
    const cache = await place.open();
    expect([cache.holder("a"), cache.isCurrent("a"), place.warnings]).toEqual([undefined, false, []]);
  });

  it("takes winners of another set of kernels for holders only, until they have won again", async () => {
    const place = new Place();
    await place.save({ a: "tile a", b: "tile b" });
    const cache = await place.open("2");
    expect([cache.holder("a"), cache.isCurrent("a")]).toEqual(["tile a", false]);
    cache.set("a", "tile c");
    await cache.save();
    const later = await place.open("2");
    expect([later.holder("a"), later.isCurrent("a")]).toEqual(["tile c", true]);
    expect([later.holder("b"), later.isCurrent("b")]).toEqual(["tile b", false]);
  });

  it("keeps devices and drivers apart", async () => {
    const place = new Place();
    await place.save({ a: "tile" });
    for (const other of [
      { ...info, id: "other" },
      { ...info, driver: "other" },
    ]) {
      expect((await place.open("1", other)).holder("a")).toBeUndefined();
    }
    expect(place.warnings).toEqual([]);
  });

  it("passes over a file of another device", async () => {
    const place = new Place();
    await place.save({ a: "tile" });
    const path = await place.file();
    const text = new TextDecoder().decode(await place.disk.read(path)).replace(info.id, "another");
    await place.disk.write(path, [new TextEncoder().encode(text)]);
    expect((await place.open()).holder("a")).toBeUndefined();
    expect(place.warnings).toEqual([`the tuning cache "${path}" is of another device or driver: it is ignored`]);
  });

  it("ignores a damaged file with one warning, and writes a sound one over it", async () => {
    const damaged = fc.oneof(
      fc.uint8Array({ maxLength: 64 }),
      fc.json().map((text) => new TextEncoder().encode(text)),
      fc.constant(new TextEncoder().encode('{"format":1,"device":"reference","driver":"TypeScript","gemms":{"a":1}}')),
    );
    await fc.assert(
      fc.asyncProperty(damaged, async (bytes) => {
        const place = new Place();
        await place.save({ a: "tile" });
        const path = await place.file();
        await place.disk.write(path, [bytes]);
        const cache = await place.open();
        expect(cache.holder("a")).toBeUndefined();
        expect(place.warnings).toEqual([`the tuning cache "${path}" is damaged: it is ignored`]);
        cache.set("b", "tile");
        await cache.save();
        expect((await place.open()).holder("b")).toBe("tile");
        expect(place.warnings).toHaveLength(1);
      }),
    );
  });

  it.each(["EROFS", "ENOSPC", "EACCES"])("warns once where it cannot be written (%s)", async (code) => {
    const whole = new Place();
    await whole.save({ a: "tile" });
    for (let step = 0; step < whole.disk.steps; step++) {
      const place = new Place();
      place.disk.failAfter(step, code);
      await place.save({ a: "tile" });
      expect(place.warnings).toEqual([expect.stringMatching(/^the result of tuning is not stored: cannot [^\n]*$/)]);
    }
  });
});
