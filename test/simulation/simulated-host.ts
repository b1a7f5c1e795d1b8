/**
 * Simulated processes: all nodes are in one thread, each in a world of its own, which can be suspended or killed like a
 * process. The actions of a suspended node wait until it continues. Those of a killed node never happen.
 */
import type { Exit, Host, HostedNode, NodeSpec } from "../../src/transport/host.js";
import type { MemoryNetwork } from "../../src/transport/memory/network.js";
import type { Transport } from "../../src/transport/transport.js";
import type { SimulatedWorld } from "../../src/world/simulated/world.js";
import type { Clock, World } from "../../src/world/world.js";

export type NodeWorld = Pick<World, "clock" | "timers" | "scheduler">;

/** Starts the code of a node. Resolves when the code ends by itself. */
export type Boot = (spec: NodeSpec, world: NodeWorld, transport: Transport) => Promise<unknown>;

/** Runs actions at once, keeps them for later, or drops them. */
export class Gate {
  #state: "open" | "shut" | "gone" = "open";
  #waiting: (() => void)[] = [];

  pass(action: () => void): void {
    if (this.#state === "open") action();
    else if (this.#state === "shut") this.#waiting.push(action);
  }

  shut(): void {
    if (this.#state === "open") this.#state = "shut";
  }

  open(): void {
    if (this.#state !== "shut") return;
    this.#state = "open";
    for (const action of this.#waiting.splice(0)) this.pass(action);
  }

  remove(): void {
    this.#state = "gone";
    this.#waiting = [];
  }
}

/** The world of one node. All that happens in it goes through a gate. */
export function gatedWorld({ clock, timers, scheduler }: NodeWorld, gate: Gate): NodeWorld {
  return {
    clock,
    timers: { after: (milliseconds, action) => timers.after(milliseconds, () => gate.pass(action)) },
    scheduler: { batch: scheduler.batch, schedule: (task) => scheduler.schedule(() => gate.pass(task)) },
  };
}

/** Milliseconds by which the dates of successive incarnations differ: no whole number of heartbeats. */
const SKEW = 37;

/** The dates of nodes differ, so what nodes do at the same date does not happen at the same moment. */
function skewed(clock: Clock, incarnation: number): Clock {
  return { now: () => clock.now(), date: () => new Date(clock.date().getTime() + incarnation * SKEW) };
}

export function gatedTransport(transport: Transport, gate: Gate): Transport {
  return {
    node: transport.node,
    send: (to, frame) => transport.send(to, frame),
    onFrame: (receive) => transport.onFrame((from, frame) => gate.pass(() => receive(from, frame))),
    close: () => transport.close(),
  };
}

export class SimulatedHost implements Host {
  readonly #world: SimulatedWorld;
  readonly #network: MemoryNetwork;
  readonly #boot: Boot;
  readonly #startDelay: () => number;
  /** Nodes that are running now. */
  readonly living = new Map<string, SimulatedNode>();

  constructor(world: SimulatedWorld, network: MemoryNetwork, boot: Boot, startDelay: () => number) {
    this.#world = world;
    this.#network = network;
    this.#boot = boot;
    this.#startDelay = startDelay;
  }

  /** Ends the nodes, as processes end when their parent is gone. */
  killAll(): void {
    for (const node of [...this.living.values()]) node.kill();
  }

  start(spec: NodeSpec): HostedNode {
    const other = this.living.get(spec.name);
    if (other)
      throw new Error(
        `two nodes of the name ${spec.name}: incarnations ${other.spec.incarnation}, ${spec.incarnation}`,
      );
    const node = new SimulatedNode(spec, this.#world, this.#network, () => this.living.delete(spec.name));
    this.living.set(spec.name, node);
    node.begin(this.#boot, this.#startDelay());
    return node;
  }
}

class SimulatedNode implements HostedNode {
  readonly spec: NodeSpec;
  readonly exited: Promise<Exit>;
  readonly #gate = new Gate();
  readonly #world: SimulatedWorld;
  readonly #transport: Transport;
  readonly #forget: () => void;
  #settle: (exit: Exit) => void = () => undefined;

  constructor(spec: NodeSpec, world: SimulatedWorld, network: MemoryNetwork, forget: () => void) {
    this.spec = spec;
    this.#world = world;
    this.#transport = network.join(spec.name);
    this.#forget = forget;
    this.exited = new Promise((resolve) => {
      this.#settle = resolve;
    });
  }

  begin(boot: Boot, delay: number): void {
    const world = { ...gatedWorld(this.#world, this.#gate), clock: skewed(this.#world.clock, this.spec.incarnation) };
    const transport = gatedTransport(this.#transport, this.#gate);
    world.timers.after(delay, () => boot(this.spec, world, transport).then(() => this.#end({ code: 1 })));
  }

  kill(): void {
    // A real process takes a moment to end.
    this.#gate.remove();
    this.#transport.close();
    this.#world.timers.after(1, () => this.#end({ signal: "SIGKILL" }));
  }

  suspend(): void {
    this.#gate.shut();
  }

  resume(): void {
    this.#gate.open();
  }

  #end(exit: Exit): void {
    this.#gate.remove();
    this.#transport.close();
    this.#forget();
    this.#settle(exit);
  }
}
