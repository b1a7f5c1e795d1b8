/**
 * Links an actor system to those of other nodes. Its refs behave like all refs: a message is copied to the other node,
 * at most once and in order, and the actor there can be watched. Messages may contain refs.
 */
import { type Address, type Ending, Ref } from "../actor/ref.js";
import type { ActorSystem } from "../actor/system.js";
import { UsageError } from "../error.js";
import { type Keys, refuseUnknownKeys } from "../option-keys.js";
import { untilBeat } from "../world/beat.js";
import { decode, encode } from "./codec.js";
import type { Frame } from "./frame.js";
import { Peer } from "./peer.js";
import type { Transport } from "./transport.js";

/** How long nodes wait for one another, in milliseconds. */
export interface NodeOptions {
  /** Milliseconds between two heartbeats. A node gets them while there are watches across the connection. Default 100. */
  readonly heartbeat?: number;
  /** Milliseconds of silence after which a node is unreachable: several heartbeats. Default 1000. */
  readonly timeout?: number;
  /**
   * Called for each message before its actor gets it. A promise delays the message, and the later ones of its sender; false
   * drops it. Default: messages are delivered at once.
   */
  readonly arriving?: (from: string, message: unknown) => Promise<boolean> | undefined;
}

const KEYS: Keys<NodeOptions> = { heartbeat: true, timeout: true, arriving: true };

/**
 * Links an actor system with those of other nodes.
 * @example
 * ```ts
 * import { ActorSystem, MemoryNetwork, Node, nodeWorld, type Ref } from "dawnpour/actors";
 *
 * type Question = { readonly word: string; readonly replyTo: Ref<string> };
 * const world = nodeWorld();
 * const network = new MemoryNetwork(world);
 * const [here, there] = ["here", "there"].map((node) => new ActorSystem({ world, node, incarnation: 1 }));
 * const [near, far] = [here, there].map((system, i) => new Node(system, network.join(["here", "there"][i])));
 * there.spawn<Question>("echo", () => ({ receive: ({ word, replyTo }) => replyTo.tell(`${word}, ${word}`) }));
 * console.log(await near.at<Question>("there", "/echo").ask((replyTo) => ({ word: "hello", replyTo }))); // hello, hello
 * for (const node of [near, far]) node.close();
 * for (const system of [here, there]) await system.stop();
 * ```
 */
export class Node {
  readonly #system: ActorSystem;
  readonly #transport: Transport;
  readonly #heartbeat: number;
  readonly #timeout: number;
  readonly #peers = new Map<string, Peer>();
  readonly #arriving: NodeOptions["arriving"];
  /** Settles when the last delayed message of a sender is delivered. */
  readonly #delayed = new Map<string, Promise<void>>();
  #cancelBeat: (() => void) | undefined;
  #closed = false;

  /**
   * Joins a system to others by a transport.
   * @throws UsageError when the two times contradict each other, or the system and the transport have different names
   */
  constructor(system: ActorSystem, transport: Transport, options: NodeOptions = {}) {
    refuseUnknownKeys(options, KEYS, "options of Node");
    const { heartbeat = 100, timeout = 1000, arriving } = options;
    if (system.node !== transport.node) {
      throw new UsageError(
        `the actor system is node "${system.node}", its transport joined as "${transport.node}": give both the same name, or answers are lost`,
      );
    }
    if (!(heartbeat > 0 && timeout >= 2 * heartbeat)) {
      throw new UsageError(
        `a heartbeat of ${heartbeat} ms with a timeout of ${timeout} ms: the timeout must be at least two heartbeats`,
      );
    }
    this.#system = system;
    this.#transport = transport;
    this.#heartbeat = heartbeat;
    this.#timeout = timeout;
    this.#arriving = arriving;
    transport.onFrame((from, frame) => this.#receive(from, frame as Frame));
  }

  /**
   * A ref to a path on a node. A message goes to the actor that lives there when the message arrives. The caller has to know the
   * type of that actor's messages.
   */
  at<M>(node: string, path: string): Ref<M> {
    return node === this.#system.node ? this.#system.at(path) : new RemoteRef<M>(this.#system, this, { node, path });
  }

  /** Closes the links: all actors watched on other nodes become unreachable. */
  close(): void {
    this.#closed = true;
    this.#cancelBeat?.();
    this.#transport.close();
    for (const peer of this.#peers.values()) {
      peer.close();
    }
  }

  /** For refs. @throws UsageError when the message cannot be copied */
  send(to: Address, message: unknown): void {
    try {
      this.#peer(to.node).send({ kind: "message", to, message: encode(message) });
    } catch (error) {
      throw new UsageError(`a message to ${to.node}${to.path} cannot be copied to another node: ${error}`, {
        cause: error,
      });
    }
  }

  /** For refs. */
  watch(address: Address, listener: (ending: Ending) => void): () => void {
    if (this.#closed) {
      listener({ reason: "unreachable" });
      return () => undefined;
    }
    const cancel = this.#peer(address.node).watch(address, listener, this.#system.clock.now());
    this.#keepBeating();
    return cancel;
  }

  #receive(from: string, frame: Frame): void {
    this.#peer(from).receive(frame, this.#system.clock.now());
    this.#keepBeating();
  }

  #keepBeating(): void {
    if (!this.#cancelBeat && !this.#closed && [...this.#peers.values()].some(({ isActive }) => isActive)) {
      const { clock, timers } = this.#system;
      this.#cancelBeat = timers.after(untilBeat(clock, this.#heartbeat), () => {
        this.#cancelBeat = undefined;
        const now = clock.now();
        for (const peer of this.#peers.values()) {
          if (peer.isActive) {
            peer.beat(now, this.#timeout);
          }
        }
        this.#keepBeating();
      });
    }
  }

  #peer(name: string): Peer {
    let peer = this.#peers.get(name);
    if (!peer) {
      const place = {
        send: (frame: Frame) => this.#transport.send(name, frame),
        message: (to: Address, message: unknown) => this.#deliver(name, to, message),
        observe: (address: Address, listener: (ending: Ending) => void) =>
          this.#system.resolve(address).onEnd(listener),
      };
      peer = new Peer(place, this.#system.incarnation, this.#system.clock.now());
      this.#peers.set(name, peer);
    }
    return peer;
  }

  #deliver(from: string, to: Address, message: unknown): void {
    const tell = (): void => this.#system.resolve(to).tell(decode(message, (address) => this.#ref(address)) as never);
    const before = this.#delayed.get(from);
    const arrival = before ? before.then(() => this.#arriving?.(from, message)) : this.#arriving?.(from, message);
    if (!arrival) {
      tell();
      return;
    }
    const delivered = arrival.then((isWhole) => {
      if (isWhole !== false && !this.#closed) tell();
      if (this.#delayed.get(from) === delivered) this.#delayed.delete(from);
    });
    this.#delayed.set(from, delivered);
  }

  #ref(address: Address): Ref<never> {
    return address.node === this.#system.node
      ? this.#system.resolve(address)
      : new RemoteRef<never>(this.#system, this, address);
  }
}

class RemoteRef<M> extends Ref<M> {
  readonly #node: Node;
  override readonly address: Address;

  constructor(system: ActorSystem, node: Node, address: Address) {
    super(system);
    this.#node = node;
    this.address = address;
  }

  override tell(message: M): void {
    this.#node.send(this.address, message);
  }

  override onEnd(listener: (ending: Ending) => void): () => void {
    return this.#node.watch(this.address, listener);
  }

  /** Does not watch the actor, because a watch for every question would double the frames. Only the timeout ends a question. */
  protected override onSilence(): () => void {
    return () => undefined;
  }
}
