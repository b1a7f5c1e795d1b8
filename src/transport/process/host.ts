/**
 * Nodes in processes of their own. The process with the host is their parent, and the hub of all frames: a node sends frames to
 * its parent, which forwards those for other nodes. The nodes inherit shared memory, so tensors are not sent.
 *
 * - A frame to a missing node is dropped.
 * - A node that does not read, because it is suspended or busy, gets its frames later; while `MOST_WAITING` bytes or
 *   more wait, further frames to it are dropped.
 * - Once a node is killed, no frame from it is delivered and none is sent to it.
 * - No child outlives its parent, however the parent ends.
 */
import { type ChildProcess, spawn } from "node:child_process";
import type { Socket } from "node:net";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { DawnpourError, UsageError } from "../../error.js";
import type { Exit, Host, HostedNode, NodeSpec } from "../host.js";
import type { Transport } from "../transport.js";
import { Channel, type ChannelListener, LONGEST_NAME, type Packet, packer, receiverOf, unpack } from "./channel.js";
import { CHANNEL_FD, CHANNEL_VARIABLE, type Farewell, FIRST_MEMORY_FD, PARENT, type Welcome } from "./entry.js";
import { PacketTransport } from "./packet-transport.js";
import type { SharedMemory } from "./shared-memory.js";

/** What child processes run, and what they inherit. */
export interface ProcessHostOptions {
  /** The module that a node runs, as a file URL: it calls `joinParent`. */
  readonly entry: URL | string;
  /** Memory that every node inherits, in this order. */
  readonly memory?: readonly SharedMemory[];
  /** Takes frames for nodes that this host does not have. Default: they are dropped. */
  readonly elsewhere?: (from: string, to: string, frame: unknown) => void;
  /** Arguments of Node itself. Default: those of this process, except for a script and for debugging. */
  readonly execArgv?: readonly string[];
}

/** Starts nodes as child processes, and links them. */
export class ProcessHost implements Host {
  readonly #entry: string;
  readonly #memory: readonly SharedMemory[];
  readonly #execArgv: readonly string[];
  readonly #elsewhere: ProcessHostOptions["elsewhere"];
  readonly #children = new Map<string, Child>();
  readonly #locals = new Map<string, PacketTransport>();
  readonly #incarnations = new Map<string, number>();
  readonly #cut = new Set<string>();
  #dropped = 0;

  /** A host of processes that run the module `entry`. */
  constructor({ entry, memory = [], elsewhere, execArgv = inheritedArguments() }: ProcessHostOptions) {
    this.#entry = fileURLToPath(entry);
    this.#memory = memory;
    this.#execArgv = execArgv;
    this.#elsewhere = elsewhere;
  }

  /** Frames dropped because their node did not read. */
  get dropped(): number {
    return this.#dropped;
  }

