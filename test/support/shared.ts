/** For the test files that share a process: what one of them adds to a table of definitions, the next one would find there. */
import { Definitions } from "../../src/definitions.js";

Definitions.prototype.add = ({ name }) => {
  throw new Error(`${name} is added for the whole process: let the name of this test file end in .alone.test.ts`);
};
