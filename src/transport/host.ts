/**
 * Where nodes live. A node in a process of its own can be killed, and freeze, without taking others along; a simulated
 * host does the same to nodes in one thread. Whoever starts a node hears of its end, exactly once.
 */

export interface NodeSpec {
  /** Of all living nodes one has this name. */
  readonly name: string;
  /** Larger than that of every earlier node of this name. */
  readonly incarnation: number;
  /** Plain data: what the node is to do. */
  readonly task: unknown;
  /** Variables that its process gets beside those of this one. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** How a node ended: of its own accord, with an exit code, or by a signal. */
export interface Exit {
  readonly code?: number;
  readonly signal?: string;
  /** The last line that it wrote to standard error, if any. */
  readonly said?: string;
}

export interface HostedNode {
  readonly spec: NodeSpec;
  /** Of its process, where it has one. */
  readonly pid?: number;
  /** Settles when it is gone for certain: nothing it has begun goes on. */
  readonly exited: Promise<Exit>;
  /** Ends it at once, even when it is suspended. */
  kill(): void;
  /** It stands still, with all that it is doing. */
  suspend(): void;
  resume(): void;
}

export interface Host {
  start(spec: NodeSpec): HostedNode;
}
