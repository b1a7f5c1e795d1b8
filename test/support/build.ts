/** Before any test runs: what is tested as users run it (the command line, the examples) is built from these sources. */
import { execFileSync } from "node:child_process";

export default function build(): void {
  // Types are checked by the test command, once and for everything.
  const args = ["node_modules/typescript/bin/tsc", "-p", "tsconfig.build.json", "--noCheck"];
  execFileSync(process.execPath, args, { stdio: "inherit" });
}
