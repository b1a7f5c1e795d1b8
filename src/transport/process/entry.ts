/** What a parent and the process of a node have to agree on. */
import type { NodeSpec } from "../host.js";

/** File descriptor of the pipe in the child; those of the shared memory follow. */
export const CHANNEL_FD = 3;
export const FIRST_MEMORY_FD = CHANNEL_FD + 1;

/** Environment variable that marks the process of a node. */
export const CHANNEL_VARIABLE = "DAWNPOUR_CHANNEL";

/** The host: the sender of the first frame, and the receiver of a `Farewell`. No node has this name. */
export const PARENT = "";

/** Shared memory that a child inherits, as arguments of `openSharedMemory`. */
export interface InheritedMemory {
  readonly fd: number;
  readonly bytes: number;
}

/** The first frame to a child. */
export interface Welcome {
  readonly spec: NodeSpec;
  readonly memory: readonly InheritedMemory[];
}

/** The last frame of a child that ends by itself, to its parent. */
export interface Farewell {
  /** Why it ends, for the user. */
  readonly reason: string;
}