  /**
   * Starts a process for a node.
   *
   * @throws UsageError when the name is taken, or the incarnation is not a later one; DawnpourError when the system refuses the
   *   process
   */
  start(spec: NodeSpec): HostedNode {
    if (process.env[CHANNEL_VARIABLE] !== undefined) {
      // If the entry module is also the parent's program, each process would start the next, without end.
      throw new UsageError(`node "${spec.name}" cannot be started by a node that has not joined its parent yet`);
    }
    this.#checkName(spec.name);
    const last = this.#incarnations.get(spec.name) ?? Number.NEGATIVE_INFINITY;
    if (!(spec.incarnation > last)) {
      throw new UsageError(
        `node "${spec.name}" was started as incarnation ${last} before: ${spec.incarnation} is not later`,
      );
    }
    const welcome = packer(PARENT, spec.name)(this.#welcome(spec));
    const child = new Child(spec, this.#spawn(spec), {
      receive: (packet) => {
        if (!this.#cut.has(spec.name)) this.#route(packet);
      },
      dropped: () => void this.#dropped++,
    });
    this.#incarnations.set(spec.name, spec.incarnation);
    this.#children.set(spec.name, child);
    child.exited.then(() => this.#children.delete(spec.name));
    child.send(welcome);
    return child;
  }

  /**
   * The transport of a node in this process; it replaces an earlier one of that name.
   *
   * @throws UsageError when a process has that name
   */
  join(name: string): Transport {
    this.#locals.get(name)?.close();
    this.#checkName(name);
    const transport = new PacketTransport(
      name,
      (packet) => this.#routeLocal(packet),
      () => this.#locals.get(name) === transport && this.#locals.delete(name),
    );
    this.#locals.set(name, transport);
    return transport;
  }

  /** Frames to and from a node are lost from now on; with `on` false, they arrive again. */
  cut(node: string, on: boolean): void {
    if (on) this.#cut.add(node);
    else this.#cut.delete(node);
  }

  /** A frame of a node elsewhere, to a node of this host. */
  deliver(from: string, to: string, frame: unknown): void {
    if (this.#children.has(to) || this.#locals.has(to)) this.#route(packer(from, to)(frame));
  }

  /** Kills all nodes, and resolves when they are gone. */
  async closeAll(): Promise<void> {
    for (const transport of [...this.#locals.values()]) transport.close();
    const children = [...this.#children.values()];
    for (const child of children) child.kill();
    await Promise.all(children.map(({ exited }) => exited));
  }

  #checkName(name: string): void {
    const { byteLength } = Buffer.from(name);
    if (byteLength < 1 || byteLength > LONGEST_NAME) {
      throw new UsageError(`the name of a node has 1 to ${LONGEST_NAME} bytes, got ${byteLength}`);
    }
    if (this.#children.has(name) || this.#locals.has(name)) {
      throw new UsageError(`node "${name}" is still there: wait until it has exited, or use another name`);
    }
  }

  #route(packet: Packet): void {
    const to = receiverOf(packet);
    if (this.#cut.has(to)) return;
    const child = this.#children.get(to);
    const local = this.#locals.get(to);
    if (child) child.send(packet);
    else if (local) local.receive(packet);
    else this.#elsewhere?.(unpack(packet).from, to, unpack(packet).frame);
  }

  /** Routes a frame of this process. A frame to this process must not arrive before the call that sends it has returned. */
  #routeLocal(packet: Packet): void {
    if (this.#locals.has(receiverOf(packet))) queueMicrotask(() => this.#route(packet));
    else this.#route(packet);
  }

  #spawn({ name, environment }: NodeSpec): ChildProcess {
    const child = spawn(process.execPath, [...this.#execArgv, this.#entry], {
      env: { ...process.env, ...environment, [CHANNEL_VARIABLE]: String(CHANNEL_FD) },
      // The output of a node is for the user. It must not mix with the standard output of this process, which programs may read.
      stdio: ["ignore", 2, "pipe", "pipe", ...this.#memory.map(({ fd }) => fd)],
    });
    // A failure to start shows in the missing process id, every other failure in the exit.
    child.on("error", () => undefined);
    if (child.pid === undefined) {
      throw new DawnpourError(
        `node "${name}" cannot be started: the system refuses a process of ${process.execPath}; end other processes, or raise the limits of ulimit -u and -n`,
      );
    }
    return child;
  }

  #welcome(spec: NodeSpec): Welcome {
    return { spec, memory: this.#memory.map(({ bytes }, i) => ({ fd: FIRST_MEMORY_FD + i, bytes })) };
  }
}

/** Arguments of this Node for the children, without the script of `--eval` and the like: with it each child would run it again. */
function inheritedArguments(): string[] {
  const script = process.execArgv.findIndex((argument) => /^(-e|-p|-pe|--eval|--print)$/.test(argument));
  const rest = script < 0 ? process.execArgv : process.execArgv.toSpliced(script, 2);
  return rest.filter((argument) => !/^--(eval=|print=|input-type|inspect)/.test(argument));
}

/** One incarnation of a node. */
class Child implements HostedNode {
  readonly spec: NodeSpec;
  readonly pid: number | undefined;
  readonly exited: Promise<Exit>;
  readonly #process: ChildProcess;
  readonly #channel: Channel;
  #reason: string | undefined;

  constructor(spec: NodeSpec, process: ChildProcess, listener: ChannelListener) {
    this.spec = spec;
    this.pid = process.pid;
    this.#process = process;
    this.#channel = new Channel(process.stdio[CHANNEL_FD] as Socket, {
      ...listener,
      receive: (packet) => {
        if (receiverOf(packet) === PARENT) this.#reason = (unpack(packet).frame as Farewell).reason;
        else listener.receive(packet);
      },
    });
    passOn(process.stderr);
    this.exited = new Promise((resolve) => {
      // `close` comes after the last frame and the last output of the process.
      process.on("close", (code, signal) =>
        resolve(signal === null ? { code: code ?? undefined, reason: this.#reason } : { signal }),
      );
    });
  }

  send(packet: Packet): void {
    this.#channel.send(packet);
  }

  kill(): void {
    // The kill comes first: a node whose channel ends would end by itself, with another exit code.
    this.#process.kill("SIGKILL");
    this.#channel.close();
  }

  suspend(): void {
    this.#process.kill("SIGSTOP");
  }

  resume(): void {
    this.#process.kill("SIGCONT");
  }
}

/** Copies the output of a node to standard error. If the reader of standard error is gone, only this process has to handle that. */
function passOn(from: Readable | null): void {
  from?.setEncoding("utf8").on("data", (text: string) => void process.stderr.write(text));
}
