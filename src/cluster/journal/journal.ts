/**
 * The ledger: what a run has come to, told by one coordinator after the other and kept where none of them can take it
 * along. It hands out epochs, so that of two coordinators only the later one counts; it knows the snapshot to go back to;
 * and it writes the story of the run, in which every round happens once.
 *
 * A round enters the story with the snapshot that follows it: before that it may still be undone.
 */
import type { Behavior, Context, Start, Terminated } from "../../actor/behavior.js";
import type { Ref } from "../../actor/ref.js";
import { DawnpourError } from "../../error.js";
import { COORDINATOR, workerName } from "../names.js";
import type { Attendant, Commit, LedgerState, Snapshot, ToCoordinator, ToLedger } from "../protocol.js";
import { Roster } from "./liveness.js";
import { Failures, type FailuresPlace } from "./open-failures.js";
import type { RunEnd, Story } from "./run-listener.js";

/** Milliseconds that a stop waits for the coordinator, which may be nobody, or may reach nobody. */
const STOP_TIMEOUT = 3000;

/** Epochs that one coordinator may begin by itself. */
const EPOCHS = 2 ** 20;

export interface LedgerPlace extends FailuresPlace {
  readonly origin: Snapshot;
  readonly story: Story;
  readonly checkpointer: Ref<{ readonly snapshot: Snapshot; readonly replyTo: Ref<ToLedger> }>;
  /** Ends a node that is of no use any more, if it is still this session of it. */
  kill(node: string, session: number, why: string): void;
  /** The workers whose processes run. */
  workers(): readonly { readonly index: number; readonly session: number }[];
  /** Milliseconds that a worker may take to do anything, and to be heard of by the coordinator. */
  readonly stepTimeout: number;
}

