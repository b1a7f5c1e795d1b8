/**
 * Process supervisors: each is an actor that owns a process. The end of the process, whatever its cause, is a failure
 * of the actor. So processes are supervised as all actors are: restarted after a pause, and given up after too many
 * restarts.
 */
import type { Behavior, Context, Start } from "../../actor/behavior.js";
import type { Supervision } from "../../actor/supervision.js";
import { DawnpourError } from "../../error.js";
import type { Exit, Host, HostedNode, NodeSpec } from "../../transport/host.js";

/**
 * Supervision of the processes of one node. The first restart is almost immediate, and so is the restart of a process that ran
 * for long. A node that fails more than eight times in ten seconds is given up.
 */
function supervision({ restartPause }: ProcessSupervisorOptions): Supervision {
  const backoff = { least: Math.min(10, restartPause), most: restartPause, jitter: 0.2 };
  return { intensity: 8, period: 10_000, backoff };
}

export interface ProcessSupervisorOptions {
  readonly host: Host;
  /** The longest pause before a restart, in milliseconds. */
  readonly restartPause: number;
  /** What to start; called for each process. */
  spec(): NodeSpec;
  onStart(node: HostedNode): void;
  /** @returns why it ended, for the user: `why`, or a better reason */
  onExit(node: HostedNode, why: string): string;
}

/** A node is given up after this many processes in a row have ended by themselves for one reason, however slowly they start. */
const MOST_ALIKE = 5;

/** Keeps the process of one node alive; fails after too many restarts. */
export function processSupervisor(options: ProcessSupervisorOptions): Start<Error> {
  return (context) => {
    context.supervise(supervision(options));
    const ends = new Ends();
    const giveUp = (error: Error): void => context.self.tell(error);
    context.spawn("process", (own: Context<Exit>) => new Process(own, options, ends, giveUp), {
      restart: "permanent",
    });
    return {
      receive(error) {
        throw error;
      },
    };
  };
}

/** How the processes of a node ended. */
class Ends {
  #last: string | undefined;
  #alike = 0;

  /** Whether the last processes all ended by themselves, for this reason. */
  areAlike({ signal }: Exit, why: string): boolean {
    this.#alike = signal === undefined && why === this.#last ? this.#alike + 1 : 1;
    this.#last = signal === undefined ? why : undefined;
    return this.#alike >= MOST_ALIKE;
  }
}

class Process implements Behavior<Exit> {
  readonly #node: HostedNode;
  readonly #options: ProcessSupervisorOptions;
  readonly #ends: Ends;
  readonly #giveUp: (error: Error) => void;

  constructor(context: Context<Exit>, options: ProcessSupervisorOptions, ends: Ends, giveUp: (error: Error) => void) {
    this.#options = options;
    this.#ends = ends;
    this.#giveUp = giveUp;
    this.#node = options.host.start(options.spec());
    options.onStart(this.#node);
    this.#node.exited.then((exit) => context.self.tell(exit));
  }

  receive(exit: Exit): void {
    const { name } = this.#node.spec;
    const why = this.#options.onExit(this.#node, explain(exit));
    const error = new DawnpourError(`${name}: ${why}`);
    if (this.#ends.areAlike(exit, why)) this.#giveUp(error);
    throw error;
  }

  async ended(): Promise<void> {
    this.#node.kill();
    await this.#node.exited;
  }
}

/** Why a process ended, for the user. */
export function explain({ signal, code, reason }: Exit): string {
  if (signal !== undefined) return `its process was killed (${signal})`;
  const ended = `its process ended by itself (exit code ${code})`;
  return reason === undefined ? ended : `${ended}: ${reason}`;
}
