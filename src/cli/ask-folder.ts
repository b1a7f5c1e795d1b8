/** Where the last checkpoint of a run goes when its folder cannot be written: a person is asked; else to the system's folder for temporary files. */
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline/promises";
import type { AskFolder } from "../training/last-checkpoint.js";
import type { World } from "../world/world.js";
import type { Display } from "./interruption.js";

export function folderAsker(world: World, display: Display): AskFolder {
  if (process.stdin.isTTY && process.stderr.isTTY) return (problem) => askPerson(display, problem);
  let offered = false;
  return async (problem) => {
    if (offered) return undefined;
    offered = true;
    const folder = await temporaryFolder(world);
    display.line(`warning: ${problem}; the checkpoint goes to ${folder}`);
    return folder;
  };
}

async function askPerson(display: Display, problem: string): Promise<string | undefined> {
  display.close();
  display.line(`warning: ${problem}`);
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  // The prompt takes Ctrl-C for itself.
  prompt.on("SIGINT", () => process.kill(process.pid, "SIGINT"));
  try {
    return (await prompt.question("another folder for the run (empty: give it up): ")).trim() || undefined;
  } finally {
    prompt.close();
  }
}

/** A new folder that only this run has. */
async function temporaryFolder({ disk, clock }: World): Promise<string> {
  const first = join(tmpdir(), `dawnpour-run-${clock.date().toISOString().replace(/[^\d]/g, "")}`);
  for (let path = first, more = 2; ; path = `${first}-${more++}`) {
    if (await disk.claimFolder(path)) return path;
  }
}
