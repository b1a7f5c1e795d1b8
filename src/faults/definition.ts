/** What a kind of fault is: how it is written, what it befalls, and how it strikes. One file each in `kinds/`. */
import type { UserName } from "../definitions.js";

/** What the words of a statement give, one after the other. Each throws a UsageError where another word stands. */
export interface Words {
  /** `worker-1`, or one of `others`. */
  node(others: readonly string[]): string;
  /** The number of `worker-1` or of `device-1`. */
  numbered(what: "worker" | "device"): number;
  /** `of worker-1`, where it stands there. */
  owner(): { readonly worker?: number };
  /** `for 10s`, in milliseconds. */
  length(): number;
  /** This very word. */
  word(expected: string): void;
}

/** What chaos draws for a fault. */
export interface Draw {
  readonly worker: number;
  /** How long a fault lasts that has an end. */
  readonly milliseconds: number;
  /** A worker or the coordinator, each as likely as the others. */
  node(): string;
}

/**
 * What can be made to fail. Each port takes effect soon and never throws. The id is that of the fault, the first one that
 * strikes being 1; what comes of a fault is known by it.
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
  /** Loses every message from a node and to it. */
  cut(id: number, node: string, milliseconds: number): void;
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

export interface FaultDefinition<A extends { readonly kind: string } = UserAction> {
  /** The first word of a statement. */
  readonly name: A["kind"];
  /** A whole statement, for error messages. */
  readonly example: string;
  /** What it befalls. A fault of a device or a gradient waits until the worker runs. */
  readonly befalls: "node" | "device" | "gradient" | "disk";
  /** Whether `--chaos` draws it without being asked: nothing of it is left when the run ends. */
  readonly leavesNoTrace: boolean;
  /** Whether it strikes a checkpoint that was written; others strike as one is about to be written. */
  readonly afterWriting?: boolean;
  /** Reads what follows the first word. */
  parse(words: Words): A;
  /** What `parse` reads as this action, the first word included. */
  text(action: A): string;
  /** The node, the device, `gradient` or `disk` that it befalls. */
  target(action: A): string;
  draw(from: Draw): A;
  /** @param checkpoint folder of the newest checkpoint; there is one where `afterWriting` is set */
  strike(ports: FaultPorts, id: number, action: A, checkpoint: string | undefined): void;
}
