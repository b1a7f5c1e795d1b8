import { expect, test } from "vitest";
import type { Ref } from "../../../src/actor/ref.js";
import { ActorSystem } from "../../../src/actor/system.js";
import { type LedgerPlace, ledger } from "../../../src/cluster/journal/journal.js";
import type { RunEnd, Story } from "../../../src/cluster/journal/run-listener.js";
import type {
  Commit,
  Snapshot,
  Succession,
  ToCoordinator,
  ToLedger,
  ToWorker,
  WorkerCard,
} from "../../../src/cluster/protocol.js";
import { ORIGIN } from "../../../src/tensors/tensor-store.js";
import { SimulatedWorld } from "../../../src/world/simulated/world.js";

const snapshot = (round: number, owner = 0): Snapshot => ({ round, owner, set: round % 4, digest: "d", scalars: [] });
const commit = (round: number, loss = round): Commit => ({ round, loss, workers: [0] });
const REGULAR = { checkpoint: false, last: false };
const CHECKPOINT = { checkpoint: true, last: false };
const LAST = { checkpoint: true, last: true };

/** A ledger, and everyone it has to do with. */
class Bench {
  readonly world = new SimulatedWorld(1);
  readonly system = new ActorSystem({ world: this.world, supervision: { intensity: 0 }, onFailure: () => undefined });
  readonly story: string[] = [];
  /** Milliseconds from each failure to the next round. */
  readonly pauses: number[] = [];
  /** Of each failure. */
  readonly faults: (readonly number[])[] = [];
  readonly killed: string[] = [];
  readonly written: Snapshot[] = [];
  readonly heard: ToCoordinator[] = [];
  readonly coordinator: Ref<ToCoordinator>;
  readonly ledger: Ref<ToLedger>;
  running: { index: number; session: number }[] = [];
  end: RunEnd | undefined;

  constructor(place: Partial<LedgerPlace> = {}) {
    const told: Story = {
      committed: (commits) => this.story.push(`committed ${commits.map(({ round, loss }) => `${round}:${loss}`)}`),
      evaluated: (round) => this.story.push(`evaluated ${round}`),
      checkpointed: (round) => this.story.push(`checkpointed ${round}`),
      noCheckpoint: (round) => this.story.push(`no checkpoint ${round}`),
      failed: () => undefined,
      rejoined: (node) => this.story.push(`rejoined ${node}`),
      recovered: ({ target, noticed, faults }, resumed) => {
        this.faults.push(faults);
        this.story.push(`recovered ${target}`);
        this.pauses.push(resumed - noticed);
      },
      status: () => undefined,
      progressed: () => undefined,
      ended: (end) => {
        this.end = end;
      },
    };
    this.coordinator = this.#probe("coordinator", this.heard);
    const asked: { readonly snapshot: Snapshot }[] = [];
    const checkpointer = this.#probe("checkpointer", asked, ({ snapshot }) => this.written.push(snapshot));
    this.ledger = this.system.spawn(
      "ledger",
      ledger({
        origin: snapshot(0, ORIGIN),
        story: told,
        checkpointer,
        kill: (node) => this.killed.push(node),
        workers: () => this.running,
        stepTimeout: 1000,
        ...place,
      }),
    );
  }

  async tell(...messages: ToLedger[]): Promise<void> {
    for (const message of messages) this.ledger.tell(message);
    await this.world.time.advance(1);
  }

  async succeed(): Promise<Succession> {
    const { coordinator } = this;
    const succession = this.ledger.ask<Succession>(
      (replyTo) => ({ kind: "succeed", coordinator, session: 1, replyTo }),
      100,
    );
    await this.world.time.advance(1);
    return succession;
  }

  report(epoch: number, round: number, after: number, commits: Commit[], occasion = REGULAR): ToLedger {
    const replyTo = this.coordinator;
    return { kind: "snapshot", epoch, snapshot: snapshot(round), after, commits, occasion, replyTo };
  }

  card(index: number, session: number): WorkerCard {
    const ref: Ref<ToWorker> = this.system.at(`/worker-${index}`);
    return { index, session, ref, deviceKind: "cpu" };
  }

