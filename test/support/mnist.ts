/**
 * Tests on the real MNIST, which never enters the repository: they look for it in `DAWNPOUR_DATA`. Where it is missing
 * they skip and say so, except in CI, where a missing data set is a failure, because skips are not read there.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "vitest";

const FIRST_FILE = "train-images-idx3-ubyte.gz";

/** As vitest's `describe`; `tests` gets the folder that holds the four files of MNIST. */
export function describeWithMnist(name: string, tests: (folder: string) => void): void {
  const data = process.env.DAWNPOUR_DATA;
  const folder = data && join(data, "mnist");
  if (folder && existsSync(join(folder, FIRST_FILE))) {
    describe(name, () => tests(folder));
    return;
  }
  const notice = `needs MNIST: ${FIRST_FILE} is not in ${folder ?? "DAWNPOUR_DATA, which is not set"}`;
  if (process.env.CI) {
    describe(name, () => {
      it("has its data", () => {
        throw new Error(notice);
      });
    });
    return;
  }
  console.warn(`${name}: skipped: ${notice}`);
  describe.skip(`${name} (${notice})`, () => tests(folder ?? ""));
}
