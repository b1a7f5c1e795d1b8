/** Rounds of a compressor without training: the contributions are given, and what arrives is added up. */
import type { Collective, Inspection } from "../../src/collective/collective.js";
import { PortableCollective } from "../../src/collective/portable-collective.js";
import type { CheckedCompressor } from "../../src/strategies/rounds/checked-compressor.js";
import { CompressedRounds } from "../../src/strategies/rounds/compressed-rounds.js";
import { contributionIn, type Replica, type ReplicaProgram } from "../../src/strategies/rounds/replica.js";

interface Exchange {
  readonly compressor: CheckedCompressor;
  readonly length: number;
  readonly parts: number;
  /** Elements before the gap at the end. */
  readonly used: number;
  /** The global parameters, if what is encoded is how far a contribution is from them. */
  readonly parameters?: Float32Array;
}

type Contribution = (round: number, part: number) => Float32Array;

/** Rounds whose replica contributes what it is given, and adds what arrives to `added`. */
function given(
  { length, parts, parameters }: Exchange,
  contribution: Contribution,
  added: Float64Array,
): ReplicaProgram {
  const replica = (): Replica => {
    let round = 0;
    return {
      get round() {
        return round;
      },
      async contribute(part, out) {
        out.set(contribution(round, part));
        return 1;
      },
      async apply(sum) {
        for (const [i, value] of sum.entries()) added[i] += value;
        round++;
      },
      settled: async () => undefined,
      async save(vectors) {
        if (parameters) vectors[0].set(parameters);
        return [];
      },
      restore: () => undefined,
      evaluate: () => Promise.reject(new Error("nothing to evaluate")),
      destroy: () => undefined,
    };
  };
  return {
    ...{ parts, length, vectors: 1, names: ["parameters"] },
    ...{ leases: false, finite: true },
    combine: (collective: Collective, all: readonly Float32Array[], out: Float32Array): Promise<Inspection[]> =>
      collective.sum(all, out),
    advance: () => ({ steps: 1, images: parts }),
    stepAt: (round) => round,
    initialState: () => ({ vectors: [new Float32Array(length)], scalars: [] }),
    open: async () => replica(),
  };
}

/** Goes through `count` rounds. */
export async function exchanged(about: Exchange, count: number, contribution: Contribution) {
  const { compressor, length, parts, used } = about;
  const [added, contributed] = [new Float64Array(length), new Float64Array(length)];
  const inner = given(about, contribution, added);
  const rounds = new CompressedRounds(
    inner,
    compressor,
    (vector) => void vector.fill(0, used),
    about.parameters !== undefined,
  );
  const replica = await rounds.open(undefined as never, undefined as never);
  const { vectors } = rounds.initialState();
  replica.restore(0, { vectors, scalars: [] });
  const vector = (): Float32Array => new Float32Array(length).fill(7);
  const first = 1 + compressor.global.length;
  let locals = Array.from({ length: parts }, (_, part) =>
    vectors.slice(first + part * rounds.local, first + (part + 1) * rounds.local),
  );
  let bytes = 0;
  const losses: boolean[] = [];
  const sums: Float32Array[] = [];
  for (let round = 0; round < count * compressor.phases; round++) {
    const next = locals.map((own) => own.map(vector));
    const sent: Float32Array[] = [];
    for (let part = 0; part < parts; part++) {
      const whole = vector();
      const local = { now: locals[part], next: next[part] };
      await replica.contribute(part, whole, local);
      if (rounds.tellsLoss(round)) for (const [i, value] of whole.entries()) contributed[i] += value;
      const encoded = replica.encode?.(part, whole, local) as Uint8Array;
      bytes += encoded.length;
      const out = contributionIn(rounds, round, vector());
      rounds.decode(encoded, out, round);
      if (out.some((value, i) => !Object.is(value, whole[i]))) throw new Error("what is decoded is not what was sent");
      sent.push(out);
    }
    const sum = contributionIn(rounds, round, vector());
    await rounds.combine(new PortableCollective(), sent, sum);
    await replica.apply(sum);
    sums.push(sum);
    losses.push(rounds.tellsLoss(round));
    locals = next;
  }
  const state = vectors.slice(0, first).map(vector);
  await replica.save(state);
  return { rounds, added, contributed, locals, global: state.slice(1), bytes, losses, sums };
}
