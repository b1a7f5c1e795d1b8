/**
 * One batch on its way through a stage: which pass is next, and whether its input is there. Messages say what was sent
 * and what is missing; the tensors are in the activation buffers.
 */
import type { Ref } from "../actor/ref.js";
import type { ActivationBuffers } from "./activation-buffers.js";
import type { Course } from "./component.js";
import { type PassOf, schedule } from "./pass-schedule.js";
import type { ToStage } from "./protocol.js";

/** A stage's place in the pipeline. */
export interface Neighbours {
  readonly index: number;
  readonly stages: number;
  readonly before?: Ref<ToStage>;
  readonly after?: Ref<ToStage>;
}

export class Traffic {
  readonly id: number;
  readonly #term: number;
  readonly #rounds: Course;
  readonly #activations: ActivationBuffers;
  readonly #neighbours: Neighbours;
  readonly #passes: readonly PassOf[];
  readonly #arrived: ReadonlySet<string>;
  #done = 0;
  #total = 0;

  /** @param arrived what the neighbours have sent, by `passKey`; it may grow */
  constructor(
    { term, id }: { readonly term: number; readonly id: number },
    rounds: Course,
    activations: ActivationBuffers,
    neighbours: Neighbours,
    arrived: ReadonlySet<string>,
  ) {
    this.id = id;
    this.#term = term;
    this.#rounds = rounds;
    this.#activations = activations;
    this.#neighbours = neighbours;
    this.#passes = schedule(neighbours.stages, neighbours.index, rounds.microBatches);
    this.#arrived = arrived;
  }

  get isOver(): boolean {
    return this.#done === this.#passes.length;
  }

  /** Sum over all micro-batches, at the last stage. */
  get total(): number {
    return this.#total;
  }

  end(): void {
    this.#rounds.end();
  }

  /** Runs the next pass, if its input is there; returns it. */
  async advance(): Promise<PassOf | undefined> {
    const next = this.#passes[this.#done];
    if (!next || (this.#sender(next) && !this.#arrived.has(passKey(this.id, next)))) return undefined;
    const { pass, microBatch } = next;
    const { index, before, after } = this.#neighbours;
    const left = before && this.#activations.crossing(index - 1, next);
    const right = after && this.#activations.crossing(index, next);
    const { forward, backward, add } = this.#rounds;
    if (pass === "forward") this.#total = add(this.#total, await forward(microBatch, left, right));
    else await backward(microBatch, right, left);
    this.#done++;
    this.#tell(next);
    return next;
  }

  /** Asks a neighbour for the missing input of the next pass. */
  ask(): void {
    const next = this.#passes[this.#done];
    if (next) this.#sender(next)?.tell({ kind: "missing", term: this.#term, id: this.id, ...next });
  }

  /** Sends again what a neighbour misses, if it is done. */
  resend({ pass, microBatch }: PassOf): void {
    const made = this.#passes.slice(0, this.#done);
    if (made.some((done) => done.pass === pass && done.microBatch === microBatch)) this.#tell({ pass, microBatch });
  }

  #sender({ pass }: PassOf): Ref<ToStage> | undefined {
    return pass === "forward" ? this.#neighbours.before : this.#neighbours.after;
  }

  #tell({ pass, microBatch }: PassOf): void {
    const receiver = pass === "forward" ? this.#neighbours.after : this.#neighbours.before;
    receiver?.tell({ kind: "passed", term: this.#term, id: this.id, pass, microBatch });
  }
}

/** Key of a micro-batch that arrived for an order. */
export const passKey = (id: number, { pass, microBatch }: PassOf): string => `${id} ${pass} ${microBatch}`;
