/** Definition of a kind of fault: its syntax, its target, and how it strikes. Each kind is a file in `kinds/`. */
import type { UserName } from "../definitions.js";

/** Reads the words of a statement one after the other. Each method throws a UsageError for another word. */
export interface Words {
  /** `worker-1`, or one of `others`. */
  node(others: readonly string[]): string;
  /** The number of `worker-1` or of `device-1`. */
  numbered(what: "worker" | "device"): number;
  /** `2 workers`, or `worker` for one. */
  workers(): number;
  /** `of worker-1`, if it is there. */
  owner(): { readonly worker?: number };
  /** `3x`: a number above 1. */
  factor(): number;
  /** `for 10s`, in milliseconds. */
  length(): number;
  /** This very word. */
  word(expected: string): void;
}

/** Random values for a fault of `--chaos`. */
export interface Draw {
  readonly worker: number;
  /** Duration of a fault that has an end. */
  readonly milliseconds: number;
  /** A worker or the coordinator, each as likely as the others. */
  node(): string;
}

/**
 * What can be made to fail. Each call takes effect soon and never throws. `id` is the id of the fault, counted from 1;
 * the record of its consequences carries it.
 */
export interface FaultPorts {
  /** Ends the process of a node. */
  kill(id: number, node: string): void;
  /** Suspends the process of a node. */
  hang(id: number, node: string, milliseconds: number): void;
  /** Loses the device of a worker. */
  lose(id: number, worker: number): void;
  /** Damages the next gradient of a worker; undefined: the next of any worker. */
  corrupt(id: number, worker: number | undefined, how: "flip" | "spoil"): void;
  /** Makes a worker take `factor` times as long for a part. */
  slow(id: number, worker: number, factor: number, milliseconds: number): void;
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

/** A fault of a user's own kind. */
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
  /** Whether `--chaos` draws it by default: nothing of it remains after the run. */
  readonly leavesNoTrace: boolean;
  /** Whether nothing fails by it: it is told as it strikes, and no recovery follows. */
  readonly failsNothing?: boolean;
  /** Whether it strikes a written checkpoint; other kinds strike as a checkpoint is about to be written. */
  readonly afterWriting?: boolean;
  /** Reads what follows the first word. */
  parse(words: Words): A;
  /** The text that `parse` reads as this action, the first word included. */
  text(action: A): string;
  /** The node, the device, `gradient` or `disk` that it strikes. */
  target(action: A): string;
  /** A random fault of this kind, for chaos. */
  draw(from: Draw): A;
  /**
   * Carries the fault out.
   * @param checkpoint folder of the newest checkpoint; there is one where `afterWriting` is set
   */
  strike(ports: FaultPorts, id: number, action: A, checkpoint: string | undefined): void;
}
