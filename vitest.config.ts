/**
 * A process runs one test file after another, so that modules load once. A test undoes what it changes for the whole
 * process. Time limits only catch what hangs; nothing here measures speed.
 */
import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    globalSetup: ["test/support/build.ts"],
    pool: "forks",
    isolate: false,
    // One more than there are cores: tests of real processes wait for seconds, until a failure is noticed.
    maxWorkers: availableParallelism() + 1,
    testTimeout: 240_000,
    hookTimeout: 120_000,
    teardownTimeout: 30_000,
  },
});
