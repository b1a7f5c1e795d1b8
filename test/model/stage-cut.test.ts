/** A program that is cut into stages. If these laws hold, the pipeline computes the same as the whole program. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Autoencoder } from "../../src/model/autoencoder.js";
import { evaluationProgram, gradientProgram } from "../../src/model/part-programs.js";
import { cutProgram, pipelineStages } from "../../src/model/stage-cut.js";
import { ACTIVATIONS, type Op, operands } from "../../src/program/op.js";
import type { Program } from "../../src/program/program.js";

const ROWS = 4;
const source = { type: "u8", count: 10, scale: 1 / 255 } as const;

const models = fc
  .record({
    layers: fc.array(fc.integer({ min: 1, max: 70 }), { minLength: 2, maxLength: 5 }),
    activation: fc.constantFrom(...ACTIVATIONS),
    codeActivation: fc.constantFrom(...ACTIVATIONS),
  })
  .map((config) => new Autoencoder({ ...config, outputActivation: "sigmoid", initialiser: "glorot" }));

const programs = (model: Autoencoder): Program[] => [
  gradientProgram(model, { source, rows: ROWS, batch: 9, loss: "mse" }),
  gradientProgram(model, { source, rows: ROWS, batch: 9, loss: "bce" }),
  evaluationProgram(model, { source, rows: ROWS }),
];

/** An op in words, with its views of the flat vectors where they were before the cut. */
function text(op: Op, start = 0): string {
  const back = (_: string, part: unknown): unknown => {
    const view = part as { buffer?: string; offset?: number };
    const moved = view?.buffer === "parameters" || view?.buffer === "gradients";
    return moved ? { ...view, offset: (view.offset ?? 0) + start } : part;
  };
  return JSON.stringify(op, back);
}

describe("the stages of a model", () => {
  it("make up its flat vector, in order", () => {
    fc.assert(
      fc.property(models, (model) => {
        let end = 0;
        for (const { start, length } of pipelineStages(model)) {
          expect(start).toBe(end);
          end += length;
        }
        expect(end).toBe(model.layout.length);
        expect(pipelineStages(model).length).toBe(model.encoder.length > 0 ? 3 : 2);
      }),
    );
  });
});

describe("a program, cut", () => {
  it("has every op in one stage, as it was and in the same order; batches are gathered where they are read", () => {
    fc.assert(
      fc.property(models, (model) => {
        const stages = pipelineStages(model);
        for (const program of programs(model)) {
          const turn = program.ops.findIndex(({ kind }) => kind === "loss") + 1;
          const isGather = (op: string): boolean => JSON.parse(op).kind === "gather";
          const whole = program.ops.map((op) => text(op));
          const found: string[] = [];
          for (const [i, { forward, backward }] of cutProgram(program, stages).entries()) {
            const ops = [forward, backward].map((pass) => (pass?.ops ?? []).map((op) => text(op, stages[i].start)));
            const gathers = ops.flat().filter(isGather);
            expect(gathers).toEqual(i === 0 || i === stages.length - 1 ? whole.filter(isGather) : []);
            for (const [pass, part] of [whole.slice(0, turn), whole.slice(turn)].entries()) {
              const own = ops[pass].filter((op) => !isGather(op));
              expect(part.filter((op) => own.includes(op))).toEqual(own);
              found.push(...own);
            }
          }
          expect(found.sort()).toEqual(whole.filter((op) => !isGather(op)).sort());
        }
      }),
    );
  });

  it("gives every stage what it reads: its own, its neighbour's, or what is filled from outside", () => {
    fc.assert(
      fc.property(models, (model) => {
        const stages = pipelineStages(model);
        for (const program of programs(model)) {
          const cuts = cutProgram(program, stages);
          for (const [i, { forward, backward, input, output, outputGradient, inputGradient, kept }] of cuts.entries()) {
            const there = new Set(["parameters", "source", "rows", "lossScale", ...input.map(({ name }) => name)]);
            const follow = (ops: readonly Op[]): void => {
              for (const op of ops) {
                const { reads, writes } = operands(op);
                for (const { buffer } of reads) expect(there).toContain(buffer);
                for (const { buffer } of writes) there.add(buffer);
              }
            };
            follow(forward.ops);
            for (const { name } of output) expect(there).toContain(name);
            // Other micro-batches come in between, so values that were not kept are overwritten.
            const lasting = new Set(["parameters", "gradients", ...kept, ...outputGradient.map(({ name }) => name)]);
            for (const name of there) if (!lasting.has(name)) there.delete(name);
            for (const name of lasting) there.add(name);
            follow(backward?.ops ?? []);
            for (const { name } of inputGradient) expect(there).toContain(name);
            expect(cuts[i + 1]?.input ?? []).toEqual(output);
            expect(cuts[i + 1]?.inputGradient ?? []).toEqual(outputGradient);
          }
          expect(cuts[0].input).toEqual([]);
        }
      }),
    );
  });

  it("views nothing beyond the range of its stage", () => {
    fc.assert(
      fc.property(models, (model) => {
        const stages = pipelineStages(model);
        for (const [i, { forward, backward }] of cutProgram(programs(model)[0], stages).entries()) {
          for (const program of [forward, backward as Program]) {
            const views = program.ops.flatMap((op) => Object.values(operands(op)).flat());
            for (const { buffer, offset, rows, columns } of views) {
              const declared = program.buffers.find(({ name }) => name === buffer);
              expect(offset).toBeGreaterThanOrEqual(0);
              expect(offset + rows * columns).toBeLessThanOrEqual(declared?.length ?? 0);
              if (buffer === "parameters") expect(declared?.length).toBe(stages[i].length);
            }
          }
        }
      }),
    );
  });
});
