/** Federated averaging and what came of it on a quadratic function, each compared with a few lines that compute the same. */
import { describe, expect, it } from "vitest";
import type { ChoiceOptions } from "../../../src/choice.js";
import { clientWork } from "../../../src/strategies/federated/client-steps.js";
import { clientRows } from "../../../src/strategies/federated/clients.js";
import { federated } from "../../../src/strategies/federated/federated.js";
import { BATCH, course, descend, IMAGES, meanGradient, PARTS, RATE, RUN } from "../quadratic.js";

type Vector = number[];

const ROUNDS = 5;
const [E, B] = [2, 3];
const START = [1, 1];
/** Clients of several sizes, as `power=1` makes them. */
const rows = clientRows(RUN, { kind: "power", exponent: 1 });
const work = rows.map((of, client) => clientWork(of, client, E, B, RUN.seed));
const sizes = rows.map(({ length }) => length);

const run = (options: ChoiceOptions): Promise<Vector[]> => course(federated, { E, B, power: 1, ...options }, ROUNDS);

const combine = (f: (...values: number[]) => number, ...vectors: Vector[]): Vector =>
  vectors[0].map((_, i) => f(...vectors.map((vector) => vector[i])));

/** The mean of the vectors of these clients, by their weights. */
const mean = (of: readonly number[], vectors: Vector[], weight: (client: number) => number): Vector => {
  const total = of.reduce((sum, client) => sum + weight(client), 0);
  return START.map((_, i) => of.reduce((sum, client, k) => sum + weight(client) * vectors[k][i], 0) / total);
};

/** The parameters after each round. */
function rounds(next: (w: Vector, round: number) => Vector): Vector[] {
  let w = START;
  return Array.from({ length: ROUNDS }, (_, round) => {
    w = next(w, round);
    return w;
  });
}

function expectCourse(actual: Vector[], expected: Vector[]): void {
  expect(actual.length).toBe(expected.length);
  for (const [round, w] of expected.entries()) {
    for (const [i, value] of w.entries()) expect(actual[round][i], `round ${round}`).toBeCloseTo(value, 5);
  }
  expect(expected.at(-1)).not.toEqual(expected[0]);
}

/** The steps of a client from w, each along a corrected gradient. */
function walk(w: Vector, client: number, round: number, correct: (g: Vector, y: Vector) => Vector): Vector {
  const { steps, batch, rows: rowsOf } = work[client];
  let y = w;
  for (let k = 0; k < steps; k++) {
    const some = rowsOf(round).subarray(k * batch, (k + 1) * batch);
    y = combine((a, g) => a - RATE * g, y, correct(meanGradient(y, some), y));
  }
  return y;
}

const ALL = Array.from({ length: PARTS }, (_, client) => client);

