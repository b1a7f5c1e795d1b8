/**
 * A host runs nodes. It runs each in a process of its own, which can be killed or hang without the others, or it simulates that
 * for nodes in one thread. `exited` reports the end of a node exactly once.
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
  /** Why the node ended by itself, as it told its host. Absent after a crash. */
  readonly reason?: string;
}

/** A node that was started. */
export interface HostedNode {
  readonly spec: NodeSpec;
  /** Id of its process, if it has one. */
  readonly pid?: number;
  /** Settles when the node has ended and none of its work goes on. */
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
