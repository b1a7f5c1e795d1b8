/**
 * The journal: the record of a run, kept in the main process, where it outlives every coordinator. It hands out terms,
 * so that only the newest of two coordinators counts. It knows the snapshot that a roll-back returns to. It tells the
 * run's listener each round exactly once.
 *
 * The listener learns of a round as committed with the snapshot that follows it: until then a roll-back may undo the
 * round.
 */
import type { Behavior, Context, Start, Terminated } from "../../actor/behavior.js";
import type { Ref } from "../../actor/ref.js";
import { DawnpourError } from "../../error.js";
import type { Snapshot, ToCoordinator } from "../protocol.js";
import { Departures, type DeparturesOptions } from "./departures.js";
import type { Commit, JournalState, ToJournal } from "./journal-protocol.js";
import { NodeWatch, type NodeWatchOptions } from "./node-watch.js";
import type { RunEnd, RunListener } from "./run-listener.js";

/** Milliseconds that a stop waits for the coordinator, which may be absent or cut off. */
const STOP_TIMEOUT = 3000;

/** Terms that one coordinator may begin by itself. */
const TERMS_PER_COORDINATOR = 2 ** 20;

export interface JournalOptions extends NodeWatchOptions, DeparturesOptions {
  readonly origin: Snapshot;
  readonly listener: RunListener;
  readonly checkpointer: Ref<{ readonly snapshot: Snapshot; readonly replyTo: Ref<ToJournal> }>;
}

export function journal(options: JournalOptions): Start<ToJournal> {
  return (context) => new Journal(context, options);
}

class Journal implements Behavior<ToJournal> {
  readonly #context: Context<ToJournal>;
  readonly #options: JournalOptions;
  #term = 0;
  #snapshot: Snapshot;
  /** Rounds committed since the snapshot. */
  #log = new Map<number, Commit>();
  #pinned: Snapshot[] = [];
  #coordinator: Ref<ToCoordinator> | undefined;
  readonly #nodes: NodeWatch;
  readonly #departures: Departures;
  #stopping = false;
  /** The round of the last snapshot on disk. */
  #saved: number | undefined;
  /** The snapshot that the run ends with. The end waits until it is on disk. */
  #last: Snapshot | undefined;
  #ended = false;

  constructor(context: Context<ToJournal>, options: JournalOptions) {
    this.#context = context;
    this.#options = options;
    this.#snapshot = options.origin;
    this.#nodes = new NodeWatch(context, options);
    this.#departures = new Departures(options, this.#nodes);
  }

