import { readFile } from "node:fs/promises";
import { describe, expect, it, vi } from "vitest";
import { loadDataset } from "../../../src/data/load.js";
import { DataError } from "../../../src/error.js";
import { SimulatedWorld } from "../../../src/world/simulated/world.js";
import { putFiles } from "../files.js";

const CLAIM = 1 << 20;

async function load(bytes: Uint8Array): Promise<void> {
  const world = new SimulatedWorld();
  await putFiles(world.disk, "/own", { "a.arrow": bytes });
  await loadDataset("/own/a.arrow", { world, environment: {} });
}

/** The longest list that is made from an object with a length while `work` runs. */
async function longestList(work: () => Promise<void>): Promise<number> {
  let longest = 0;
  const { from } = Array;
  const spy = vi.spyOn(Array, "from").mockImplementation((source, entry) => {
    longest = Math.max(longest, (source as ArrayLike<unknown>).length ?? 0);
    return from(source, entry ?? ((value) => value));
  });
  await work().finally(() => spy.mockRestore());
  return longest;
}

describe("Arrow metadata", () => {
  it.each(["uncompressed.feather", "lz4.feather", "stream.arrows"])(
    "that claims a long list anywhere in %s makes no long list",
    async (name) => {
      const sound = new Uint8Array(await readFile(new URL(`../fixtures/${name}`, import.meta.url)));
      let refused = 0;
      for (let at = 0; at + 4 <= sound.length; at += 4) {
        const bytes = sound.slice();
        new DataView(bytes.buffer).setUint32(at, CLAIM, true);
        const longest = await longestList(() =>
          load(bytes).catch((error) => {
            expect(error).toBeInstanceOf(DataError);
            refused++;
          }),
        );
        expect(longest, `at ${at}`).toBeLessThanOrEqual(sound.length);
      }
      expect(refused).toBeGreaterThan(20);
    },
  );
});
