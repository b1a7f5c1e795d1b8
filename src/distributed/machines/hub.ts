/**
 * Starts workers on other machines: each gets a free device of a machine. A machine that gives no sign of life takes its workers
 * with it; the supervisors of the workers start them again, on whichever machine has a device to spare.
 */
import type { Context, Start } from "../../actor/behavior.js";
import type { Exit, Host, HostedNode, NodeSpec } from "../../transport/host.js";
import type { Credentials } from "../../transport/keys/credentials.js";
import { VectorClient } from "../../transport/sockets/vector-client.js";
import type { ToHub, Wanted } from "./protocol.js";

/** Milliseconds between two messages to each agent. */
const TICK = 500;

interface Machine {
  readonly name: string;
  readonly state: ToHub;
  readonly source: VectorClient;
}

interface RemoteNode {
  readonly spec: NodeSpec;
  machine?: Machine;
  place: number;
  isStarted: boolean;
  isWanted: boolean;
  suspended: boolean;
  readonly end: (exit: Exit) => void;
}

export class Hub implements Host {
  readonly #machines = new Map<string, Machine>();
  readonly #nodes = new Map<number, RemoteNode>();
  readonly #credentials: Credentials | undefined;

  constructor(credentials?: Credentials) {
    this.#credentials = credentials;
  }

  start(spec: NodeSpec): HostedNode {
    let end: (exit: Exit) => void = () => undefined;
    const exited = new Promise<Exit>((resolve) => {
      end = resolve;
    });
    const node: RemoteNode = { spec, place: 0, isStarted: false, isWanted: true, suspended: false, end };
    this.#nodes.set(spec.incarnation, node);
    this.#settle();
    return {
      spec,
      exited,
      kill: () => {
        node.isWanted = false;
        if (node.machine) this.#tell(node.machine);
        else this.#ended(node, { signal: "no machine had a device for it" });
      },
      suspend: () => this.#suspend(node, true),
      resume: () => this.#suspend(node, false),
    };
  }

  /** The machine of a node: of a worker, by its present incarnation. */
  machineOf(node: string): string | undefined {
    return this.#at(node)?.machine?.name;
  }

  sourceOf(node: string): VectorClient | undefined {
    return this.#at(node)?.machine?.source;
  }

  /** The actor that agents talk to. */
  actor(): Start<ToHub | { readonly kind: "tick" }> {
    return (context) => {
      context.every(TICK, { kind: "tick" });
      return {
        receive: (message) => {
          if (message.kind === "state") this.#take(message, context);
          else for (const machine of this.#machines.values()) this.#tell(machine);
        },
        terminated: ({ ref }) => {
          for (const machine of this.#machines.values()) if (machine.state.agent === ref) this.#lost(machine);
        },
      };
    };
  }

  #at(name: string): RemoteNode | undefined {
    return [...this.#nodes.values()].find(({ spec, machine }) => spec.name === name && machine);
  }

  #take(state: ToHub, context: Pick<Context<never>, "watch">): void {
    const known = this.#machines.get(state.machine);
    const isSame = known?.state.agent.address.incarnation === state.agent.address.incarnation;
    if (known && !isSame) this.#lost(known);
    if (!known || !isSame) {
      context.watch(state.agent);
      const name = state.machine;
      const secured = this.#credentials && { credentials: this.#credentials, peer: name };
      this.#machines.set(name, { name, state, source: new VectorClient(state.vectors, secured) });
    }
    for (const incarnation of state.started) {
      const node = this.#nodes.get(incarnation);
      if (node) node.isStarted = true;
    }
    for (const { incarnation, exit } of state.exits) {
      const node = this.#nodes.get(incarnation);
      if (node) this.#ended(node, exit);
    }
    this.#settle();
  }

  /** Gives devices to the nodes that wait for one. */
  #settle(): void {
    for (const node of this.#nodes.values()) {
      if (node.machine) continue;
      for (const machine of this.#machines.values()) {
        const taken = new Set(
          [...this.#nodes.values()].filter((one) => one.machine === machine).map(({ place }) => place),
        );
        const place = machine.state.places.findIndex((_, i) => !taken.has(i));
        if (place < 0) continue;
        Object.assign(node, { machine, place });
        this.#tell(machine);
        break;
      }
    }
  }

  #tell(machine: Machine): void {
    const nodes = [...this.#nodes.values()].filter((node) => node.machine === machine && node.isWanted).map(wanted);
    machine.state.agent.tell({ kind: "wanted", nodes });
  }

  #suspend(node: RemoteNode, suspended: boolean): void {
    node.suspended = suspended;
    if (node.machine) this.#tell(node.machine);
  }

  #lost(machine: Machine): void {
    this.#machines.delete(machine.name);
    machine.source.close();
    for (const node of [...this.#nodes.values()]) {
      if (node.machine === machine) this.#ended(node, { signal: `its machine, ${machine.name}, gave no sign of life` });
    }
  }

  #ended(node: RemoteNode, exit: Exit): void {
    this.#nodes.delete(node.spec.incarnation);
    node.end(exit);
    this.#settle();
  }
}

const wanted = ({ spec, place, suspended, isStarted }: RemoteNode): Wanted => ({
  ...{ incarnation: spec.incarnation, place, suspended },
  ...(!isStarted && { spec }),
});
