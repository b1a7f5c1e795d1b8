import { expect, test } from "vitest";
import type { Ref } from "../../../src/actor/ref.js";
import { ActorSystem } from "../../../src/actor/system.js";
import { type JournalOptions, journal } from "../../../src/cluster/journal/journal.js";
import type { Commit, Takeover, ToJournal } from "../../../src/cluster/journal/journal-protocol.js";
import type { RunEnd, RunListener } from "../../../src/cluster/journal/run-listener.js";
import type { Snapshot, ToCoordinator, ToWorker, WorkerInfo } from "../../../src/cluster/protocol.js";
import { ORIGIN } from "../../../src/tensors/tensor-store.js";
import { SimulatedWorld } from "../../../src/world/simulated/world.js";

const snapshot = (round: number, owner = 0): Snapshot => ({ round, owner, set: round % 4, digest: "d", scalars: [] });
const commit = (round: number, loss = round): Commit => ({ round, loss, workers: [0] });
const REGULAR = { checkpoint: false, last: false };
const CHECKPOINT = { checkpoint: true, last: false };
const LAST = { checkpoint: true, last: true };

/** A journal, with the actors that send to it and those that it sends to. */
class Bench {
  readonly world = new SimulatedWorld(1);
  readonly system = new ActorSystem({ world: this.world, supervision: { intensity: 0 }, onFailure: () => undefined });
  readonly listener: string[] = [];
  /** Milliseconds from each failure to the next round. */
  readonly pauses: number[] = [];
  /** The causes of each failure. */
  readonly faults: (readonly number[])[] = [];
  readonly killed: string[] = [];
  readonly written: Snapshot[] = [];
  readonly heard: ToCoordinator[] = [];
  readonly coordinator: Ref<ToCoordinator>;
  readonly journal: Ref<ToJournal>;
  running: { index: number; incarnation: number }[] = [];
  end: RunEnd | undefined;

  constructor(options: Partial<JournalOptions> = {}) {
    const told: RunListener = {
      committed: (commits) => this.listener.push(`committed ${commits.map(({ round, loss }) => `${round}:${loss}`)}`),
      evaluated: (round) => this.listener.push(`evaluated ${round}`),
      checkpointed: (round) => this.listener.push(`checkpointed ${round}`),
      noCheckpoint: (round) => this.listener.push(`no checkpoint ${round}`),
      failed: () => undefined,
      rejoined: (node) => this.listener.push(`rejoined ${node}`),
      recovered: ({ target, noticed, faults }, resumed) => {
        this.faults.push(faults);
        this.listener.push(`recovered ${target}`);
        this.pauses.push(resumed - noticed);
      },
      left: (node) => this.listener.push(`left ${node}`),
      status: () => undefined,
      progressed: () => undefined,
      ended: (end) => {
        this.end = end;
      },
    };
    this.coordinator = this.#probe("coordinator", this.heard);
    const asked: { readonly snapshot: Snapshot }[] = [];
    const checkpointer = this.#probe("checkpointer", asked, ({ snapshot }) => this.written.push(snapshot));
    this.journal = this.system.spawn(
      "journal",
      journal({
        origin: snapshot(0, ORIGIN),
        listener: told,
        checkpointer,
        kill: (node) => this.killed.push(node),
        workers: () => this.running,
        stepTimeout: 1000,
        ...options,
      }),
    );
  }

  async tell(...messages: ToJournal[]): Promise<void> {
    for (const message of messages) this.journal.tell(message);
    await this.world.time.advance(1);
  }

  async takeOver(): Promise<Takeover> {
    const { coordinator } = this;
    const takeover = this.journal.ask<Takeover>(
      (replyTo) => ({ kind: "takeOver", coordinator, incarnation: 1, replyTo }),
      100,
    );
    await this.world.time.advance(1);
    return takeover;
  }

  report(term: number, round: number, after: number, commits: Commit[], purpose = REGULAR): ToJournal {
    const replyTo = this.coordinator;
    return { kind: "snapshot", term, snapshot: snapshot(round), after, commits, purpose, replyTo };
  }

  info(index: number, incarnation: number): WorkerInfo {
    const ref: Ref<ToWorker> = this.system.at(`/worker-${index}`);
    return { index, incarnation, ref, deviceKind: "cpu" };
  }

  /** The failure of a worker that has not ended. */
  livingCard(index: number, incarnation: number): WorkerInfo {
    return { ...this.info(index, incarnation), ref: this.#probe(`worker-${index}-${incarnation}`, []) };
  }

  #probe<M>(name: string, messages: M[], also: (message: M) => unknown = () => undefined): Ref<M> {
    return this.system.spawn<M>(name, () => ({
      receive: (message) => {
        messages.push(message);
        also(message);
      },
    }));
  }
}

