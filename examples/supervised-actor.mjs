// An actor answers questions through a connection that often breaks, and is restarted each time:
// node examples/supervised-actor.mjs
import { ActorSystem, nodeWorld } from "dawnpour/actors";

const prices = { tea: 3, bread: 4 };
let connections = 0;

/** A connection breaks at its third question. A new incarnation calls this function again, and so has a new connection. */
function connection() {
  const number = ++connections;
  let questions = 0;
  return {
    receive({ item, replyTo }) {
      if (++questions > 2) throw new Error(`connection ${number} broke`);
      replyTo.tell(`${item} costs ${prices[item]}, says connection ${number}`);
    },
    ended: ({ reason }) => console.log(`connection ${number} closed: ${reason}`),
  };
}

const system = new ActorSystem({ world: nodeWorld(), supervision: { intensity: 5, period: 1000 } });
system.events.subscribe(({ event, path }) => event === "restarting" && console.log(`${path} is restarted`));

const till = system.spawn("till", connection);
for (const item of ["tea", "bread", "tea", "bread"]) {
  const ask = () => till.ask((replyTo) => ({ item, replyTo }), 1000);
  console.log(await ask().catch(ask));
}
await system.stop(5000);
