/**
 * Where the last checkpoint of a run goes when its folder cannot be written: the user is asked; without an answer, to
 * the system's folder for temporary files.
 */
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline/promises";
import type { AskFolder } from "../training/run-folder/last-checkpoint.js";
import type { World } from "../world/world.js";
import type { Display } from "./interruption.js";

/** A terminal that can ask the user. */
export interface Terminal {
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly output: NodeJS.WritableStream & { readonly isTTY?: boolean };
}

export function folderAsker(
  world: World,
  display: Display,
  terminal: Terminal = { input: process.stdin, output: process.stderr },
): AskFolder {
  if (terminal.input.isTTY && terminal.output.isTTY) return (problem) => askPerson(display, terminal, problem);
  let offered = false;
  return async (problem) => {
    if (offered) return undefined;
    offered = true;
    const folder = await temporaryFolder(world);
    display.line(`warning: ${problem}; the checkpoint goes to ${folder}`);
    return folder;
  };
}

async function askPerson(display: Display, terminal: Terminal, problem: string): Promise<string | undefined> {
  display.close();
  display.line(`warning: ${problem}`);
  const prompt = createInterface(terminal);
  // The prompt takes Ctrl-C for itself.
  prompt.on("SIGINT", () => process.kill(process.pid, "SIGINT"));
  // Ctrl-D, or a closed terminal, leaves the question open.
  const closed = new Promise<string>((resolve) => prompt.once("close", () => resolve("")));
  try {
    const answer = prompt.question("another folder for the run (empty: give up): ");
    return (await Promise.race([answer, closed])).trim() || undefined;
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
