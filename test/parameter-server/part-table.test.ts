/** Which worker has a part when several say that they have it. */
import { expect, test } from "vitest";
import { PartTable } from "../../src/parameter-server/part-table.js";

const [PARTS, WORKERS] = [2, 2];

const table = (): PartTable => new PartTable(PARTS, WORKERS, 0, 100, 0);

test("the worker with the later life of a part keeps it, whichever worker joins first", () => {
  const [older, newer] = [
    { part: 0, life: 5 },
    { part: 0, life: 6 },
  ];
  const first = table();
  first.keep(0, older);
  first.keep(1, newer);
  const second = table();
  second.keep(1, newer);
  second.keep(0, older);
  for (const one of [first, second]) {
    expect(one.livesOf(0)).toEqual([]);
    expect(one.livesOf(1)).toEqual([newer]);
  }
});
