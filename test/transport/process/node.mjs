/** The program of the nodes in `host.test.ts`: an actor at /server, which does what messages ask. */
import { ActorSystem } from "../../../dist/actor/system.js";
import { Node } from "../../../dist/transport/node.js";
import { joinParent } from "../../../dist/transport/process/child.js";
import { openSharedMemory } from "../../../dist/transport/process/shared-memory.js";
import { nodeWorld } from "../../../dist/world/node/world.js";

const { spec, transport, memory, giveUp } = await joinParent();
const vectors = memory.map(({ fd, bytes }) => new Float32Array(openSharedMemory(fd, bytes).buffer));
const system = new ActorSystem({ world: nodeWorld(), node: spec.name, incarnation: spec.incarnation });
const node = new Node(system, transport, { heartbeat: 50, timeout: 500 });

const seen = [];

function server(context) {
  const orders = {
    echo: ({ value, replyTo }) => replyTo.tell(value),
    describe: ({ variable, replyTo }) =>
      replyTo.tell({ spec, variable: process.env[variable], channel: process.env.DAWNPOUR_CHANNEL }),
    note: ({ value }) => seen.push(value),
    seen: ({ replyTo }) => replyTo.tell(seen),
    send: ({ to, count }) => {
      for (let i = 0; i < count; i++) node.at(to, "/server").tell({ kind: "note", value: i });
    },
    pass: ({ to, value, replyTo }) => node.at(to, "/server").tell({ kind: "echo", value, replyTo }),
    fill: ({ value, replyTo }) => {
      vectors[0].fill(value);
      replyTo.tell(vectors.length);
    },
    total: ({ replyTo }) => replyTo.tell(vectors[0].reduce((sum, value) => sum + value, 0)),
    observe: ({ to, replyTo }) => {
      context.watch(node.at(to, "/server"));
      orders.ended = (reason) => replyTo.tell(reason);
    },
    /** Sends a message from time to time for as long as it lives. */
    chatter: ({ to }) => setInterval(() => node.at(to, "/listener").tell(spec.incarnation), 1),
    print: ({ text }) => console.log(text),
    exit: ({ code, replyTo }) => {
      replyTo.tell("going");
      process.exit(code);
    },
    giveUp: ({ bytes, reason, replyTo }) => {
      replyTo.tell(new Uint8Array(bytes));
      // Messages leave at the end of the turn.
      setImmediate(() => giveUp(reason));
    },
    leave: () => {
      node.close();
      system.stop();
    },
  };
  return {
    receive: (order) => orders[order.kind](order),
    terminated: ({ reason }) => orders.ended(reason),
  };
}

system.spawn("server", server);
node.at("main", "/ready").tell(spec.name);
