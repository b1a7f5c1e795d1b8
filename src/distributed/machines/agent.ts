/** A machine's side: it runs the workers that the hub wants, in processes of its own, as long as it hears the hub. */
import type { Behavior, Context, Start, Terminated } from "../../actor/behavior.js";
import type { Ref } from "../../actor/ref.js";
import { withArithmetic } from "../../placement/arithmetic.js";
import type { Exit, Host, HostedNode, NodeSpec } from "../../transport/host.js";
import type { NodeTask } from "../task.js";
import { agentName, type ToAgent, type ToHub, type Wanted } from "./protocol.js";

/** Milliseconds between two messages to the hub. */
const TICK = 500;

interface AgentOptions extends Pick<ToHub, "machine" | "places" | "vectors"> {
  readonly host: Host;
  readonly hub: Ref<ToHub>;
  /** The hub is gone. */
  lost(): void;
}

export function agent(options: AgentOptions): Start<ToAgent> {
  return (context) => new Agent(context, options);
}

class Agent implements Behavior<ToAgent> {
  readonly #context: Context<ToAgent>;
  readonly #options: AgentOptions;
  readonly #running = new Map<number, HostedNode>();
  readonly #started: number[] = [];
  readonly #exits: { readonly incarnation: number; readonly exit: Exit }[] = [];
  readonly #suspended = new Set<number>();

  constructor(context: Context<ToAgent>, options: AgentOptions) {
    this.#context = context;
    this.#options = options;
    context.watch(options.hub);
    context.every(TICK, { kind: "tick", nodes: [] });
    this.#tell();
  }

  receive({ kind, nodes }: ToAgent): void {
    if (kind === "wanted") this.#run(nodes);
    this.#tell();
  }

  terminated(_: Terminated): void {
    this.#options.lost();
  }

  #tell(): void {
    const { machine, places, vectors, hub } = this.#options;
    hub.tell({
      ...{ kind: "state", machine, places, vectors, agent: this.#context.self },
      ...{ started: this.#started, exits: this.#exits },
    });
  }

  /** Runs exactly these. */
  #run(nodes: readonly Wanted[]): void {
    const wanted = new Map(nodes.map((node) => [node.incarnation, node]));
    for (const [incarnation, node] of this.#running) if (!wanted.has(incarnation)) node.kill();
    for (const { incarnation, place, spec, suspended } of nodes) {
      if (spec && !this.#started.includes(incarnation)) this.#start(spec, place);
      this.#suspend(incarnation, suspended);
    }
  }

  #start(spec: NodeSpec, place: number): void {
    const { host, places, machine } = this.#options;
    const task = spec.task as Extract<NodeTask, { readonly kind: "worker" }>;
    const { open, environment } = withArithmetic(places[place], task.run.config.arithmetic);
    const node = host.start({ ...spec, environment, task: { ...task, open, courier: agentName(machine) } });
    this.#started.push(spec.incarnation);
    this.#running.set(spec.incarnation, node);
    node.exited.then((exit) => {
      this.#running.delete(spec.incarnation);
      this.#exits.push({ incarnation: spec.incarnation, exit });
    });
  }

  #suspend(incarnation: number, suspended: boolean): void {
    if (this.#suspended.has(incarnation) === suspended) return;
    const node = this.#running.get(incarnation);
    if (suspended) {
      this.#suspended.add(incarnation);
      node?.suspend();
    } else {
      this.#suspended.delete(incarnation);
      node?.resume();
    }
  }
}
