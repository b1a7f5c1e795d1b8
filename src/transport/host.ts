/**
 * Where nodes live. A node in a process of its own can be killed or hang without other nodes; a simulated host does the
 * same to nodes in one thread. `exited` reports the end of a node exactly once.
 */

export interface NodeSpec {
  /** Only one living node has this name. */
  readonly name: string;
  /** Larger than that of every earlier node of this name. */
  readonly incarnation: number;
  /** Plain data: the task of the node. */
  readonly task: unknown;
  /** Environment variables of its process, besides those of this one. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** How a node ended: by itself, with an exit code, or by a signal. */
export interface Exit {
  readonly code?: number;
  readonly signal?: string;
  /** Why it ended by itself, as the node told its host. A process that crashes tells nothing. */
  readonly reason?: string;
}

/** A node that was started. */
export interface HostedNode {
  readonly spec: NodeSpec;
  /** Id of its process, if it has one. */
  readonly pid?: number;
  /** Settles when the node is gone: none of its work goes on. */
  readonly exited: Promise<Exit>;
  /** Ends it at once, even when it is suspended. */
  kill(): void;
  /** Stops all its threads until `resume`. */
  suspend(): void;
  /** Lets its threads go on. */
  resume(): void;
}

/** Starts nodes. */
export interface Host {
  /** Starts the process, or the thread, of a node. */
  start(spec: NodeSpec): HostedNode;
}
