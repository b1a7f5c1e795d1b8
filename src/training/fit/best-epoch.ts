/** The epoch with the lowest loss, and its vectors. */
import type { FittedModel, ModelVectors } from "./fitted-model.js";

/** The epoch with the lowest loss. */
export class Best {
  epoch = 0;
  /** The last epoch whose loss was lower than all before. */
  lowered = 0;
  vectors: ModelVectors | undefined;
  #loss = Number.POSITIVE_INFINITY;
  #bound = Number.POSITIVE_INFINITY;

  /** @param model whose vectors are kept, if they are to be */
  async see(epoch: number, loss: number, least: number, model: FittedModel | undefined): Promise<void> {
    if (loss < this.#bound - least) [this.#bound, this.lowered] = [loss, epoch];
    if (!(loss < this.#loss)) return;
    this.#loss = loss;
    this.epoch = epoch;
    this.vectors = await model?.vectors();
  }
}