  /** Of a worker that has not ended. */
  livingCard(index: number, session: number): WorkerCard {
    return { ...this.card(index, session), ref: this.#probe(`worker-${index}-${session}`, []) };
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

test("every coordinator gets a larger epoch, with room for those that it begins itself", async () => {
  const bench = new Bench();
  const first = await bench.succeed();
  await bench.tell({ kind: "rolledBack", epoch: first.epoch + 3, round: 0 });
  const second = await bench.succeed();
  expect(second.epoch).toBeGreaterThan(first.epoch + 3);
});

test("what an earlier coordinator says is not heard", async () => {
  const bench = new Bench();
  const old = await bench.succeed();
  const { epoch } = await bench.succeed();
  await bench.tell({ kind: "committed", epoch: old.epoch, commits: [commit(0, 7)] });
  await bench.tell(
    bench.report(
      old.epoch,
      4,
      0,
      [0, 1, 2, 3].map((round) => commit(round, 7)),
    ),
  );
  await bench.tell({ kind: "hopeless", epoch: old.epoch, why: "none" });
  expect([bench.story, bench.end]).toEqual([[], undefined]);
  await bench.tell(bench.report(epoch, 1, 0, [commit(0)]));
  expect(bench.story).toEqual(["committed 0:0"]);
});

test("a coordinator is told how far the log goes: up to the first gap, and never behind the snapshot", async () => {
  const bench = new Bench();
  const { epoch } = await bench.succeed();
  const tell = (round: number, loss?: number) =>
    bench.tell({ kind: "committed", epoch, commits: [commit(round, loss)] });
  for (const round of [0, 1, 3]) await tell(round);
  expect((await bench.succeed()).committed).toBe(2);
  const other = new Bench();
  const { epoch: its } = await other.succeed();
  await other.tell(
    other.report(
      its,
      3,
      0,
      [0, 1, 2].map((round) => commit(round)),
    ),
  );
  expect(await other.succeed()).toMatchObject({ committed: 3, snapshot: { round: 3 } });
});

test("rounds that are done again replace those of before, and all after them", async () => {
  const bench = new Bench();
  const { epoch } = await bench.succeed();
  for (const round of [0, 1, 2]) await bench.tell({ kind: "committed", epoch, commits: [commit(round)] });
  const { epoch: next } = await bench.succeed();
  await bench.tell({ kind: "committed", epoch: next, commits: [commit(1, 9)] });
  expect((await bench.succeed()).committed).toBe(2);
  const { epoch: third } = await bench.succeed();
  await bench.tell({ kind: "rolledBack", epoch: third + 1, round: 0 });
  expect((await bench.succeed()).committed).toBe(0);
});

test("the story has every round once, whatever comes twice, late, or out of order", async () => {
  const bench = new Bench();
  const { epoch } = await bench.succeed();
  const first = bench.report(epoch, 2, 0, [commit(0), commit(1)], CHECKPOINT);
  const second = bench.report(epoch, 4, 2, [commit(2), commit(3)]);
  // The second one is not taken before the first.
  await bench.tell(second, first, first, second, second);
  expect(bench.story).toEqual(["committed 0:0,1:1", "committed 2:2,3:3"]);
  expect(bench.written.map(({ round }) => round)).toEqual([2]);
  const kept = bench.heard.filter(({ kind }) => kind === "kept");
  expect(kept).toHaveLength(5);
  expect(kept.at(-1)).toMatchObject({ snapshot: { round: 4 }, pinned: [{ round: 2 }], last: false });
});

test("the run ends when its last state is on disk, and a state that is there already is not written again", async () => {
  const bench = new Bench();
  const { epoch } = await bench.succeed();
  await bench.tell(bench.report(epoch, 2, 0, [commit(0), commit(1)], CHECKPOINT));
  await bench.tell(bench.report(epoch, 2, 2, [], LAST));
  expect(bench.written).toHaveLength(1);
  expect(bench.end).toBeUndefined();
  await bench.tell({ kind: "checkpointed", snapshot: bench.written[0], path: "there" });
  expect(bench.end).toMatchObject({ snapshot: { round: 2 } });
});

test("a disk that fails costs the checkpoint; at the end of the run, the run", async () => {
  const bench = new Bench();
  const { epoch } = await bench.succeed();
  await bench.tell(bench.report(epoch, 1, 0, [commit(0)], CHECKPOINT));
  await bench.tell({ kind: "checkpointed", snapshot: bench.written[0], error: new Error("full") });
  expect(bench.story.at(-1)).toBe("no checkpoint 1");
  await bench.tell(bench.report(epoch, 2, 1, [commit(1)], LAST));
  await bench.tell({ kind: "checkpointed", snapshot: bench.written[1], error: new Error("full") });
  expect(bench.end).toMatchObject({ error: { message: "full" } });
});

test("failures are told as survived when the next round is committed", async () => {
  const bench = new Bench();
  const { epoch } = await bench.succeed();
  await bench.tell({ kind: "failed", target: "worker-1", failure: "killed", stepsLost: 0 });
  expect(bench.story).toEqual([]);
  await bench.tell({ kind: "committed", epoch, commits: [commit(0)] });
  expect(bench.story).toEqual(["recovered worker-1"]);
});

test("a worker that has failed is back when another one in its place does its part", async () => {
  const bench = new Bench();
  const { epoch } = await bench.succeed();
  const cards = new Map([11, 12].map((session) => [session, bench.livingCard(1, session)]));
  const status = (state: "healing" | "idle", session: number): ToLedger => ({
    ...{ kind: "status", epoch, workers: [{ worker: 1, state, parts: 0 }] },
    cards: [cards.get(session) ?? bench.card(1, session)],
  });
  await bench.tell(status("idle", 11));
  await bench.tell({ kind: "exited", node: "worker-1", session: 11, why: "killed" });
  // The coordinator has not heard of it yet.
  await bench.tell(status("idle", 11), status("healing", 12));
  expect(bench.story).toEqual([]);
  await bench.tell(status("idle", 12), status("idle", 12));
  expect(bench.story).toEqual(["rejoined worker-1"]);
});

test("a coordinator is back when another one has succeeded it, though its end is noticed later", async () => {
  const bench = new Bench();
  await bench.succeed();
  await bench.tell({ kind: "exited", node: "coordinator", session: 1, why: "killed" });
  expect(bench.story).toEqual([]);
  await bench.succeed();
  expect(bench.story).toEqual(["rejoined coordinator"]);
  await bench.tell({ kind: "exited", node: "coordinator", session: 0, why: "killed" });
  expect(bench.story).toEqual(["rejoined coordinator"]);
});

test("a failure has the faults that struck its session, or that damaged what it sent", async () => {
  const taken: unknown[] = [];
  const faultsOf = (session: number, failed: string): number[] => {
    taken.push([session, failed]);
    return [10 * session];
  };
  const bench = new Bench({ faultsOf });
  const { epoch } = await bench.succeed();
  await bench.tell({ kind: "exited", node: "worker-1", session: 5, why: "killed" });
  await bench.tell({ kind: "failed", target: "worker-0", failure: "damaged", stepsLost: 0, fault: 3 });
  await bench.tell({ kind: "committed", epoch, commits: [commit(0)] });
  expect(bench.faults).toEqual([[50], [3]]);
  expect(taken).toEqual([[5, "process"]]);
});

test("a worker whose process runs, but which is not on the roll for too long, is ended", async () => {
  const bench = new Bench();
  const { epoch } = await bench.succeed();
  bench.running = [
    { index: 0, session: 10 },
    { index: 1, session: 11 },
  ];
  for (let i = 0; i < 6; i++) {
    await bench.tell({ kind: "status", epoch, workers: [], cards: [bench.card(0, 10)] });
    await bench.world.time.advance(240);
  }
  expect(new Set(bench.killed)).toEqual(new Set(["worker-1"]));
});

test("a run that is to stop says so until it is heard", async () => {
  const bench = new Bench();
  const { epoch } = await bench.succeed();
  await bench.tell({ kind: "stop" });
  await bench.tell({ kind: "status", epoch, workers: [], cards: [] });
  expect(bench.heard.filter(({ kind }) => kind === "stop")).toHaveLength(2);
  expect((await bench.succeed()).stopping).toBe(true);
});

test("a failure is over with the first round that was done after it, however late that is told", async () => {
  const bench = new Bench();
  const { epoch } = await bench.succeed();
  await bench.tell({ kind: "failed", target: "worker-0", failure: "it failed", stepsLost: 0 });
  await bench.world.time.advance(100);
  const told = (round: number, ago: number): ToLedger => ({
    kind: "committed",
    epoch,
    commits: [{ ...commit(round), ago }],
  });
  await bench.tell(told(0, 150));
  expect(bench.pauses).toEqual([]);
  await bench.tell(told(1, 40), told(2, 0));
  expect(bench.pauses).toEqual([expect.closeTo(62, -1)]);
});
