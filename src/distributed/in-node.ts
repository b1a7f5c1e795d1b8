/**
 * The processes of a run import the module of its strategy. A module that starts a run whenever it is imported would do so in
 * each of them, and they in theirs: processes without end.
 */
import { UsageError } from "../error.js";

/** Known to every copy of this package in the process. */
const NODE = Symbol.for("dawnpour.node");
const marks = process as { [NODE]?: string };

/** This process is a node of a run. */
export function markNode(name: string): void {
  marks[NODE] = name;
}

/** @throws UsageError in a process of a run */
export function refuseInNode(): void {
  const name = marks[NODE];
  if (name === undefined) return;
  throw new UsageError(
    `${name} of a run was asked to start another run: the module of a strategy must start none when it is imported; do so only if the module is the script, if (process.argv[1] === fileURLToPath(import.meta.url))`,
  );
}
