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
import { COORDINATOR, workerName } from "../../placement/names.js";
import type { Commit, JournalState, Snapshot, ToCoordinator, ToJournal, WatchedNode } from "../protocol.js";
import { Liveness } from "./liveness.js";
import { OpenFailures, type OpenFailuresOptions } from "./open-failures.js";
import type { RunEnd, RunListener } from "./run-listener.js";

/** Milliseconds that a stop waits for the coordinator, which may be absent or cut off. */
const STOP_TIMEOUT = 3000;

/** Terms that one coordinator may begin by itself. */
const TERMS_PER_COORDINATOR = 2 ** 20;

export interface JournalOptions extends OpenFailuresOptions {
  readonly origin: Snapshot;
  readonly listener: RunListener;
  readonly checkpointer: Ref<{ readonly snapshot: Snapshot; readonly replyTo: Ref<ToJournal> }>;
  /** Ends a node that is of no more use, if it is still this incarnation. */
  kill(node: string, incarnation: number, why: string): void;
  /** The workers whose processes run. */
  workers(): readonly { readonly index: number; readonly incarnation: number }[];
  /** Milliseconds that a worker may take for one answer, and to join the coordinator. */
  readonly stepTimeout: number;
}

const STUCK = "it did not answer within the step timeout";

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
  /** Incarnation of the coordinator's node: its successor may start before its end is noticed. */
  #incarnation = 0;
  readonly #liveness = new Liveness();
  readonly #failures: OpenFailures;
  /** When the coordinator last listed each incarnation of a worker. */
  #seen = new Map<number, number>();
  #stopping = false;
  /** The round of the last snapshot on disk. */
  #saved: number | undefined;
  /** The snapshot that the run ends with, once it is on disk. */
  #last: Snapshot | undefined;
  #ended = false;

  constructor(context: Context<ToJournal>, options: JournalOptions) {
    this.#context = context;
    this.#options = options;
    this.#snapshot = options.origin;
    this.#failures = new OpenFailures(options, context.system.clock, this.#liveness);
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
        this.#failures.failed(message);
        break;
      case "exited":
        this.#over(message);
        break;
      case "fatal":
      case "defect":
        this.#end({ error: new DawnpourError(message.why) });
        break;
      case "stuck":
        this.#giveUp(workerName(message.info.index), message.info.incarnation, STUCK);
        break;
      case "watch":
        this.#watchNode(message);
        break;
      case "silent":
        for (const { node, incarnation } of this.#liveness.on(message.node)) this.#giveUp(node, incarnation, STUCK);
        break;
      case "checkpointed":
        this.#checkpointed(message);
        break;
      case "status":
        this.#checkWorkers(message);
        this.#options.listener.status(message.workers);
        // The first message may have been lost.
        if (this.#stopping) this.#coordinator?.tell({ kind: "stop" });
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

  terminated({ ref, reason, error }: Terminated): void {
    const watched = this.#liveness.ended(ref);
    if (!watched && ref !== this.#coordinator) return;
    const { node, incarnation } = watched ?? { node: COORDINATOR, incarnation: this.#incarnation };
    if (this.#liveness.isOver(node, incarnation)) return;
    if (reason === "unreachable") this.#giveUp(node, incarnation, "it gave no sign of life");
    else this.#failures.lost(node, incarnation, error === undefined ? `it was ${reason}` : textOf(error), "device");
  }

  #over({ node, incarnation, why }: ToJournal & { kind: "exited" }): void {
    if (!this.#liveness.over(node, incarnation)) return;
    this.#failures.lost(node, incarnation, why);
    if (node === COORDINATOR && incarnation < this.#incarnation) this.#failures.isBack(node);
  }

  #watchNode({ node, incarnation, ref, replyTo }: ToJournal & { kind: "watch" }): void {
    const watched = { node, incarnation, ref };
    this.#observe(watched);
    this.#failures.isThere(watched);
    replyTo.tell({ kind: "noted" });
  }

  /** A worker whose process runs, and which the coordinator has not listed within the step timeout, hangs. */
  #checkWorkers({ infos, workers }: ToJournal & { kind: "status" }): void {
    const now = this.#now;
    const listed = new Set(infos.map(({ incarnation }) => incarnation));
    const seen = new Map<number, number>();
    for (const { index, incarnation } of this.#options.workers()) {
      const last = listed.has(incarnation) ? now : (this.#seen.get(incarnation) ?? now);
      seen.set(incarnation, last);
      if (now - last > this.#options.stepTimeout) this.#giveUp(workerName(index), incarnation, STUCK);
    }
    this.#seen = seen;
    const healed = new Set(workers.filter(({ state }) => state !== "healing").map(({ worker }) => worker));
    for (const { index, incarnation, ref } of infos) {
      const watched = { node: workerName(index), incarnation, ref };
      this.#observe(watched);
      if (healed.has(index)) this.#failures.isThere(watched);
    }
  }

  #observe(watched: WatchedNode): void {
    if (this.#liveness.observe(watched)) this.#context.watch(watched.ref);
  }

  /**
   * Ends a node that is of no more use, so that its supervisor starts it anew. A failed actor is left to its own
   * supervisor.
   */
  #giveUp(node: string, incarnation: number, why: string): void {
    if (!this.#liveness.over(node, incarnation)) return;
    this.#failures.lost(node, incarnation, why);
    this.#options.kill(node, incarnation, why);
  }

  get #now(): number {
    return this.#context.system.clock.now();
  }

  /** The first round that is not in the log. */
  get #next(): number {
    let round = this.#snapshot.round;
    while (this.#log.has(round)) round++;
    return round;
  }

  #takeOver({ coordinator, incarnation, replyTo }: ToJournal & { kind: "takeOver" }): void {
    this.#beginTerm();
    if (this.#coordinator) this.#context.unwatch(this.#coordinator);
    this.#coordinator = coordinator;
    this.#incarnation = incarnation;
    this.#context.watch(coordinator);
    this.#failures.isBack(COORDINATOR);
    this.#seen.clear();
    const { pinned, snapshot } = this.#state;
    replyTo.tell({ term: this.#term, snapshot, pinned, committed: this.#next, stopping: this.#stopping });
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
    this.#failures.resumed(this.#now - (commit.ago ?? 0));
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
    if (commits.length > 0) this.#failures.resumed(this.#now);
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

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
