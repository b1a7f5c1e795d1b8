/** A parent with three nodes, one of them suspended, which `host.test.ts` kills. It prints the process ids of the nodes. */
import { ProcessHost } from "../../../dist/transport/process/host.js";
import { createSharedMemory } from "../../../dist/transport/process/shared-memory.js";

const memory = createSharedMemory(1 << 20);
const host = new ProcessHost({ entry: new URL("./node.mjs", import.meta.url), memory: [memory] });
const main = host.join("main");
const nodes = ["a", "b", "c"].map((name) => host.start({ name, incarnation: 1, task: undefined }));
const ready = new Set();
main.onFrame((from) => {
  ready.add(from);
  if (ready.size < nodes.length) return;
  const message = { kind: "print", text: "a node prints" };
  main.send("a", {
    connection: [0, 0],
    sequence: 1,
    content: { kind: "message", to: { node: "a", path: "/server" }, message },
  });
  nodes[1].suspend();
  console.log(JSON.stringify(nodes.map(({ pid }) => pid)));
});
