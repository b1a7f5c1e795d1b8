/** How this program is called here, so that commands in hints can be copied. */
import { basename, relative } from "node:path";
import { shellWord } from "./command-line.js";

export interface Call {
  /** The script that Node runs, as an absolute path. */
  readonly script: string;
  readonly folder: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

const here = (): Call => ({ script: process.argv[1] ?? "", folder: process.cwd(), environment: process.env });

/** `dawnpour` where it is on the path, `npx dawnpour` in a project and in the clone, else `node` and the script. */
export function invocation({ script, folder, environment }: Call = here()): string {
  const { npm_command: npmCommand, npm_lifecycle_event: npmScript } = environment;
  const inProject = script.split(/[\\/]/).includes("node_modules");
  if (npmCommand === "exec" || npmScript !== undefined || inProject) return "npx dawnpour";
  if (basename(script) === "dawnpour") return "dawnpour";
  const path = relative(folder, script);
  return `node ${shellWord(path.startsWith("..") ? script : path)}`;
}

/** A text with its commands `dawnpour ...` as they work here, such as `npx dawnpour ...`. */
export function asCalled(text: string, call?: Call): string {
  const name = invocation(call);
  return name.startsWith("node ") ? text : text.replace(/(`|^ {2})dawnpour (?=[a-z])/gm, `$1${name} `);
}

/** A command of this program that can be pasted into a shell. */
export function commandText(words: readonly string[], call?: Call): string {
  return [invocation(call), ...words.map(shellWord)].join(" ");
}
