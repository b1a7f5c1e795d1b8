/**
 * Two lengths of the tests. `npm test` runs every kind of test. `npm run test:full` also runs tests that take minutes: long
 * trainings on each device, each tile, thousands of steps.
 */
export const FULL = process.env.DAWNPOUR_TESTS === "full";
