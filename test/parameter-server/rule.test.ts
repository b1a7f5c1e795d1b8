/** The rules of downpour and stale on a quadratic, against their definitions: two parts in turns, and two servers of one element each. */
import { expect, test } from "vitest";
import type { ChoiceOptions } from "../../src/choice.js";
import { openReferenceDevice } from "../../src/device/reference/reference-device.js";
import { HeldPiece, type PieceState } from "../../src/parameter-server/held-piece.js";
import { PartLife } from "../../src/parameter-server/part-life.js";
import { pieceUpdate } from "../../src/parameter-server/piece-update.js";
import { ServedRounds } from "../../src/parameter-server/served-rounds.js";
import type { FreeStrategy } from "../../src/strategies/consistency.js";
import { downpour } from "../../src/strategies/downpour.js";
import { easgd } from "../../src/strategies/easgd.js";
import { stale } from "../../src/strategies/stale.js";
import type { StrategyFactory } from "../../src/strategies/strategy.js";
import type { Workload } from "../../src/workload/workload.js";
import { config } from "../simulation/small-training.js";
import { BATCH, descend, LENGTH, meanGradient, PARTS, QuadraticLearner, RATE, RUN } from "../strategies/quadratic.js";

const [TURNS, LR] = [6, 0.1];

function roundsOf(factory: StrategyFactory, options: ChoiceOptions): ServedRounds {
  const workload = {
    ...{ length: LENGTH, state: ["parameters"], clearGaps: () => undefined },
    initialParameters: () => new Float32Array(LENGTH).fill(1),
  } as unknown as Workload;
  return new ServedRounds(workload, factory(options, RUN) as FreeStrategy, 2);
}

/** The parameters after each part has done its clocks, in turns. */
async function served(factory: StrategyFactory, options: ChoiceOptions): Promise<number[]> {
  const rounds = roundsOf(factory, options);
  const { vectors } = rounds.initialState();
  const pieces = rounds.pieces.map(
    (_, piece) =>
      new HeldPiece(rounds, rounds.initialPiece(vectors, piece, 0), async ({ parameters }, gradient) => {
        for (let i = 0; i < gradient.length; i++) parameters[i] -= RATE * gradient[i];
      }),
  );
  const lives = Array.from({ length: PARTS }, (_, part) => new PartLife(rounds, { part, life: 1 }, 0));
  const learner = new QuadraticLearner();
  for (let turn = 0; turn < TURNS; turn++) {
    for (const life of lives) {
      const { clock } = life;
      if (life.mustRead) life.read(Float32Array.from(pieces.flatMap((one) => [...one.parameters])), [0, 0]);
      const { out } = await life.contribute(learner);
      for (const [piece, one] of pieces.entries()) await one.apply(life.part, clock, rounds.pieceOf(out, piece));
    }
  }
  return pieces.flatMap((one) => [...one.parameters]);
}

const share = (w: readonly number[], rows: Uint32Array): number[] =>
  meanGradient(w, rows).map((mean) => (mean * rows.length) / BATCH);

test("stale: a server makes one step by each gradient", async () => {
  let w = [1, 1];
  for (let turn = 0; turn < TURNS; turn++) {
    for (let part = 0; part < PARTS; part++) {
      const gradient = share(w, RUN.rows(turn, 1, part));
      w = w.map((value, i) => value - RATE * gradient[i]);
    }
  }
  for (const [i, value] of (await served(stale, { bound: 3 })).entries()) expect(value).toBeCloseTo(w[i], 5);
});

test("stale: an update of a piece knows how many there were before, after a restart and a resume too", async () => {
  const rounds = roundsOf(stale, {});
  const { vectors } = rounds.initialState();
  const counts: number[][] = [];
  const heldFrom = (begin: PieceState): HeldPiece =>
    new HeldPiece(rounds, begin, async (_, __, { step, updates }) => {
      counts.push([step, updates]);
    });
  const gradient = rounds.pieceOf(Float32Array.of(1, 1), 0);
  const first = heldFrom(rounds.initialPiece(vectors, 0, 0));
  for (let part = 0; part < PARTS; part++) await first.apply(part, 0, gradient);
  const restarted = heldFrom(first.saved);
  await restarted.apply(0, 1, gradient);
  const resumed = heldFrom(rounds.initialPiece(vectors, 0, 10));
  await resumed.apply(0, 10, gradient);
  const before = Array.from({ length: PARTS }, (_, part) => [0, part]);
  expect(counts).toEqual([...before, [1, PARTS], [10, 10 * PARTS]]);
});

