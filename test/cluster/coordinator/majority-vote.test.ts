import fc from "fast-check";
import { expect, test } from "vitest";
import { majorityVote, type Vote } from "../../../src/cluster/coordinator/majority-vote.js";

const vote = (worker: number, digest: string, deviceKind = "cpu"): Vote => ({
  worker,
  deviceKind,
  snapshot: { round: 4, owner: worker, set: 0, digest, scalars: [] },
});

test("where all replicas agree, the state of the first worker is the snapshot", () => {
  const { agreed, outliers } = majorityVote([vote(2, "a"), vote(0, "a"), vote(1, "a")]);
  expect(agreed.owner).toBe(0);
  expect(outliers).toEqual([]);
});

test("a minority differs; without a majority all are suspects", () => {
  expect(majorityVote([vote(0, "b"), vote(1, "a"), vote(2, "a")])).toMatchObject({
    agreed: { owner: 1 },
    outliers: [0],
  });
  expect(majorityVote([vote(0, "a"), vote(1, "b")]).outliers).toEqual([0, 1]);
  expect(majorityVote([vote(0, "a"), vote(1, "a"), vote(2, "b"), vote(3, "b")]).outliers).toEqual([0, 1, 2, 3]);
});

test("votes are counted by kind of device: kinds may differ from one another", () => {
  const result = majorityVote([vote(0, "a", "cpu"), vote(1, "b", "gpu"), vote(2, "b", "gpu")]);
  expect(result).toMatchObject({ agreed: { owner: 0 }, deviceKind: "cpu", outliers: [] });
  expect(majorityVote([vote(0, "a", "cpu"), vote(1, "b", "gpu"), vote(2, "c", "gpu")])).toMatchObject({
    agreed: { owner: 0 },
    outliers: [1, 2],
  });
});

test("laws: no member of a strict majority of its kind is an outlier, all others are; the order of votes does not matter", () => {
  const votes = fc.uniqueArray(
    fc.record({ worker: fc.nat(20), digest: fc.constantFrom("a", "b", "c"), kind: fc.constantFrom("cpu", "gpu") }),
    { selector: ({ worker }) => worker, minLength: 1, maxLength: 9 },
  );
  fc.assert(
    fc.property(votes, fc.nat(), (list, turn) => {
      const cast = list.map(({ worker, digest, kind }) => vote(worker, digest, kind));
      const result = majorityVote(cast);
      for (const { worker, deviceKind, snapshot } of cast) {
        const kind = cast.filter((other) => other.deviceKind === deviceKind);
        const same = kind.filter((other) => other.snapshot.digest === snapshot.digest);
        expect(result.outliers.includes(worker)).toBe(2 * same.length <= kind.length);
      }
      const at = turn % cast.length;
      const other = majorityVote([...cast.slice(at), ...cast.slice(0, at)]);
      expect(other.agreed).toEqual(result.agreed);
      expect([...other.outliers].sort()).toEqual([...result.outliers].sort());
    }),
  );
});
