/** Definition of a kind of fault: its syntax, its target, and how it strikes. Each kind is a file in `kinds/`. */
import type { UserName } from "../definitions.js";

/** How much longer a part takes. */
export interface Slowdown {
  /** A part takes this many times as long. */
  readonly factor?: number;
  /** A part takes this many milliseconds, or longer if its computation does. */
  readonly pace?: number;
}

/** Reads the words of a statement one after the other. Each method throws a UsageError if the next word is not what it reads. */
export interface Words {
  /** `worker-1`, or one of `others`. */
  node(others: readonly string[]): string;
  /** `worker-1` or `device-1`: returns the number. */
  numbered(what: "worker" | "device"): number;
  /** `2 workers`, or `worker` for one. */
  workers(): number;
  /** `of worker-1`, if the statement has it here. */
  owner(): { readonly worker?: number };
  /** `by 3x`, or `to 50ms`. */
  slowdown(): Slowdown;
  /** `for 10s`, in milliseconds. */
  length(): number;
  /** Exactly this word. */
  word(expected: string): void;
}

/** Random values for a fault of `--chaos`. */
export interface Draw {
  readonly worker: number;
  /** Duration of a fault that has an end. */
  readonly milliseconds: number;
  /** A worker or the coordinator. All are equally likely. */
  node(): string;
}

/**
 * The functions by which faults strike a run. Each call takes effect soon and never throws. `id` is the id of the fault, counted
 * from 1. The records of the failures that the fault causes have it.
 */
export interface FaultPorts {
  /** Ends the process of a node. */
  kill(id: number, node: string): void;
  /** Suspends the process of a node. */
  hang(id: number, node: string, milliseconds: number): void;
  /** Loses the device of a worker. */
  lose(id: number, worker: number): void;
  /** Damages the next gradient of a worker. If `worker` is undefined, the next gradient of any worker. */
  corrupt(id: number, worker: number | undefined, how: "flip" | "spoil"): void;
  /** Makes a worker take longer for a part. */
  slow(id: number, worker: number, how: Slowdown, milliseconds: number): void;
  /** Loses every message from a node and to it. */
  cut(id: number, node: string, milliseconds: number): void;
  /** Starts more workers. */
  join(id: number, workers: number): void;
  /** Ends a worker for good, once it has done its part. */
  leave(id: number, worker: number): void;
  /** Fails the next write of a checkpoint. */
  failDisk(id: number): void;
  /** Cuts short the checkpoint in the folder `path`. */
  tearCheckpoint(path: string): void;
}

/** A fault of a kind that a user defined. */
export interface UserAction {
  readonly kind: UserName;
  readonly [setting: string]: unknown;
}

/** A kind of fault: its words, its target, and how it strikes. */
export interface FaultDefinition<A extends { readonly kind: string } = UserAction> {
  /** The first word of a statement. */
  readonly name: A["kind"];
  /** A whole statement, for error messages. */
  readonly example: string;
  /** Its target. A fault of a worker, a device or a gradient waits until the worker runs. */
  readonly befalls: "node" | "worker" | "device" | "gradient" | "disk" | "fleet";
  /** Whether nothing of the fault remains after the run. Only such kinds are drawn by `--chaos` by default. */
  readonly leavesNoTrace: boolean;
  /** Whether the fault causes no failure. The record then has the fault, and no recovery. */
  readonly failsNothing?: boolean;
  /** Whether the fault strikes after a checkpoint is written. Other kinds strike right before it is written. */
  readonly afterWriting?: boolean;
  /** Reads what follows the first word. */
  parse(words: Words): A;
  /** The text that `parse` reads as this action, the first word included. */
  text(action: A): string;
  /** The target: a node, a device, `gradient` or `disk`. */
  target(action: A): string;
  /** A random fault of this kind, for chaos. */
  draw(from: Draw): A;
  /**
   * Carries the fault out.
   * @param checkpoint folder of the newest checkpoint. If `afterWriting` is set, there is one
   */
  strike(ports: FaultPorts, id: number, action: A, checkpoint: string | undefined): void;
}