test("every coordinator gets a larger term, with room for the terms that it begins itself", async () => {
  const bench = new Bench();
  const first = await bench.takeOver();
  await bench.tell({ kind: "rolledBack", term: first.term + 3, round: 0 });
  const second = await bench.takeOver();
  expect(second.term).toBeGreaterThan(first.term + 3);
});

test("messages of an earlier coordinator are ignored", async () => {
  const bench = new Bench();
  const old = await bench.takeOver();
  const { term } = await bench.takeOver();
  await bench.tell({ kind: "committed", term: old.term, commits: [commit(0, 7)] });
  await bench.tell(
    bench.report(
      old.term,
      4,
      0,
      [0, 1, 2, 3].map((round) => commit(round, 7)),
    ),
  );
  await bench.tell({ kind: "fatal", term: old.term, why: "none" });
  expect([bench.listener, bench.end]).toEqual([[], undefined]);
  await bench.tell(bench.report(term, 1, 0, [commit(0)]));
  expect(bench.listener).toEqual(["committed 0:0"]);
});

test("a coordinator is told how far the log goes: up to the first gap, and never behind the snapshot", async () => {
  const bench = new Bench();
  const { term } = await bench.takeOver();
  const tell = (round: number, loss?: number) =>
    bench.tell({ kind: "committed", term, commits: [commit(round, loss)] });
  for (const round of [0, 1, 3]) await tell(round);
  expect((await bench.takeOver()).committed).toBe(2);
  const other = new Bench();
  const { term: its } = await other.takeOver();
  await other.tell(
    other.report(
      its,
      3,
      0,
      [0, 1, 2].map((round) => commit(round)),
    ),
  );
  expect(await other.takeOver()).toMatchObject({ committed: 3, snapshot: { round: 3 } });
});

test("rounds that are done again replace those of before, and all after them", async () => {
  const bench = new Bench();
  const { term } = await bench.takeOver();
  for (const round of [0, 1, 2]) await bench.tell({ kind: "committed", term, commits: [commit(round)] });
  const { term: next } = await bench.takeOver();
  await bench.tell({ kind: "committed", term: next, commits: [commit(1, 9)] });
  expect((await bench.takeOver()).committed).toBe(2);
  const { term: third } = await bench.takeOver();
  await bench.tell({ kind: "rolledBack", term: third + 1, round: 0 });
  expect((await bench.takeOver()).committed).toBe(0);
});

test("the journal has every round once, whatever comes twice, late or out of order", async () => {
  const bench = new Bench();
  const { term } = await bench.takeOver();
  const first = bench.report(term, 2, 0, [commit(0), commit(1)], CHECKPOINT);
  const second = bench.report(term, 4, 2, [commit(2), commit(3)]);
  // The journal does not accept the second one before the first.
  await bench.tell(second, first, first, second, second);
  expect(bench.listener).toEqual(["committed 0:0,1:1", "committed 2:2,3:3"]);
  expect(bench.written.map(({ round }) => round)).toEqual([2]);
  const kept = bench.heard.filter(({ kind }) => kind === "kept");
  expect(kept).toHaveLength(5);
  expect(kept.at(-1)).toMatchObject({ snapshot: { round: 4 }, pinned: [{ round: 2 }], last: false });
});

test("the run ends when its last state is on disk, and a state that is there already is not written again", async () => {
  const bench = new Bench();
  const { term } = await bench.takeOver();
  await bench.tell(bench.report(term, 2, 0, [commit(0), commit(1)], CHECKPOINT));
  await bench.tell(bench.report(term, 2, 2, [], LAST));
  expect(bench.written).toHaveLength(1);
  expect(bench.end).toBeUndefined();
  await bench.tell({ kind: "checkpointed", snapshot: bench.written[0], path: "there" });
  expect(bench.end).toMatchObject({ snapshot: { round: 2 } });
});

test("a disk that fails costs the checkpoint; at the end of the run, the run", async () => {
  const bench = new Bench();
  const { term } = await bench.takeOver();
  await bench.tell(bench.report(term, 1, 0, [commit(0)], CHECKPOINT));
  await bench.tell({ kind: "checkpointed", snapshot: bench.written[0], error: new Error("full") });
  expect(bench.listener.at(-1)).toBe("no checkpoint 1");
  await bench.tell(bench.report(term, 2, 1, [commit(1)], LAST));
  await bench.tell({ kind: "checkpointed", snapshot: bench.written[1], error: new Error("full") });
  expect(bench.end).toMatchObject({ error: { message: "full" } });
});

