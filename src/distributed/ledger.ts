/**
 * The ledger: what a run has come to, told by one coordinator after the other and kept where none of them can take it
 * along. It hands out epochs, so that of two coordinators only the later one counts; it knows the snapshot to go back to;
 * and it writes the story of the run, in which every round happens once.
 *
 * A round enters the story with the snapshot that follows it: before that it may still be undone.
 */
import type { Behavior, Context, Start, Terminated } from "../actor/behavior.js";
import type { Ref } from "../actor/ref.js";
import type { ReconstructionError } from "../analysis/reconstruction-error.js";
import { DawnpourError } from "../error.js";
import { workerName } from "./nodes.js";
import type { Attendant, Commit, LedgerState, Snapshot, ToCoordinator, ToLedger, WorkerStatus } from "./protocol.js";

/** Epochs that one coordinator may begin by itself. */
const EPOCHS = 2 ** 20;

/** What comes of a run, told to whoever keeps it. */
export interface Story {
  /** Rounds that can no more be undone, in order; their last one led to the state of the newest snapshot. */
  committed(commits: readonly Commit[]): void;
  evaluated(round: number, test: ReconstructionError): void;
  checkpointed(round: number, path: string): void;
  noCheckpoint(round: number, error: unknown): void;
  recovered(failure: Failure, resumed: number): void;
  /** Workers as they are; `committed` rounds so far, those that may be undone included. */
  status(workers: readonly WorkerStatus[], committed: number): void;
  /** A round was committed, and may still be undone. */
  progressed(commit: Commit): void;
  ended(end: RunEnd): void;
}

export interface Failure {
  readonly target: string;
  readonly failure: string;
  /** Milliseconds on the clock. */
  readonly noticed: number;
  readonly stepsLost: number;
}

/** How a run ended: with a state, or without hope. */
export type RunEnd = { readonly snapshot: Snapshot } | { readonly error: unknown };

export interface LedgerPlace {
  readonly origin: Snapshot;
  readonly story: Story;
  readonly checkpointer: Ref<{ readonly snapshot: Snapshot; readonly replyTo: Ref<ToLedger> }>;
  /** Ends a node that gives no sign of life. */
  kill(node: string, session: number): void;
}

export function ledger(place: LedgerPlace): Start<ToLedger> {
  return (context) => new Ledger(context, place);
}

class Ledger implements Behavior<ToLedger> {
  readonly #context: Context<ToLedger>;
  readonly #place: LedgerPlace;
  #epoch = 0;
  #snapshot: Snapshot;
  /** What was committed since. */
  #log = new Map<number, Commit>();
  #pinned: Snapshot[] = [];
  #failures: Failure[] = [];
  #coordinator: Ref<ToCoordinator> | undefined;
  #session = 0;
  /** Those that are watched, by their address. */
  readonly #watched = new Map<string, Attendant>();
  #stopping = false;
  /** The state that the run ends with, once it is on disk. */
  #last: Snapshot | undefined;
  #ended = false;

  constructor(context: Context<ToLedger>, place: LedgerPlace) {
    this.#context = context;
    this.#place = place;
    this.#snapshot = place.origin;
  }

