/**
 * The rows of each client: a partition of the training rows that is a pure function of the seed and the labels. Each client
 * has one row at least.
 *
 *     even        rows in a random order, cut into equal stretches (IID)
 *     labels K    rows sorted by label, cut into K equal stretches a client, which are dealt out (McMahan et al. 2017, section 3)
 *     dirichlet   the rows of each label are shared out by proportions drawn from Dirichlet(a, ..., a) (Yurochkin et al. 2019)
 *     power       rows in a random order; the sizes of the clients fall as 1, 2^-x, 3^-x, ...
 */
import { Permutation } from "../../data/permutation.js";
import { partRange } from "../../data/sampler.js";
import { UsageError } from "../../error.js";
import { hash, Random } from "../../world/random.js";
import type { StrategyRun } from "../strategy.js";

/** How clients differ. */
export type Skew =
  | { readonly kind: "even" }
  | { readonly kind: "labels"; readonly each: number }
  | { readonly kind: "dirichlet"; readonly concentration: number }
  | { readonly kind: "power"; readonly exponent: number };

export type ClientFacts = Pick<StrategyRun, "parts" | "images" | "seed" | "labels">;

/** Words in the seed of the partition, so that it has no order in common with that of the batches. */
const [ROWS, CLIENTS, SHARES] = [0xfed0, 0xfed1, 0xfed2];

/** @throws UsageError when there are more clients than rows, or labels are needed and the data have none */
export function clientRows(facts: ClientFacts, skew: Skew): readonly Uint32Array[] {
  const { parts, images } = facts;
  const least = skew.kind === "labels" ? parts * skew.each : parts;
  if (images < least) {
    throw new UsageError(`${parts} clients need ${least} training rows, got ${images}: take fewer parts`);
  }
  switch (skew.kind) {
    case "even":
      return cut(shuffled(facts), parts);
    case "labels":
      return byLabels(facts, skew.each);
    case "dirichlet":
      return byDirichlet(facts, skew.concentration);
    case "power":
      return byPower(facts, skew.exponent);
  }
}

/** Equal stretches, whose sizes differ by one at most. */
const cut = (rows: Uint32Array, count: number): Uint32Array[] =>
  Array.from({ length: count }, (_, i) => {
    const { start, end } = partRange(rows.length, count, i);
    return rows.slice(start, end);
  });

function shuffled({ images, seed }: ClientFacts): Uint32Array {
  const order = new Permutation(images, hash(seed, ROWS));
  return Uint32Array.from({ length: images }, (_, i) => order.at(i));
}

/** The rows of each label in a random order, by ascending label. */
function classes(facts: ClientFacts): Uint32Array[] {
  const { labels } = facts;
  if (!labels) throw new UsageError("clients that differ by label need labels, and the data have none: leave it out");
  const rows = new Map<number, number[]>();
  for (const row of shuffled(facts)) {
    const known = rows.get(labels[row]);
    if (known) known.push(row);
    else rows.set(labels[row], [row]);
  }
  return [...rows].sort(([a], [b]) => a - b).map(([, of]) => Uint32Array.from(of));
}

function byLabels(facts: ClientFacts, each: number): Uint32Array[] {
  const { parts, seed } = facts;
  const stretches = cut(joined(classes(facts)), parts * each);
  const dealt = new Permutation(stretches.length, hash(seed, CLIENTS));
  return Array.from({ length: parts }, (_, client) =>
    joined(Array.from({ length: each }, (_, i) => stretches[dealt.at(client * each + i)])),
  );
}

function byDirichlet(facts: ClientFacts, concentration: number): Uint32Array[] {
  const { parts, seed } = facts;
  const owned: Uint32Array[][] = Array.from({ length: parts }, () => []);
  for (const [i, rows] of classes(facts).entries()) {
    const random = new Random(seed, SHARES, i);
    const drawn = Array.from({ length: parts }, () => gamma(concentration, random));
    for (const [client, some] of inProportion(rows, drawn).entries()) owned[client].push(some);
  }
  return withoutEmpty(owned.map(joined));
}

function byPower(facts: ClientFacts, exponent: number): Uint32Array[] {
  const { parts, seed } = facts;
  // Which clients are the large ones is random, too.
  const ranks = new Permutation(parts, hash(seed, CLIENTS));
  const sizes = Array.from({ length: parts }, (_, client) => (ranks.at(client) + 1) ** -exponent);
  return withoutEmpty(inProportion(shuffled(facts), sizes));
}

/** Stretches of the rows whose lengths are as the sizes. */
function inProportion(rows: Uint32Array, sizes: readonly number[]): Uint32Array[] {
  const total = sizes.reduce((sum, size) => sum + size, 0);
  let [before, start] = [0, 0];
  return sizes.map((size, i) => {
    before += size;
    const end = i === sizes.length - 1 ? rows.length : Math.round((rows.length * before) / total);
    const some = rows.slice(start, end);
    start = end;
    return some;
  });
}

/** Gives each client without rows one of the client that has most. */
function withoutEmpty(clients: readonly Uint32Array[]): Uint32Array[] {
  const all = [...clients];
  for (const [client, rows] of all.entries()) {
    if (rows.length > 0) continue;
    const largest = all.reduce((best, other, i) => (other.length > all[best].length ? i : best), 0);
    all[client] = all[largest].slice(-1);
    all[largest] = all[largest].slice(0, -1);
  }
  return all;
}

function joined(pieces: readonly Uint32Array[]): Uint32Array {
  const all = new Uint32Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}

/** A draw of Gamma(shape, 1): Marsaglia & Tsang 2000; a shape below 1 by a draw of shape + 1. */
function gamma(shape: number, random: Random): number {
  if (shape < 1) return gamma(shape + 1, random) * random.uniform() ** (1 / shape);
  const d = shape - 1 / 3;
  for (;;) {
    const x = random.normal();
    const v = (1 + x / Math.sqrt(9 * d)) ** 3;
    if (v > 0 && Math.log(random.uniform()) < x ** 2 / 2 + d - d * v + d * Math.log(v)) return d * v;
  }
}