  receive(message: ToJournal): void {
    if ("term" in message) {
      if (message.term < this.#term) return;
      this.#term = message.term;
    }
    switch (message.kind) {
      case "takeOver":
        this.#takeOver(message);
        break;
      case "committed":
        for (const commit of message.commits) this.#committed(commit);
        break;
      case "snapshot":
        this.#keep(message);
        break;
      case "rolledBack":
        this.#forget(message.round);
        break;
      case "failed":
        this.#nodes.failed(message);
        break;
      case "exited":
        this.#nodes.exited(message);
        break;
      case "fatal":
      case "defect":
        this.#end({ error: new DawnpourError(message.why) });
        break;
      case "stuck":
        this.#nodes.stuck(message.info.index, message.info.incarnation);
        break;
      case "watch":
        this.#nodes.watch(message);
        break;
      case "silent":
        this.#nodes.silent(message.node);
        break;
      case "checkpointed":
        this.#checkpointed(message);
        break;
      case "status":
        this.#nodes.listed(message);
        this.#options.listener.status(message.workers);
        // The first message may have been lost.
        if (this.#stopping) this.#coordinator?.tell({ kind: "stop" });
        this.#departures.askAgain(this.#coordinator);
        break;
      case "leave":
        this.#leave(message.worker);
        break;
      case "leaveNow":
        this.#departures.end(message.worker, message.request);
        break;
      case "released":
        this.#departures.end(message.worker);
        break;
      case "stop":
        this.#stopping = true;
        this.#coordinator?.tell({ kind: "stop" });
        this.#context.after(STOP_TIMEOUT, { kind: "stopHere" });
        break;
      case "stopHere":
        this.#stopHere();
    }
  }

  terminated(ending: Terminated): void {
    this.#nodes.terminated(ending);
  }

  /** The first round that is not in the log. */
  get #next(): number {
    let round = this.#snapshot.round;
    while (this.#log.has(round)) round++;
    return round;
  }

  #leave(worker: number): void {
    const request = this.#departures.begin(worker, this.#coordinator);
    this.#context.after(this.#departures.patience, { kind: "leaveNow", worker, request });
  }

  #takeOver({ coordinator, incarnation, replyTo }: ToJournal & { kind: "takeOver" }): void {
    this.#beginTerm();
    this.#coordinator = coordinator;
    this.#nodes.takenOver(coordinator, incarnation);
    const { pinned, snapshot } = this.#state;
    const { staying: workers } = this.#departures;
    replyTo.tell({ term: this.#term, snapshot, pinned, committed: this.#next, stopping: this.#stopping, workers });
  }

  /** Begins a new term; all earlier terms are over. */
  #beginTerm(): void {
    this.#term = (Math.floor(this.#term / TERMS_PER_COORDINATOR) + 1) * TERMS_PER_COORDINATOR;
  }

  get #state(): JournalState {
    return { kind: "kept", snapshot: this.#snapshot, pinned: this.#pinned, last: this.#last !== undefined };
  }

  #committed(commit: Commit): void {
    if (commit.round < this.#snapshot.round || commit.round > this.#next) return;
    // A new coordinator may begin before the end of the log; the rounds from there on are done again.
    this.#forget(commit.round);
    this.#log.set(commit.round, commit);
    this.#options.listener.progressed(commit);
    this.#nodes.resumed(commit.ago);
  }

  #forget(from: number): void {
    for (const round of [...this.#log.keys()]) {
      if (round >= from) this.#log.delete(round);
    }
  }

  #keep({ snapshot, after, commits, errors, purpose, replyTo }: ToJournal & { kind: "snapshot" }): void {
    const isNews = !this.#last && (snapshot.round > this.#snapshot.round || purpose.last);
    if (isNews && after === this.#snapshot.round) {
      for (const commit of commits) this.#log.set(commit.round, commit);
      this.#tellCommits(snapshot.round);
      this.#snapshot = snapshot;
      if (errors) this.#options.listener.evaluated(snapshot.round, errors);
      if (purpose.last) this.#last = snapshot;
      if (purpose.checkpoint) this.#save(snapshot);
    }
    replyTo.tell(this.#state);
  }

  /** Ends the run with the last snapshot. Later messages of the coordinator belong to a term that is over. */
  #stopHere(): void {
    if (this.#last || this.#ended) return;
    this.#beginTerm();
    this.#last = this.#snapshot;
    this.#save(this.#last);
  }

  /**
   * Writes the snapshot, unless it is written or being written: a run that is stopped may end with a snapshot that is
   * already on disk.
   */
  #save(snapshot: Snapshot): void {
    const pinned = this.#pinned.find(({ round }) => round === snapshot.round);
    if (pinned) {
      this.#last = this.#last && pinned;
    } else if (this.#saved === snapshot.round) {
      this.#end({ snapshot });
    } else {
      this.#pinned.push(snapshot);
      this.#options.checkpointer.tell({ snapshot, replyTo: this.#context.self });
    }
  }

  #tellCommits(end: number): void {
    const commits: Commit[] = [];
    for (let round = this.#snapshot.round; round < end; round++) {
      const commit = this.#log.get(round);
      if (!commit) throw new DawnpourError(`Invariant violation: round ${round}, before ${end}, is not in the log`);
      commits.push(commit);
      this.#log.delete(round);
    }
    if (commits.length > 0) this.#options.listener.committed(commits);
    if (commits.length > 0) this.#nodes.resumed();
  }

  #checkpointed({ snapshot, path, error }: ToJournal & { kind: "checkpointed" }): void {
    this.#pinned = this.#pinned.filter((pinned) => pinned !== snapshot);
    this.#coordinator?.tell(this.#state);
    const isLast = snapshot === this.#last;
    if (path !== undefined) {
      this.#saved = snapshot.round;
      this.#options.listener.checkpointed(snapshot.round, path);
    }
    if (path === undefined && !isLast) this.#options.listener.noCheckpoint(snapshot.round, error);
    if (isLast) this.#end(path === undefined ? { error } : { snapshot });
  }

  #end(end: RunEnd): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#options.listener.ended(end);
  }
}