const STUCK = "it did not answer within the step timeout";

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
  #coordinator: Ref<ToCoordinator> | undefined;
  /** Of the coordinator's node: its successor may be starting while the end of it is still to be noticed. */
  #session = 0;
  readonly #roster = new Roster();
  readonly #failures: Failures;
  /** When each session of a worker was last on the roll. */
  #seen = new Map<number, number>();
  #stopping = false;
  /** The round of the last state that was written. */
  #saved: number | undefined;
  /** The state that the run ends with, once it is on disk. */
  #last: Snapshot | undefined;
  #ended = false;

  constructor(context: Context<ToLedger>, place: LedgerPlace) {
    this.#context = context;
    this.#place = place;
    this.#snapshot = place.origin;
    this.#failures = new Failures(place, context.system.clock, this.#roster);
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
      case "hopeless":
        this.#end({ error: new DawnpourError(message.why) });
        break;
      case "stuck":
        this.#giveUp(workerName(message.card.index), message.card.session, STUCK);
        break;
      case "attending":
        this.#attend(message);
        break;
      case "silent":
        for (const { node, session } of this.#roster.on(message.node)) this.#giveUp(node, session, STUCK);
        break;
      case "checkpointed":
        this.#checkpointed(message);
        break;
      case "status":
        this.#callRoll(message);
        this.#place.story.status(message.workers);
        // The first word may have been lost.
        if (this.#stopping) this.#coordinator?.tell({ kind: "stop" });
        break;
      case "stop":
        this.#stopping = true;
        this.#coordinator?.tell({ kind: "stop" });
        this.#context.after(STOP_TIMEOUT, { kind: "stopHere" });
        break;
      case "stopHere":
        this.#stopHere();
        break;
    }
  }

  terminated({ ref, reason, error }: Terminated): void {
    const attendant = this.#roster.ended(ref);
    if (!attendant && ref !== this.#coordinator) return;
    const { node, session } = attendant ?? { node: COORDINATOR, session: this.#session };
    if (this.#roster.isOver(node, session)) return;
    if (reason === "unreachable") this.#giveUp(node, session, "it gave no sign of life");
    else this.#failures.lost(node, session, error === undefined ? `it was ${reason}` : textOf(error), "device");
  }

  #over({ node, session, why }: ToLedger & { kind: "exited" }): void {
    if (!this.#roster.over(node, session)) return;
    this.#failures.lost(node, session, why);
    if (node === COORDINATOR && session < this.#session) this.#failures.isBack(node);
  }

  #attend({ node, session, ref, replyTo }: ToLedger & { kind: "attending" }): void {
    const attendant = { node, session, ref };
    this.#observe(attendant);
    this.#failures.isThere(attendant);
    replyTo.tell({ kind: "noted" });
  }

  /** A worker whose process runs, and which its coordinator has not heard of for too long, hangs. */
  #callRoll({ cards, workers }: ToLedger & { kind: "status" }): void {
    const now = this.#now;
    const there = new Set(cards.map(({ session }) => session));
    const seen = new Map<number, number>();
    for (const { index, session } of this.#place.workers()) {
      const last = there.has(session) ? now : (this.#seen.get(session) ?? now);
      seen.set(session, last);
      if (now - last > this.#place.stepTimeout) this.#giveUp(workerName(index), session, STUCK);
    }
    this.#seen = seen;
    const healed = new Set(workers.filter(({ state }) => state !== "healing").map(({ worker }) => worker));
    for (const { index, session, ref } of cards) {
      const attendant = { node: workerName(index), session, ref };
      this.#observe(attendant);
      if (healed.has(index)) this.#failures.isThere(attendant);
    }
  }

  #observe(attendant: Attendant): void {
    if (this.#roster.observe(attendant)) this.#context.watch(attendant.ref);
  }

  /** Nodes that are of no use any more are ended, so that they can start anew; actors that fail are their supervisors' business. */
  #giveUp(node: string, session: number, why: string): void {
    if (!this.#roster.over(node, session)) return;
    this.#failures.lost(node, session, why);
    this.#place.kill(node, session, why);
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

  #succeed({ coordinator, session, replyTo }: ToLedger & { kind: "succeed" }): void {
    this.#beginEpochs();
    if (this.#coordinator) this.#context.unwatch(this.#coordinator);
    this.#coordinator = coordinator;
    this.#session = session;
    this.#context.watch(coordinator);
    this.#failures.isBack(COORDINATOR);
    this.#seen.clear();
    const { pinned, snapshot } = this.#state;
    replyTo.tell({ epoch: this.#epoch, snapshot, pinned, committed: this.#next, stopping: this.#stopping });
  }

  /** Those before are over. */
  #beginEpochs(): void {
    this.#epoch = (Math.floor(this.#epoch / EPOCHS) + 1) * EPOCHS;
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
    this.#failures.resumed(this.#now - (commit.ago ?? 0));
  }

  #forget(from: number): void {
    for (const round of [...this.#log.keys()]) {
      if (round >= from) this.#log.delete(round);
    }
  }

  #keep({ snapshot, after, commits, errors, occasion, replyTo }: ToLedger & { kind: "snapshot" }): void {
    const isNews = !this.#last && (snapshot.round > this.#snapshot.round || occasion.last);
    if (isNews && after === this.#snapshot.round) {
      for (const commit of commits) this.#log.set(commit.round, commit);
      this.#tellCommits(snapshot.round);
      this.#snapshot = snapshot;
      if (errors) this.#place.story.evaluated(snapshot.round, errors);
      if (occasion.last) this.#last = snapshot;
      if (occasion.checkpoint) this.#save(snapshot);
    }
    replyTo.tell(this.#state);
  }

  /** Ends the run with what it has come to for certain. Whatever the coordinator still says is of an epoch that is over. */
  #stopHere(): void {
    if (this.#last || this.#ended) return;
    this.#beginEpochs();
    this.#last = this.#snapshot;
    this.#save(this.#last);
  }

  /** Has it written, unless it is, or is being written: a run that is stopped ends with what may be on disk already. */
  #save(snapshot: Snapshot): void {
    const pinned = this.#pinned.find(({ round }) => round === snapshot.round);
    if (pinned) {
      this.#last = this.#last && pinned;
    } else if (this.#saved === snapshot.round) {
      this.#end({ snapshot });
    } else {
      this.#pinned.push(snapshot);
      this.#place.checkpointer.tell({ snapshot, replyTo: this.#context.self });
    }
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
    if (commits.length > 0) this.#failures.resumed(this.#now);
  }

  #checkpointed({ snapshot, path, error }: ToLedger & { kind: "checkpointed" }): void {
    this.#pinned = this.#pinned.filter((pinned) => pinned !== snapshot);
    this.#coordinator?.tell(this.#state);
    const isLast = snapshot === this.#last;
    if (path !== undefined) {
      this.#saved = snapshot.round;
      this.#place.story.checkpointed(snapshot.round, path);
    }
    if (path === undefined && !isLast) this.#place.story.noCheckpoint(snapshot.round, error);
    if (isLast) this.#end(path === undefined ? { error } : { snapshot });
  }

  #end(end: RunEnd): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#place.story.ended(end);
  }
}

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