describe("federated", () => {
  it("averages by the number of examples: FedAvg", async () => {
    expect(new Set(sizes).size).toBe(PARTS);
    const expected = rounds((w, round) => {
      const ends = ALL.map((client) => descend(w, work[client].rows(round), work[client].steps));
      return mean(ALL, ends, (client) => sizes[client]);
    });
    expectCourse(await run({}), expected);
  });

  it("asks the clients of a round only, who are drawn from the seed", async () => {
    const strategy = federated({ E, B, power: 1, C: 0.6 }, RUN);
    const taking = Array.from({ length: 30 }, (_, round) => strategy.participants?.(round) ?? []);
    expect(taking.every((of) => of.length === 2 && of[0] < of[1])).toBe(true);
    expect(new Set(taking.map(String)).size).toBe(3);
    const expected = rounds((w, round) => {
      const ends = taking[round].map((client) => descend(w, work[client].rows(round), work[client].steps));
      return mean(taking[round], ends, (client) => sizes[client]);
    });
    expectCourse(await run({ C: 0.6 }), expected);
  });

  it("pulls clients towards the common parameters: FedProx", async () => {
    const mu = 0.7;
    const expected = rounds((w, round) => {
      const pull = (g: Vector, y: Vector): Vector => combine((a, b, c) => a + mu * (b - c), g, y, w);
      return mean(
        ALL,
        ALL.map((client) => walk(w, client, round, pull)),
        (client) => sizes[client],
      );
    });
    expectCourse(await run({ mu }), expected);
  });

  it("corrects each gradient by control variates: SCAFFOLD, all clients and some", async () => {
    for (const C of [1, 0.6]) {
      const strategy = federated({ E, B, power: 1, C, scaffold: true }, RUN);
      let c = [0, 0];
      const controls = ALL.map(() => [0, 0]);
      const expected = rounds((w, round) => {
        const taking = [...(strategy.participants?.(round) ?? [])];
        const before = taking.map((k) => controls[k]);
        const ends = taking.map((k) => walk(w, k, round, (g) => combine((a, b, d) => a + b - d, g, c, controls[k])));
        for (const [i, k] of taking.entries()) {
          const rates = work[k].steps * RATE;
          controls[k] = combine((own, all, from, to) => own - all + (from - to) / rates, before[i], c, w, ends[i]);
        }
        c = combine(
          (all, ...changes) => all + changes.reduce((a, b) => a + b) / PARTS,
          c,
          ...taking.map((k, i) => combine((a, b) => a - b, controls[k], before[i])),
        );
        return mean(taking, ends, () => 1);
      });
      expectCourse(await run({ C, scaffold: true }), expected);
    }
  });

  it.each(["adam", "yogi", "adagrad"])("has a server that steps by the mean: %s", async (server) => {
    const [lr, tau] = [0.1, 0.05];
    let [m, v] = [
      [0, 0],
      [tau ** 2, tau ** 2],
    ];
    const expected = rounds((w, round) => {
      const ends = ALL.map((client) => descend(w, work[client].rows(round), work[client].steps));
      const d = combine(
        (a, b) => a - b,
        mean(ALL, ends, (client) => sizes[client]),
        w,
      );
      m = combine((a, b) => 0.9 * a + 0.1 * b, m, d);
      v = combine(
        (a, b) => {
          if (server === "adagrad") return a + b ** 2;
          return server === "adam" ? 0.99 * a + 0.01 * b ** 2 : a - 0.01 * b ** 2 * Math.sign(a - b ** 2);
        },
        v,
        d,
      );
      return combine((a, b, s) => a + (lr * b) / (Math.sqrt(s) + tau), w, m, v);
    });
    expectCourse(await run({ server, lr, tau }), expected);
  });

  it("takes the median of the changes where it is to be robust", async () => {
    const expected = rounds((w, round) => {
      const ends = ALL.map((client) => descend(w, work[client].rows(round), work[client].steps));
      return combine((...values) => values.sort((a, b) => a - b)[1], ...ends);
    });
    expectCourse(await run({ robust: "median" }), expected);
  });

  it("counts the steps of its slowest client and the rows of all", () => {
    const { advance } = federated({ E, B, power: 1 }, RUN);
    const steps = sizes.map((size) => Math.ceil((E * size) / Math.min(B, size)));
    const read = steps.reduce((sum, count, client) => sum + count * Math.min(B, sizes[client]), 0);
    expect(advance(0)).toEqual({ steps: Math.max(...steps), samples: read });
    expect(federated({}, RUN).advance(0)).toEqual({ steps: 4, samples: IMAGES });
    expect(BATCH / PARTS).toBe(2);
  });
});

describe("federated refuses", () => {
  const momentum = { ...RUN, state: ["parameters", "state.0"] };
  it.each([
    [{ labels: 2, power: 1 }, RUN, "labels and power each say how clients differ: give one of them"],
    [{ labels: 2 }, RUN, "clients that differ by label need labels, and the data have none"],
    [{ scaffold: true, mu: 0.1 }, RUN, "scaffold and mu both correct the gradients"],
    [{ scaffold: true, robust: "median" }, RUN, "scaffold needs the mean of all changes"],
    [{ scaffold: true }, momentum, "this optimizer keeps state.0: use optimizer sgd"],
    [{ server: "adm" }, RUN, 'unknown server "adm": did you mean "adam"?'],
    [{ robust: "crum" }, RUN, 'unknown robust "crum": did you mean "krum"?'],
    [{ robust: "krum", faulty: 1 }, RUN, "krum of 3 contributions withstands 0 at most, got faulty=1"],
    [{ B: 7 }, RUN, "B must be a whole number from 1 to 6, got 7"],
    [{ C: 1.5 }, RUN, "C must be a number from 0 to 1, got 1.5"],
    [{}, { ...RUN, parts: 25 }, "25 clients need 25 training rows, got 24: take fewer parts"],
  ] as [ChoiceOptions, typeof RUN, string][])("%j", (options, about, message) => {
    expect(() => federated(options, about)).toThrow(message);
  });
});
