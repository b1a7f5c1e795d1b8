/** The rule of each strategy on a quadratic function, compared with a few lines that compute the same. */
import { describe, expect, it } from "vitest";
import { admm } from "../../src/strategies/admm.js";
import { dasgd } from "../../src/strategies/dasgd.js";
import { diloco } from "../../src/strategies/diloco.js";
import { easgd } from "../../src/strategies/easgd.js";
import { localSgd } from "../../src/strategies/local-sgd.js";
import { mapReduce } from "../../src/strategies/map-reduce.js";
import { partitionOf, partitionRows } from "../../src/strategies/partition.js";
import { sandblaster } from "../../src/strategies/sandblaster.js";
import { sequential } from "../../src/strategies/sequential.js";
import { slowmo } from "../../src/strategies/slowmo.js";
import type { Context } from "../../src/strategies/strategy.js";
import { streamingDiloco } from "../../src/strategies/streaming-diloco.js";
import type { Learner } from "../../src/workload/learner.js";
import { vectorOps } from "../../src/workload/vector-ops.js";
import { BATCH, CURVATURE, centre, course, descend, IMAGES, meanGradient, PARTS, RATE, RUN } from "./quadratic.js";

type Vector = number[];

const ROUNDS = 6;
const PART_NUMBERS = Array.from({ length: PARTS }, (_, part) => part);
const rounds = Array.from({ length: ROUNDS }, (_, round) => round);
const combine = (f: (...values: number[]) => number, ...vectors: Vector[]): Vector =>
  vectors[0].map((_, i) => f(...vectors.map((vector) => vector[i])));
const mean = (vectors: Vector[]): Vector => combine((...values) => values.reduce((a, b) => a + b) / PARTS, ...vectors);

/** H steps of a part in a round of H steps. */
const local = (w: Vector, round: number, H: number, part: number): Vector =>
  descend(w, RUN.rows(round * H, H, part), H);

function expectCourse(actual: Vector[], expected: Vector[]): void {
  expect(actual.length).toBe(expected.length);
  for (const [round, w] of expected.entries()) {
    for (const [i, value] of w.entries()) expect(actual[round][i], `round ${round}`).toBeCloseTo(value, 5);
  }
  expect(expected.at(-1)).not.toEqual(expected[0]);
}

