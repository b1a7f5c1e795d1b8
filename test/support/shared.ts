/** Set-up of test files that share a process. It refuses new definitions, because the next file would find them in the tables. */
import { Definitions } from "../../src/definitions.js";

Definitions.prototype.add = ({ name }) => {
  throw new Error(`${name} is added for the whole process: let the name of this test file end in .alone.test.ts`);
};
