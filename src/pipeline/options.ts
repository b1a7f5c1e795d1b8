/** What a pipeline trains, and which of it can not be trained so. */
import { SWEEP_BATCH } from "../analysis/sweep.js";
import { UsageError } from "../error.js";
import type { Autoencoder } from "../model/autoencoder.js";
import { cutProgram, pipelineStages } from "../model/cut.js";
import { gradientProgram, stateBuffers } from "../model/lower.js";
import { updateRule } from "../optimizer/optimizer.js";
import type { BufferDeclaration } from "../program/buffer.js";
import type { TrainingConfig } from "../training/config.js";
import { optimizerFromConfig } from "../training/from-config.js";
import type { ActivationShape } from "./activation-buffers.js";

export interface PipelineOptions {
  readonly model: Autoencoder;
  /** Its shards are the micro-batches. */
  readonly config: TrainingConfig;
  /** Of the whole run, for schedules that depend on it. */
  readonly steps: number;
}

/**
 * A stage sees its own part of the gradient, and nothing else.
 *
 * @throws UsageError for what needs the norm of the whole
 */
export function checkPipeline({ clip, precision }: TrainingConfig): void {
  const why = "needs the norm of the whole gradient, of which each stage of a pipeline has a part";
  if (clip !== undefined) throw new UsageError(`clip ${clip} ${why}: leave clip out, or train without --pipeline`);
  if (precision !== "f32") throw new UsageError(`precision ${precision} ${why}: use f32, or train without --pipeline`);
}

/** The memory that head and stages need beside the tensor store. */
export function activationShape({ model, config }: PipelineOptions): ActivationShape {
  const rows = Math.max(Math.ceil(config.batch / config.shards), SWEEP_BATCH);
  const source = { type: "u8", count: 1, scale: 1 } as const;
  const cuts = cutProgram(gradientProgram(model, { ...config, source, rows }), pipelineStages(model));
  const elements = (buffers: readonly BufferDeclaration[]): number =>
    buffers.reduce((sum, { length }) => sum + length, 0);
  return {
    boundaries: cuts.slice(0, -1).map(({ output, outputGradient }) => ({
      forward: elements(output),
      backward: elements(outputGradient),
    })),
    // A state, and in any case a part and what it is combined to.
    vectors: Math.max(2, 1 + stateBuffers(updateRule(optimizerFromConfig(config))).length),
    length: model.layout.length,
  };
}
