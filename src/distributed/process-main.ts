/** Entry point of a node's process: see `node-process.ts`. */
import { loadModule } from "../load-module.js";

type NodeProcess = typeof import("./node-process.js");

const { runNodeProcess } = await loadModule<NodeProcess>("./node-process.js", import.meta.url);
await runNodeProcess();
