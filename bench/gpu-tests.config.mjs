/** The conformance tests as `gpu.mjs` runs them: what they test is built already, and there is no compiler to build it again. */
export default { test: { pool: "forks", testTimeout: 240_000, hookTimeout: 120_000 } };
