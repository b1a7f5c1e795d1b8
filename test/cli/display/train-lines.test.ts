import { expect, test } from "vitest";
import { deviceLines } from "../../../src/cli/display/train-lines.js";

test("the devices of workers, equal ones together, and how many workers there are where they join and leave", () => {
  expect(deviceLines(["CPU"])).toEqual(["device  CPU"]);
  expect(deviceLines(["CPU", "CPU", "H200"])).toEqual(["workers 2 x CPU", "        1 x H200"]);
  expect(deviceLines(["CPU", "CPU", "CPU"], 1)).toEqual(["workers 1..3: 3 x CPU"]);
});
