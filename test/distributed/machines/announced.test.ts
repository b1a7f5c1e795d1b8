import fc from "fast-check";
import { expect, it } from "vitest";
import { announcedPlaces } from "../../../src/distributed/machines/announced.js";

const PLACE = {
  label: "device-0",
  describe: "CPU, 2 threads",
  open: { device: "cpu", threads: 2 },
  environment: { OMP_NUM_THREADS: "1" },
};

it("takes the devices that a machine announces, as they are", () => {
  const places = [PLACE, { label: "device-1", describe: "NVIDIA H200", open: { device: "webgpu", adapter: "H200" } }];
  expect(announcedPlaces({ places })).toEqual(places);
  expect(announcedPlaces({ places: [] })).toEqual([]);
});

it.each([
  ["a line break", { ...PLACE, describe: "CPU\ngiven up" }],
  ["signs that change a terminal", { ...PLACE, describe: "\u001b[2J" }],
  ["a long text", { ...PLACE, label: "x".repeat(201) }],
  ["another device", { ...PLACE, open: { device: "abacus" } }],
  ["more keys", { ...PLACE, open: { device: "cpu", planGemm: "mine" } }],
  ["no threads", { ...PLACE, open: { device: "cpu", threads: 0 } }],
])("takes nothing of an entry with %s", (_, place) => {
  expect(announcedPlaces({ places: [PLACE, place] })).toBeUndefined();
});

it("takes at most 256 devices of a machine", () => {
  expect(announcedPlaces({ places: new Array(256).fill(PLACE) })).toHaveLength(256);
  expect(announcedPlaces({ places: new Array(257).fill(PLACE) })).toBeUndefined();
});

it("never throws, whatever a member writes", () => {
  fc.assert(
    fc.property(fc.anything({ maxDepth: 4 }), (value) => {
      expect(announcedPlaces(value)).toBeUndefined();
    }),
  );
});
