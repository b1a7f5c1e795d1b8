/** What a parent and the process of a node agree upon before they can speak. */
import type { NodeSpec } from "../host.js";

/** Where the pipe between them is in the child; the shared memory follows. */
export const CHANNEL_FD = 3;
export const FIRST_MEMORY_FD = CHANNEL_FD + 1;

/** The environment variable by which a process knows that it is the process of a node. */
export const CHANNEL_VARIABLE = "DAWNPOUR_CHANNEL";

/** The sender of the first frame, which no node can have as its name. */
export const PARENT = "";

/** Shared memory that a child inherits: what `openSharedMemory` takes. */
export interface InheritedMemory {
  readonly fd: number;
  readonly bytes: number;
}

/** The first frame to a child. */
export interface Welcome {
  readonly spec: NodeSpec;
  readonly memory: readonly InheritedMemory[];
}
