/**
 * Process supervisors: the actors whose lives are processes. A node that ends, however that came about, is a failure of its process supervisor,
 * and so supervision is the same for processes as for all else: started again, after a pause, until it is too much.
 */
import type { Behavior, Context, Start } from "../../actor/behavior.js";
import { type ChildSpec, type Supervision, supervisor } from "../../actor/supervision.js";
import { DawnpourError } from "../../error.js";
import type { Exit, Host, HostedNode, NodeSpec } from "../../transport/host.js";

/**
 * Of the processes of one node: the first restart comes almost at once, and so it does again for one that has lived for a
 * while; more in ten seconds than any run of bad luck brings about are too many.
 */
function supervision({ restartPause }: ProcessSupervisorOptions): Supervision {
  const backoff = { least: Math.min(10, restartPause), most: restartPause, jitter: 0.2 };
  return { intensity: 8, period: 10_000, backoff };
}

export interface ProcessSupervisorOptions {
  readonly host: Host;
  /** The longest pause before a restart, in milliseconds. */
  readonly restartPause: number;
  /** What to start; called anew for every process. */
  spec(): NodeSpec;
  onStart(node: HostedNode): void;
  /** @returns why it ended, for people: `why`, or what is known better */
  onExit(node: HostedNode, why: string): string;
}

/** Keeps one node alive, as long as that makes sense. */
export function processSupervisor(options: ProcessSupervisorOptions): Start<never> {
  const child: ChildSpec<Exit> = {
    name: "process",
    start: (context) => new Process(context, options),
    restart: "permanent",
  };
  return supervisor(supervision(options), [child]);
}

class Process implements Behavior<Exit> {
  readonly #node: HostedNode;
  readonly #options: ProcessSupervisorOptions;

  constructor(context: Context<Exit>, options: ProcessSupervisorOptions) {
    this.#options = options;
    this.#node = options.host.start(options.spec());
    options.onStart(this.#node);
    this.#node.exited.then((exit) => context.self.tell(exit));
  }

  receive(exit: Exit): void {
    const { name } = this.#node.spec;
    const why = this.#options.onExit(this.#node, explain(name, exit));
    throw new DawnpourError(`${name}: ${why}`);
  }

  async ended(): Promise<void> {
    this.#node.kill();
    await this.#node.exited;
  }
}

/** Why a process ended, for people. What a node says last under its own name, if it is no warning, is its reason. */
export function explain(name: string, { signal, code, said = "" }: Exit): string {
  if (signal !== undefined) return `its process was killed (${signal})`;
  const ended = `its process ended by itself (exit code ${code})`;
  const isReason = said.startsWith(`${name}: `) && !said.startsWith(`${name}: warning: `);
  return isReason ? `${ended}: ${said.slice(name.length + 2)}` : ended;
}
