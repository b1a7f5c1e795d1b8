import { expect, test } from "vitest";
import { explain } from "../../../src/cluster/supervision/process-supervisor.js";

test.each([
  [{ signal: "SIGKILL" }, "its process was killed (SIGKILL)"],
  [{ signal: "SIGKILL", said: "a: out of luck" }, "its process was killed (SIGKILL)"],
  [{ code: 1 }, "its process ended by itself (exit code 1)"],
  [{ code: 1, said: "a: out of luck" }, "its process ended by itself (exit code 1): out of luck"],
  // Neither is why it ended.
  [{ code: 1, said: "a: warning: out of luck" }, "its process ended by itself (exit code 1)"],
  [{ code: 1, said: "Node.js v20.20.2" }, "its process ended by itself (exit code 1)"],
])("of %j it is said: %s", (exit, why) => {
  expect(explain("a", exit)).toBe(why);
});
