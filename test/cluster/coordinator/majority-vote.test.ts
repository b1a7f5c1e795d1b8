import fc from "fast-check";
import { expect, test } from "vitest";
import { judge, type Vote } from "../../../src/cluster/coordinator/majority-vote.js";

const vote = (worker: number, digest: string, deviceKind = "cpu"): Vote => ({
  worker,
  deviceKind,
  snapshot: { round: 4, owner: worker, set: 0, digest, scalars: [] },
});

test("where all agree, the state of the first worker is the snapshot", () => {
  const { agreed, deviants } = judge([vote(2, "a"), vote(0, "a"), vote(1, "a")]);
  expect(agreed.owner).toBe(0);
  expect(deviants).toEqual([]);
});

test("a minority deviates; without a majority all are in doubt", () => {
  expect(judge([vote(0, "b"), vote(1, "a"), vote(2, "a")])).toMatchObject({ agreed: { owner: 1 }, deviants: [0] });
  expect(judge([vote(0, "a"), vote(1, "b")]).deviants).toEqual([0, 1]);
  expect(judge([vote(0, "a"), vote(1, "a"), vote(2, "b"), vote(3, "b")]).deviants).toEqual([0, 1, 2, 3]);
});

test("votes are counted by kind: kinds may differ from one another", () => {
  const verdict = judge([vote(0, "a", "cpu"), vote(1, "b", "gpu"), vote(2, "b", "gpu")]);
  expect(verdict).toMatchObject({ agreed: { owner: 0 }, deviceKind: "cpu", deviants: [] });
  expect(judge([vote(0, "a", "cpu"), vote(1, "b", "gpu"), vote(2, "c", "gpu")])).toMatchObject({
    agreed: { owner: 0 },
    deviants: [1, 2],
  });
});

test("laws: nobody of a strict majority of its kind is a deviant, all others are; the order of votes does not matter", () => {
  const votes = fc.uniqueArray(
    fc.record({ worker: fc.nat(20), digest: fc.constantFrom("a", "b", "c"), kind: fc.constantFrom("cpu", "gpu") }),
    { selector: ({ worker }) => worker, minLength: 1, maxLength: 9 },
  );
  fc.assert(
    fc.property(votes, fc.nat(), (list, turn) => {
      const cast = list.map(({ worker, digest, kind }) => vote(worker, digest, kind));
      const verdict = judge(cast);
      for (const { worker, deviceKind, snapshot } of cast) {
        const kind = cast.filter((other) => other.deviceKind === deviceKind);
        const same = kind.filter((other) => other.snapshot.digest === snapshot.digest);
        expect(verdict.deviants.includes(worker)).toBe(2 * same.length <= kind.length);
      }
      const at = turn % cast.length;
      const other = judge([...cast.slice(at), ...cast.slice(0, at)]);
      expect(other.agreed).toEqual(verdict.agreed);
      expect([...other.deviants].sort()).toEqual([...verdict.deviants].sort());
    }),
  );
});
