import { describe, expect, it } from "vitest";
import {
  checkWorkerCount,
  leastOf,
  mostOf,
  parseWorkers,
  type WorkerCount,
  workersText,
} from "../../src/placement/worker-count.js";

describe("the number of workers", () => {
  it("is one number, or the least and the most", () => {
    expect(parseWorkers("4")).toBe(4);
    const range = parseWorkers("2..8");
    expect(range).toEqual({ least: 2, most: 8 });
    expect([mostOf(4), mostOf(range), leastOf(4), leastOf(range)]).toEqual([4, 8, undefined, 2]);
    for (const text of ["4", "2..8", "1..1"]) expect(workersText(parseWorkers(text))).toBe(text);
  });

  it.each([
    ["0", "workers must be a whole number from 1 to 1024, got 0"],
    ["0..3", "workers must be a whole number from 1 to 1024, got 0"],
    ["1..2000", "workers must be a whole number from 1 to 1024, got 2000"],
    ["8..2", "workers 8..2: the least comes first: write 2..8"],
    ["-1", 'workers "-1": write a whole number, 4, or the least and the most, 2..8'],
    ["2..", 'workers "2..": write a whole number, 4, or the least and the most, 2..8'],
    ["", 'workers "": write a whole number, 4, or the least and the most, 2..8'],
  ])("%s is refused", (text, message) => {
    expect(() => parseWorkers(text)).toThrow(message);
  });

  it.each([
    ["2..8", '"2..8"'],
    [{ least: 2 }, '{"least":2}'],
    [{ most: 2 }, '{"most":2}'],
    [{ least: 2, most: 8, x: 1 }, '{"least":2,"most":8,"x":1}'],
    [[2, 8], "[2,8]"],
    [null, "null"],
  ])("%j from a program is refused, and the error names it", (workers, text) => {
    const way = "give a whole number, 4, or the least and the most, { least: 2, most: 8 }";
    expect(() => checkWorkerCount(workers as unknown as WorkerCount)).toThrow(`workers ${text}: ${way}`);
  });

  it("with an end that is no whole number is refused", () => {
    const range = { least: "1", most: 4 } as unknown as WorkerCount;
    expect(() => checkWorkerCount(range)).toThrow('workers must be a whole number from 1 to 1024, got "1"');
  });
});
