/** `small-run.mjs` in Node, on the adapter that the environment names; prints the result as JSON. */
import { create } from "webgpu";
import { smallRun } from "./small-run.mjs";

const gpu = create([]);
console.log(JSON.stringify(await smallRun(gpu)));
