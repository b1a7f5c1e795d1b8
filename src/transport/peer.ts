/**
 * Connection to another node. A connection works or is broken as a whole. A node that has not heard of its peer for too long
 * ends all watches across the connection as unreachable, and begins a new connection number. The peer does the same when it
 * sees the new number, or has heard nothing for too long. So a node that is cut off in one direction counts as cut off in both.
 * Frames of an older connection number are ignored.
 *
 * Any frame may be lost, because every heartbeat lists all watches, and the end of a watched actor is reported until its watch
 * is no longer listed.
 */
import type { Address, Ending } from "../actor/ref.js";
import { DawnpourError } from "../error.js";
import { type ConnectionNumber, type Content, type Frame, isLater, type Watched } from "./frame.js";

type Listener = (ending: Ending) => void;

/** An actor of the peer that this node watches. */
interface Watch {
  readonly address: Address;
  readonly listener: Listener;
  /** Whether the peer knows of the watch. */
  guarded: boolean;
}

/** An actor of this node that the peer watches. */
interface Guard {
  cancel: () => void;
  /** The report, once the actor has ended. */
  report: Content | undefined;
}

interface PeerOptions {
  send(frame: Frame): void;
  message(to: Address, message: unknown): void;
  /** Calls `listener` when an actor of this node has ended. */
  observe(address: Address, listener: Listener): () => void;
}

export class Peer {
  readonly #options: PeerOptions;
  #connection: ConnectionNumber;
  #sent = 0;
  #theirConnection: ConnectionNumber | undefined;
  #received = 0;
  #lastHeard: number;
  #nextId = 0;
  readonly #watches = new Map<number, Watch>();
  readonly #guards = new Map<number, Guard>();

  constructor(options: PeerOptions, incarnation: number, now: number) {
    this.#options = options;
    this.#connection = [incarnation, 0];
    this.#lastHeard = now;
  }

  /** Whether there are watches across the connection. Only then does silence break it. */
  get isActive(): boolean {
    return this.#watches.size > 0 || this.#guards.size > 0;
  }

  send(content: Content): void {
    this.#options.send({ connection: this.#connection, sequence: ++this.#sent, content });
  }

  watch(address: Address, listener: Listener, now: number): () => void {
    this.#activate(now);
    const id = ++this.#nextId;
    this.#watches.set(id, { address, listener, guarded: false });
    this.#heartbeat();
    return () => this.#watches.delete(id);
  }

  /** Call it regularly while active: it sends a heartbeat, or ends the connection. */
  beat(now: number, timeout: number): void {
    if (now - this.#lastHeard > timeout) {
      this.#connection = [this.#connection[0], this.#connection[1] + 1];
      this.#reset(() => true);
    }
    this.#heartbeat();
  }

  receive({ connection, sequence, content }: Frame, now: number): void {
    if (this.#theirConnection && isLater(this.#theirConnection, connection)) {
      return;
    }
    if (this.#theirConnection && isLater(connection, this.#theirConnection)) {
      // The peer has dropped the watches that it knew. It learns of the others now, so these stay.
      this.#reset((watch) => watch.guarded);
      this.#received = 0;
    }
    this.#theirConnection = connection;
    // Frames are delivered at most once, and in order. A frame that was overtaken is dropped.
    if (sequence <= this.#received) {
      return;
    }
    this.#received = sequence;
    this.#lastHeard = now;
    this.#take(content, now);
  }

  close(): void {
    this.#reset(() => true);
  }

  #take(content: Content, now: number): void {
    if (content.kind === "message") {
      this.#options.message(content.to, content.message);
    } else if (content.kind === "heartbeat") {
      this.#guard(content.watched, now);
      this.#confirm(content.guarded);
    } else {
      const { id, reason, error } = content;
      const watch = this.#watches.get(id);
      this.#watches.delete(id);
      watch?.listener({ reason, error });
    }
  }

  #confirm(guarded: readonly number[]): void {
    for (const id of guarded) {
      const watch = this.#watches.get(id);
      if (watch) {
        watch.guarded = true;
      }
    }
    if (guarded.length > 0 && !this.isActive) {
      // This node no longer watches these actors. Without a heartbeat the peer would not learn that, and expect more of them.
      this.#heartbeat();
    }
  }

  /** Guards exactly what the peer watches. */
  #guard(watched: readonly Watched[], now: number): void {
    const ids = new Set(watched.map(({ id }) => id));
    for (const [id, guard] of this.#guards) {
      if (!ids.has(id)) {
        guard.cancel();
        this.#guards.delete(id);
      }
    }
    for (const { id, address } of watched) {
      const guard = this.#guards.get(id);
      if (guard?.report) {
        this.send(guard.report);
      } else if (!guard) {
        this.#activate(now);
        this.#addGuard(id, address);
      }
    }
  }

  #addGuard(id: number, address: Address): void {
    const guard: Guard = { cancel: () => undefined, report: undefined };
    this.#guards.set(id, guard);
    guard.cancel = this.#options.observe(address, ({ reason, error }) => {
      guard.report = { kind: "ended", id, reason, ...(error === undefined ? {} : { error: textOf(error) }) };
      this.send(guard.report);
    });
  }

  /** The connection becomes active: its silence is measured from now on. */
  #activate(now: number): void {
    if (!this.isActive) {
      this.#lastHeard = now;
    }
  }

  #heartbeat(): void {
    const watched = [...this.#watches].map(([id, { address }]) => ({ id, address }));
    this.send({ kind: "heartbeat", watched, guarded: [...this.#guards.keys()] });
  }

  /** Drops the guards, and ends the watches that are `lost`. */
  #reset(lost: (watch: Watch) => boolean): void {
    for (const { cancel } of this.#guards.values()) {
      cancel();
    }
    this.#guards.clear();
    for (const [id, watch] of [...this.#watches]) {
      if (lost(watch)) {
        this.#watches.delete(id);
        watch.listener({ reason: "unreachable" });
      }
    }
  }
}

/** The text of an error. Messages of our own errors are complete; those of other errors need the class beside them. */
const textOf = (error: unknown): string => (error instanceof DawnpourError ? error.message : String(error));
