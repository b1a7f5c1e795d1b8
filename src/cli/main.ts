#!/usr/bin/env node
/** The program `dawnpour`. */
import { loadModule } from "../load-module.js";
import { shortage } from "../world/disk-error.js";

try {
  const { runProgram } = await loadModule<typeof import("./root-command.js")>("./root-command.js", import.meta.url);
  await runProgram();
} catch (error) {
  const [reason] = (error instanceof Error ? error.message : String(error)).split("\n");
  process.stderr.write(`dawnpour: cannot be loaded: ${shortage(error) ?? `${reason}: install it anew`}\n`);
  process.exitCode = 1;
}