test("a failure is reported as over when the next round is committed", async () => {
  const bench = new Bench();
  const { term } = await bench.takeOver();
  await bench.tell({ kind: "failed", target: "worker-1", failure: "killed", stepsLost: 0 });
  expect(bench.listener).toEqual([]);
  await bench.tell({ kind: "committed", term, commits: [commit(0)] });
  expect(bench.listener).toEqual(["recovered worker-1"]);
});

test("a worker that has failed is back when another one in its place does its part", async () => {
  const bench = new Bench();
  const { term } = await bench.takeOver();
  const infos = new Map([11, 12].map((incarnation) => [incarnation, bench.livingCard(1, incarnation)]));
  const status = (state: "healing" | "idle", incarnation: number): ToJournal => ({
    ...{ kind: "status", term, workers: [{ worker: 1, state, parts: 0, pace: 0 }] },
    infos: [infos.get(incarnation) ?? bench.info(1, incarnation)],
  });
  await bench.tell(status("idle", 11));
  await bench.tell({ kind: "exited", node: "worker-1", incarnation: 11, why: "killed" });
  // The coordinator has not heard of it yet.
  await bench.tell(status("idle", 11), status("healing", 12));
  expect(bench.listener).toEqual([]);
  await bench.tell(status("idle", 12), status("idle", 12));
  expect(bench.listener).toEqual(["rejoined worker-1"]);
});

test("a coordinator is back when its successor has started, though its end is noticed later", async () => {
  const bench = new Bench();
  await bench.takeOver();
  await bench.tell({ kind: "exited", node: "coordinator", incarnation: 1, why: "killed" });
  expect(bench.listener).toEqual([]);
  await bench.takeOver();
  expect(bench.listener).toEqual(["rejoined coordinator"]);
  await bench.tell({ kind: "exited", node: "coordinator", incarnation: 0, why: "killed" });
  expect(bench.listener).toEqual(["rejoined coordinator"]);
});

test("a failure has the faults that struck its incarnation, or that damaged what it sent", async () => {
  const taken: unknown[] = [];
  const faultsOf = (incarnation: number, failed: string): number[] => {
    taken.push([incarnation, failed]);
    return [10 * incarnation];
  };
  const bench = new Bench({ faultsOf });
  const { term } = await bench.takeOver();
  await bench.tell({ kind: "exited", node: "worker-1", incarnation: 5, why: "killed" });
  await bench.tell({ kind: "failed", target: "worker-0", failure: "damaged", stepsLost: 0, fault: 3 });
  await bench.tell({ kind: "committed", term, commits: [commit(0)] });
  expect(bench.faults).toEqual([[50], [3]]);
  expect(taken).toEqual([[5, "process"]]);
});

test("a worker whose process runs, but which the coordinator does not list for too long, is ended", async () => {
  const bench = new Bench();
  const { term } = await bench.takeOver();
  bench.running = [
    { index: 0, incarnation: 10 },
    { index: 1, incarnation: 11 },
  ];
  for (let i = 0; i < 6; i++) {
    await bench.tell({ kind: "status", term, workers: [], infos: [bench.info(0, 10)] });
    await bench.world.time.advance(240);
  }
  expect(new Set(bench.killed)).toEqual(new Set(["worker-1"]));
});

test("a run that is to stop repeats the message until it is confirmed", async () => {
  const bench = new Bench();
  const { term } = await bench.takeOver();
  await bench.tell({ kind: "stop" });
  await bench.tell({ kind: "status", term, workers: [], infos: [] });
  expect(bench.heard.filter(({ kind }) => kind === "stop")).toHaveLength(2);
  expect((await bench.takeOver()).stopping).toBe(true);
});

test("a failure ends with the first round after it, however late the report of that round comes", async () => {
  const bench = new Bench();
  const { term } = await bench.takeOver();
  await bench.tell({ kind: "failed", target: "worker-0", failure: "it failed", stepsLost: 0 });
  await bench.world.time.advance(100);
  const told = (round: number, ago: number): ToJournal => ({
    kind: "committed",
    term,
    commits: [{ ...commit(round), ago }],
  });
  await bench.tell(told(0, 150));
  expect(bench.pauses).toEqual([]);
  await bench.tell(told(1, 40), told(2, 0));
  expect(bench.pauses).toEqual([expect.closeTo(62, -1)]);
});