test("stale: Adam corrects its bias by the number of its updates", async () => {
  const rate = 0.5;
  const { step, destroy } = pieceUpdate({ ...config, optimizer: "adam", lr: rate }, 100, 1, async () =>
    openReferenceDevice(),
  );
  const zeros = () => Float32Array.of(0);
  const state = { parameters: zeros(), "state.first": zeros(), "state.second": zeros() };
  // Moments of equal gradients are those gradients once corrected, so each update goes a whole rate.
  for (let updates = 0; updates < 8; updates++) {
    await step(state, Float32Array.of(3), { step: Math.floor(updates / 4), updates });
    expect(state.parameters[0]).toBeCloseTo(-rate * (updates + 1), 3);
  }
  destroy();
});

test.each([
  [1, 1],
  [2, 2],
  [1, 3],
])("downpour: Adagrad on the server; push %d, fetch %d", async (push, fetch) => {
  let w = [1, 1];
  let squares = [0, 0];
  const own = Array.from({ length: PARTS }, () => [1, 1]);
  for (let turn = 0; turn < TURNS; turn++) {
    for (let part = 0; part < PARTS; part++) {
      if ((turn * push) % fetch === 0) own[part] = w;
      let sum = [0, 0];
      for (let step = turn * push; step < (turn + 1) * push; step++) {
        const gradient = share(own[part], RUN.rows(step, 1, part));
        sum = sum.map((value, i) => value + gradient[i]);
        if (fetch > 1) own[part] = own[part].map((value, i) => value - RATE * PARTS * gradient[i]);
      }
      squares = squares.map((value, i) => value + sum[i] ** 2);
      w = w.map((value, i) => value - (LR * sum[i]) / Math.sqrt(squares[i]));
    }
  }
  const found = await served(downpour, { push, fetch, lr: LR });
  for (const [i, value] of found.entries()) expect(value).toBeCloseTo(w[i], 5);
});

test("easgd: a part and the centre pull each other when the part comes", async () => {
  const [H, alpha] = [2, 0.3];
  let centre = [1, 1];
  const own: number[][] = [];
  for (let turn = 0; turn < TURNS; turn++) {
    for (let part = 0; part < PARTS; part++) {
      // A life begins at the centre that it reads first.
      own[part] ??= centre;
      const reached = descend(own[part], RUN.rows(turn * H, H, part), H);
      const pull = reached.map((value, i) => alpha * (value - centre[i]));
      own[part] = reached.map((value, i) => value - pull[i]);
      centre = centre.map((value, i) => value + pull[i]);
    }
  }
  const found = await served(easgd, { H, alpha, async: true });
  for (const [i, value] of found.entries()) expect(value).toBeCloseTo(centre[i], 5);
});

test("a part tells the learner where it is in the run: noise depends on that", async () => {
  const told: number[][] = [];
  const learner = Object.assign(new QuadraticLearner(), { at: (...place: number[]) => told.push(place) });
  const life = new PartLife(roundsOf(downpour, { push: 2 }), { part: 1, life: 1 }, 0);
  for (let clock = 0; clock < 3; clock++) {
    life.read(Float32Array.of(1, 1), [0, 0]);
    await life.contribute(learner);
  }
  expect(told).toEqual([0, 2, 4].map((step) => [step, BATCH / PARTS]));
});

test("downpour: a life that begins between two fetches computes its gradient at the parameters that it reads", async () => {
  const [w, clock] = [[0.5, -2], 1];
  const life = new PartLife(roundsOf(downpour, { push: 1, fetch: 3 }), { part: 0, life: 1 }, clock);
  life.read(Float32Array.from(w), [0, 0]);
  const { out } = await life.contribute(new QuadraticLearner());
  const gradient = share(w, RUN.rows(clock, 1, 0));
  for (const [i, value] of out.entries()) expect(value).toBeCloseTo(gradient[i], 5);
});
