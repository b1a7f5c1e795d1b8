/** A format outside the library: its record is added to the table of formats, and then files of it can be read. */
import { beforeAll, describe, expect, it } from "vitest";
import type { Format } from "../../../src/data/formats/format.js";
import { formats } from "../../../src/data/formats/table.js";
import { loadDataset } from "../../../src/data/load.js";
import { SimulatedWorld } from "../../../src/world/simulated/world.js";
import { putFiles } from "../files.js";

const MAGIC = "raw4:";

/** Rows of four bytes after five letters. A text could begin with the same letters. */
const raw4: Format = {
  name: "test/raw4",
  endings: ["raw4"],
  recognises: (start) => new TextDecoder().decode(start.subarray(0, MAGIC.length)) === MAGIC,
  async open(bytes) {
    const count = (bytes.size - MAGIC.length) / 4;
    const rows = (start: number, end: number) => bytes.read(MAGIC.length + 4 * start, MAGIC.length + 4 * end);
    return [{ name: "", type: "uint8", shape: [count, 4], rows }];
  },
};

describe("a format of a user's own", () => {
  beforeAll(() => formats.add(raw4));

  it("is read as those of the library, before text is", async () => {
    const world = new SimulatedWorld();
    const rows = Array.from({ length: 48 }, (_, i) => 65 + i);
    await putFiles(world.disk, "/own", { "data.raw4": Uint8Array.from([...new TextEncoder().encode(MAGIC), ...rows]) });
    for (const path of ["/own/data.raw4", "/own"]) {
      const { train, test } = await loadDataset(path, { world, environment: {} });
      expect([...train.images, ...test.images]).toEqual(rows);
      expect([train.features, train.count + test.count]).toEqual([4, 12]);
    }
  });

  it("has a name of two words", () => {
    expect(() => formats.add({ ...raw4, name: "RAW" })).toThrow("two words with a slash between them");
  });
});
