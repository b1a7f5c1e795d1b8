/** The configuration of Vitest for `gpu.mjs`. It builds nothing: the machine has a copy of the build, and maybe no compiler. */
export default { test: { pool: "forks", testTimeout: 240_000, hookTimeout: 120_000 } };
