/** Tensors between stages: no two tensors that are in use share a place. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { ActivationBuffers, type ActivationShape } from "../../src/pipeline/activation-buffers.js";
import { inFlight, type PassOf, schedule } from "../../src/pipeline/pass-schedule.js";

const shapes: fc.Arbitrary<ActivationShape> = fc.record({
  boundaries: fc.array(
    fc.record({ forward: fc.integer({ min: 1, max: 9000 }), backward: fc.integer({ min: 1, max: 99 }) }),
    {
      minLength: 1,
      maxLength: 4,
    },
  ),
  vectors: fc.integer({ min: 2, max: 4 }),
  length: fc.integer({ min: 1, max: 9000 }),
});

it("has places that lie apart, each on a page", () => {
  fc.assert(
    fc.property(shapes, (shape) => {
      const pieces: { readonly offset: number; readonly bytes: number }[] = [];
      const activations = new ActivationBuffers(shape, (offset, bytes) => {
        pieces.push({ offset, bytes });
        return new ArrayBuffer(bytes);
      });
      const stages = shape.boundaries.length + 1;
      for (const [boundary, lengths] of shape.boundaries.entries()) {
        for (let microBatch = 0; microBatch < inFlight(stages, boundary); microBatch++) {
          for (const pass of ["forward", "backward"] as const) {
            expect(activations.crossing(boundary, { pass, microBatch }).length).toBe(lengths[pass]);
          }
        }
      }
      for (let i = 0; i < shape.vectors; i++) {
        expect(activations.vector(i).length).toBe(shape.length);
        expect(activations.vector(i)).toBe(activations.vector(i));
      }
      const sorted = pieces.sort((a, b) => a.offset - b.offset);
      for (const [i, { offset, bytes }] of sorted.entries()) {
        expect(offset % 16_384).toBe(0);
        expect(offset + bytes).toBeLessThanOrEqual(sorted[i + 1]?.offset ?? ActivationBuffers.bytes(shape));
      }
    }),
  );
});

it("keeps what lies between two stages until it is done with, whichever stage is ahead", () => {
  const run = fc.record({
    stages: fc.integer({ min: 2, max: 5 }),
    microBatches: fc.integer({ min: 1, max: 9 }),
    turns: fc.infiniteStream(fc.nat({ max: 4 })),
  });
  fc.assert(
    fc.property(run, ({ stages, microBatches, turns }) => {
      const shape = { boundaries: Array.from({ length: stages - 1 }, () => ({ forward: 1, backward: 1 })) };
      const activations = new ActivationBuffers(
        { ...shape, vectors: 2, length: 1 },
        (_, bytes) => new ArrayBuffer(bytes),
      );
      const left = Array.from({ length: stages }, (_, stage) => schedule(stages, stage, microBatches));
      const made = new Set<string>();
      const step = (stage: number): boolean => {
        const [next] = left[stage];
        if (!next) return false;
        const [from, to] = next.pass === "forward" ? [stage - 1, stage + 1] : [stage + 1, stage - 1];
        const isEnd = from < 0 || from >= stages;
        if (!isEnd && !made.has(JSON.stringify([from, next]))) return false;
        if (!isEnd) expect([...activations.crossing(Math.min(stage, from), next)]).toEqual([tag(next)]);
        if (to >= 0 && to < stages) activations.crossing(Math.min(stage, to), next)[0] = tag(next);
        made.add(JSON.stringify([stage, next]));
        left[stage].shift();
        return true;
      };
      // The stages may advance in any order.
      while (left.some(({ length }) => length > 0)) {
        const first = (turns.next().value as number) % stages;
        const turn = Array.from({ length: stages }, (_, i) => (first + i) % stages);
        expect(turn.some(step)).toBe(true);
      }
    }),
  );
});

const tag = ({ pass, microBatch }: PassOf): number => (pass === "forward" ? 1 : -1) * (microBatch + 1);
