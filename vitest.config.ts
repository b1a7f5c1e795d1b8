/**
 * A process runs one test file after another, so that modules load once. A file whose name ends in `.alone.test.ts` has a process
 * of its own, for it changes what is global. Time limits only catch what hangs; nothing here measures speed.
 */
import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

const ALONE = "test/**/*.alone.test.ts";

export default defineConfig({
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: "shared",
          include: ["test/**/*.test.ts"],
          exclude: [ALONE],
          isolate: false,
          setupFiles: ["test/support/shared.ts"],
        },
      },
      { extends: true, test: { name: "alone", include: [ALONE] } },
    ],
    globalSetup: ["test/support/build.ts"],
    pool: "forks",
    // One more than there are cores: tests of real processes wait for seconds, until a failure is noticed.
    maxWorkers: availableParallelism() + 1,
    testTimeout: 240_000,
    hookTimeout: 120_000,
    teardownTimeout: 30_000,
  },
});