  receive(message: ToLedger): void {
    if ("epoch" in message) {
      if (message.epoch < this.#epoch) return;
      this.#epoch = message.epoch;
    }
    switch (message.kind) {
      case "succeed":
        this.#succeed(message);
        break;
      case "committed":
        this.#committed(message.commit);
        break;
      case "snapshot":
        this.#keep(message);
        break;
      case "rolledBack":
        this.#forget(message.round);
        break;
      case "failed":
        this.#failures.push({ ...message, noticed: this.#context.system.clock.now() });
        break;
      case "hopeless":
        this.#end({ error: new DawnpourError(message.why) });
        break;
      case "attending":
        this.#observe(message);
        message.replyTo.tell({ kind: "noted" });
        break;
      case "silent":
        for (const { node, session } of this.#watched.values()) {
          if (node === message.node) this.#place.kill(node, session);
        }
        break;
      case "checkpointed":
        this.#checkpointed(message);
        break;
      case "status":
        for (const { index, session, ref } of message.cards) this.#observe({ node: workerName(index), session, ref });
        this.#place.story.status(message.workers, this.#next);
        break;
      case "stop":
        this.#stopping = true;
        this.#coordinator?.tell({ kind: "stop" });
        break;
    }
  }

  /** Nodes that cannot be reached are ended, so that they can start anew; actors that fail are their supervisors' business. */
  terminated({ ref, reason }: Terminated): void {
    const watched = this.#watched.get(ref.toString());
    this.#watched.delete(ref.toString());
    if (reason !== "unreachable") return;
    if (watched) this.#place.kill(watched.node, watched.session);
    if (ref === this.#coordinator) this.#place.kill("coordinator", this.#session);
  }

  #observe({ node, session, ref }: Attendant): void {
    const address = ref.toString();
    if (this.#watched.has(address)) return;
    this.#watched.set(address, { node, session, ref });
    this.#context.watch(ref);
  }

  /** The first round that is not in the log. */
  get #next(): number {
    let round = this.#snapshot.round;
    while (this.#log.has(round)) round++;
    return round;
  }

  #succeed({ coordinator, session, replyTo }: ToLedger & { kind: "succeed" }): void {
    this.#epoch = (Math.floor(this.#epoch / EPOCHS) + 1) * EPOCHS;
    if (this.#coordinator) this.#context.unwatch(this.#coordinator);
    this.#coordinator = coordinator;
    this.#session = session;
    this.#context.watch(coordinator);
    const { pinned, snapshot } = this.#state;
    replyTo.tell({ epoch: this.#epoch, snapshot, pinned, committed: this.#next, stopping: this.#stopping });
  }

  get #state(): LedgerState {
    return { kind: "kept", snapshot: this.#snapshot, pinned: this.#pinned, last: this.#last !== undefined };
  }

  #committed(commit: Commit): void {
    if (commit.round < this.#snapshot.round || commit.round > this.#next) return;
    // A new coordinator may begin before the end of the log; what follows is done again.
    this.#forget(commit.round);
    this.#log.set(commit.round, commit);
    this.#place.story.progressed(commit);
    this.#resume();
  }

  #forget(from: number): void {
    for (const round of [...this.#log.keys()]) {
      if (round >= from) this.#log.delete(round);
    }
  }

  #resume(): void {
    const now = this.#context.system.clock.now();
    for (const failure of this.#failures.splice(0)) this.#place.story.recovered(failure, now);
  }

  #keep({ snapshot, after, commits, test, occasion, replyTo }: ToLedger & { kind: "snapshot" }): void {
    const isNews = snapshot.round > this.#snapshot.round || (occasion.last && !this.#last);
    if (isNews && after === this.#snapshot.round) {
      for (const commit of commits) this.#log.set(commit.round, commit);
      this.#tellCommits(snapshot.round);
      this.#snapshot = snapshot;
      if (test) this.#place.story.evaluated(snapshot.round, test);
      if (occasion.last) this.#last = snapshot;
      if (occasion.checkpoint) {
        this.#pinned.push(snapshot);
        this.#place.checkpointer.tell({ snapshot, replyTo: this.#context.self });
      }
    }
    replyTo.tell(this.#state);
  }

  #tellCommits(end: number): void {
    const commits: Commit[] = [];
    for (let round = this.#snapshot.round; round < end; round++) {
      const commit = this.#log.get(round);
      if (!commit) throw new DawnpourError(`Invariant violation: nothing is known of round ${round} before ${end}`);
      commits.push(commit);
      this.#log.delete(round);
    }
    if (commits.length > 0) this.#place.story.committed(commits);
    if (commits.length > 0) this.#resume();
  }

  #checkpointed({ snapshot, path, error }: ToLedger & { kind: "checkpointed" }): void {
    this.#pinned = this.#pinned.filter((pinned) => pinned !== snapshot);
    this.#coordinator?.tell(this.#state);
    const isLast = snapshot === this.#last;
    if (path !== undefined) this.#place.story.checkpointed(snapshot.round, path);
    else if (!isLast) this.#place.story.noCheckpoint(snapshot.round, error);
    if (isLast) this.#end(path === undefined ? { error } : { snapshot });
  }

  #end(end: RunEnd): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#place.story.ended(end);
  }
}
