/**
 * Messages between the hub, in the process of the run, and the agents of other machines. Each says the whole state of its
 * sender and is sent again and again, so any of them may be lost.
 */
import type { Ref } from "../../actor/ref.js";
import type { ClusterTimes } from "../../cluster/times.js";
import type { WorkerPlace } from "../../placement/placement.js";
import type { Exit, NodeSpec } from "../../transport/host.js";
import type { VectorSource } from "../../transport/sockets/vector-client.js";
import type { ClusterStatus, WorkerStatus } from "../status/status.js";

/** The machine of the run: coordinator and journal are there. */
export const RUN_MACHINE = "run";
/** The node of the hub. */
export const HUB = "hub";
/** The node of an agent. */
export const agentName = (machine: string): string => `machine-${machine}`;

/** What the registry says of the run. */
export interface Leading {
  /** Undefined until the lease is renewed for the first time: then it is the revision of the entry. */
  readonly term?: number;
  /** Only once the run has its memory. */
  readonly ready?: {
    readonly term: number;
    readonly times: Pick<ClusterTimes, "heartbeat" | "timeout">;
    /** Bytes of each memory of the run. */
    readonly memory: readonly number[];
    readonly vectors: VectorSource;
  };
  /** Some seconds old. */
  readonly progress?: RunProgress;
}

/** How far a run is, and where its workers are. */
export interface RunProgress extends Pick<ClusterStatus, "step" | "steps" | "epoch" | "imagesPerSecond" | "restarts"> {
  readonly workers: readonly (Pick<WorkerStatus, "name" | "state"> & { readonly machine?: string })[];
}

/** What the registry says of a machine. */
export interface Announced {
  /** Devices for workers. */
  readonly places: readonly WorkerPlace[];
}

/** A node that an agent is to run. */
export interface Wanted {
  readonly incarnation: number;
  /** The device of the machine. */
  readonly place: number;
  readonly suspended: boolean;
  /** Until the agent has started it. */
  readonly spec?: NodeSpec;
}

export interface ToAgent {
  readonly kind: "wanted" | "tick";
  readonly nodes: readonly Wanted[];
}

/** The state of a machine. */
export interface ToHub {
  readonly kind: "state";
  readonly machine: string;
  readonly places: readonly WorkerPlace[];
  readonly vectors: VectorSource;
  readonly agent: Ref<ToAgent>;
  /** Incarnations that it has started. */
  readonly started: readonly number[];
  readonly exits: readonly { readonly incarnation: number; readonly exit: Exit }[];
}

/** Asks the machine's courier for stretches of the tensor store as they are on the machine of a node. */
export interface Bring {
  readonly kind: "bring";
  readonly from: string;
  readonly stretches: readonly { readonly offset: number; readonly bytes: number }[];
  readonly replyTo: Ref<{ readonly here: boolean }>;
}