describe("the rule of", () => {
  it("local-sgd", async () => {
    let w = [1, 1];
    const expected = rounds.map((round) => {
      w = mean(PART_NUMBERS.map((part) => local(w, round, 2, part)));
      return w;
    });
    expectCourse(await course(localSgd, { H: 2 }, ROUNDS), expected);
  });

  it("local-sgd with post: steps by the gradient of the batch, then local-sgd from there", async () => {
    const [H, post] = [2, 3];
    let w = [1, 1];
    const expected = rounds.map((round) => {
      const step = round < post ? round : post + H * (round - post);
      const batch = PART_NUMBERS.flatMap((part) => [...RUN.rows(step, 1, part)]);
      w =
        round < post
          ? combine((a, g) => a - RATE * g, w, meanGradient(w, batch))
          : mean(PART_NUMBERS.map((part) => descend(w, RUN.rows(step, H, part), H)));
      return w;
    });
    expectCourse(await course(localSgd, { H, post }, ROUNDS), expected);
  });

  it("local-sgd with alpha: rounds that grow as the rate falls, and end with the run", async () => {
    // The first two steps are a warm-up.
    const rates = [0.1, 0.3, 0.5, 0.5, 0.5, 0.25, 0.25, 0.25, 0.25, 0.1, 0.1, 0.1];
    const run = { ...RUN, steps: rates.length, rate: (step: number): number => rates[step] };
    const lengths = [2, 2, 2, 4, 2];
    let [w, step] = [[1, 1], 0];
    const expected = lengths.map((H) => {
      w = mean(PART_NUMBERS.map((part) => descend(w, RUN.rows(step, H, part), H)));
      step += H;
      return w;
    });
    expectCourse(await course(localSgd, { H: 2, alpha: 0.5 }, lengths.length, run), expected);
    const strategy = localSgd({ H: 2, alpha: 0.5 }, run);
    expect(lengths.map((_, round) => strategy.advance(round).steps)).toEqual(lengths);
    // After the end of the run there are rounds, too.
    expect(strategy.advance(lengths.length)).toEqual({ steps: 1, samples: BATCH });
  });

  it("dasgd", async () => {
    const [H, own] = [2, 0.25];
    let x = PART_NUMBERS.map(() => [1, 1]);
    const ends: Vector[][] = [];
    const expected = rounds.map((round) => {
      if (round >= 2) {
        const then = ends[round - 2];
        x = x.map((w, p) => combine((a, m, y) => a + (1 - own) * (m - y), w, mean(then), then[p]));
      }
      x = x.map((w, part) => local(w, round, H, part));
      ends.push(x);
      return mean(x);
    });
    expectCourse(await course(dasgd, { H, own }, ROUNDS), expected);
  });

  it("slowmo", async () => {
    const [H, lr, momentum] = [2, 0.9, 0.4];
    let [w, u] = [
      [1, 1],
      [0, 0],
    ];
    const expected = rounds.map((round) => {
      const reached = mean(PART_NUMBERS.map((part) => local(w, round, H, part)));
      u = combine((slow, a, b) => momentum * slow + (a - b) / RATE, u, w, reached);
      w = combine((a, slow) => a - lr * RATE * slow, w, u);
      return w;
    });
    expectCourse(await course(slowmo, { H, lr, momentum }, ROUNDS), expected);
  });

  it("diloco", async () => {
    const [H, lr, momentum] = [2, 0.7, 0.9];
    let [w, v] = [
      [1, 1],
      [0, 0],
    ];
    const expected = rounds.map((round) => {
      const d = combine((a, b) => a - b, w, mean(PART_NUMBERS.map((part) => local(w, round, H, part))));
      v = combine((old, now) => momentum * old + now, v, d);
      w = combine((a, now, velocity) => a - lr * (now + momentum * velocity), w, d, v);
      return w;
    });
    expectCourse(await course(diloco, { H, lr, momentum }, ROUNDS), expected);
  });

  it("easgd", async () => {
    const [H, alpha] = [2, 0.2];
    let [c, x] = [[1, 1], PART_NUMBERS.map(() => [1, 1])];
    const expected = rounds.map((round) => {
      const y = x.map((w, part) => local(w, round, H, part));
      x = y.map((w) => combine((a, b) => a - alpha * (a - b), w, c));
      c = combine((b, ...all) => b + alpha * all.reduce((sum, a) => sum + a - b, 0), c, ...y);
      return c;
    });
    expectCourse(await course(easgd, { H, alpha }, ROUNDS), expected);
  });

  it("admm", async () => {
    const [H, rho] = [2, 0.3];
    let [z, x, u] = [[1, 1], PART_NUMBERS.map(() => [1, 1]), PART_NUMBERS.map(() => [0, 0])];
    const expected = rounds.map((round) => {
      u = u.map((dual, p) => combine((a, b, c) => a + b - c, dual, x[p], z));
      x = x.map((start, part) => {
        const rows = partitionRows(RUN)(round * H, H, part);
        let w = start;
        for (let h = 0; h < H; h++) {
          const gradient = meanGradient(w, rows.subarray(2 * h, 2 * h + 2));
          w = combine((a, g, b, dual) => a - RATE * (g + rho * (a - b + dual)), w, gradient, z, u[part]);
        }
        return w;
      });
      z = mean(x.map((w, p) => combine((a, b) => a + b, w, u[p])));
      return z;
    });
    expectCourse(await course(admm, { H, rho }, ROUNDS), expected);
  });

  it("sequential: the mean, and half way to it", async () => {
    for (const own of [0, 0.5]) {
      let [w, y] = [[1, 1], PART_NUMBERS.map(() => [1, 1])];
      const expected = rounds.map((round) => {
        y = y.map((before, part) => {
          const step = round * PARTS + part;
          const batch = Uint32Array.from({ length: BATCH }, (_, i) => (step * BATCH + i) % IMAGES);
          return descend(
            combine((a, b) => own * a + (1 - own) * b, before, w),
            batch,
            1,
          );
        });
        w = mean(y);
        return w;
      });
      expectCourse(await course(sequential, { own }, ROUNDS), expected);
    }
  });

  it("map-reduce: gradient descent on all images", async () => {
    const all = Array.from({ length: IMAGES }, (_, row) => row);
    let w = [1, 1];
    const expected = rounds.map(() => {
      w = combine((a, g) => a - RATE * g, w, meanGradient(w, all));
      return w;
    });
    expectCourse(await course(mapReduce, {}, ROUNDS), expected);
  });

  it.each([false, true])("streaming-diloco, its fragments with overlap: %s", async (overlap) => {
    const [lr, momentum, own, H] = [0.7, 0.9, 0.3, 4];
    // Two fragments of one element each, and two steps a round.
    const w = [1, 1];
    const v = [0, 0];
    const past: Vector[] = [];
    let x = PART_NUMBERS.map(() => [1, 1]);
    const expected = rounds.map((round) => {
      const arrived = round - (overlap ? 2 : 1);
      if (arrived >= 0) {
        const i = arrived % 2;
        x = x.map((one) => one.map((value, j) => (j === i ? own * value + (1 - own) * past[arrived][i] : value)));
      }
      x = x.map((one, part) => local(one, round, H / 2, part));
      const i = round % 2;
      const d = w[i] - mean(x)[i];
      v[i] = momentum * v[i] + d;
      w[i] -= lr * (d + momentum * v[i]);
      past.push([...w]);
      return [...w];
    });
    expectCourse(await course(streamingDiloco, { H, fragments: 2, lr, momentum, own, overlap }, ROUNDS), expected);
  });

  it("streaming-diloco of one fragment: diloco", async () => {
    const options = { H: 2, lr: 0.5, momentum: 0.6 };
    const whole = await course(streamingDiloco, { ...options, fragments: 1 }, ROUNDS);
    expectCourse(whole, await course(diloco, options, ROUNDS));
  });

  it("sandblaster: the iterates of L-BFGS as Nocedal and Wright have it", async () => {
    const all = Array.from({ length: IMAGES }, (_, row) => row);
    const dot = (a: Vector, b: Vector): number => a.reduce((sum, value, i) => sum + value * b[i], 0);
    const f = (w: Vector): number => {
      const away = all.map((row) =>
        dot(
          CURVATURE,
          combine((a, c) => (a - c) ** 2, w, centre(row)),
        ),
      );
      return away.reduce((sum, one) => sum + one / 2, 0) / IMAGES;
    };
    let w = [1, 1];
    let pairs: { s: Vector; y: Vector }[] = [];
    const expected = [0, 1, 2].map(() => {
      const g = meanGradient(w, all);
      let q = g;
      const alphas = pairs.map(({ s, y }) => {
        const alpha = dot(s, q) / dot(s, y);
        q = combine((a, b) => a - alpha * b, q, y);
        return alpha;
      });
      const gamma = pairs[0]
        ? dot(pairs[0].s, pairs[0].y) / dot(pairs[0].y, pairs[0].y)
        : 1 / Math.max(1, Math.hypot(...g));
      let d = q.map((value) => gamma * value);
      for (const [i, { s, y }] of [...pairs.entries()].reverse()) {
        const beta = dot(y, d) / dot(s, y);
        d = combine((a, b) => a + (alphas[i] - beta) * b, d, s);
      }
      d = d.map((value) => -value);
      let t = 1;
      while (f(combine((a, b) => a + t * b, w, d)) > f(w) + 1e-4 * t * dot(g, d)) t /= 2;
      const s = d.map((value) => t * value);
      w = combine((a, b) => a + b, w, s);
      pairs = [{ s, y: combine((a, b) => a - b, meanGradient(w, all), g) }, ...pairs].slice(0, 5);
      return w;
    });
    expectCourse(await course(sandblaster, { trials: 8 }, 3), expected);
  });

  it("sandblaster: a loss that is that of the round in both exchanges, and points where it overflows stay finite", async () => {
    const strategy = sandblaster({ trials: 2 }, RUN);
    const [rows, zeros] = [Uint32Array.of(0), new Float32Array(2)];
    const losses = [8, 8, Number.NaN, Number.POSITIVE_INFINITY];
    const loss = async (): Promise<number> => losses.shift() ?? 0;
    const learner = { vectors: vectorOps, restore: () => undefined, gradient: loss, loss } as unknown as Learner;
    const global = { parameters: zeros, direction: zeros };
    const told = [0, 1].map((phase) => {
      const out = new Float32Array(phase === 0 ? 2 : 3);
      return { out, context: { phase, rows, global, out } as unknown as Context };
    });
    const [first, second] = told;
    expect(await strategy.contribute(learner, first.context)).toBe(2);
    expect(await strategy.contribute(learner, second.context)).toBe(2);
    expect([...second.out].every(Number.isFinite)).toBe(true);
    expect([...second.out].slice(1).every((value) => value > 1e38)).toBe(true);
  });

  it("sandblaster: an error that falls in every round", async () => {
    const ws = await course(sandblaster, {}, ROUNDS);
    const best = [0, 1].map(
      (i) => Array.from({ length: IMAGES }, (_, row) => centre(row)[i]).reduce((a, b) => a + b) / IMAGES,
    );
    for (const [i, value] of best.entries()) expect(ws.at(-1)?.[i]).toBeCloseTo(value, 3);
  });
});

describe("a partition", () => {
  it("has every image once", () => {
    expect(PART_NUMBERS.flatMap((part) => [...partitionOf(RUN, part)])).toEqual(
      Array.from({ length: IMAGES }, (_, row) => row),
    );
  });

  it("gives each part its own images only, each once an epoch", () => {
    for (const part of PART_NUMBERS) {
      const own = [...partitionOf(RUN, part)];
      const epoch = partitionRows(RUN)(0, own.length / (BATCH / PARTS), part);
      expect([...epoch].sort((a, b) => a - b)).toEqual(own);
    }
  });
});
