/** The options of a pipeline, and the configurations that a pipeline cannot train. */
import { SWEEP_BATCH } from "../analysis/sweep.js";
import { UsageError } from "../error.js";
import type { Autoencoder } from "../model/autoencoder.js";
import { stateBuffers } from "../model/lower.js";
import { gradientProgram } from "../model/part-programs.js";
import { cutProgram, pipelineStages } from "../model/stage-cut.js";
import { updateRule } from "../optimizer/optimizer.js";
import type { BufferDeclaration } from "../program/buffer.js";
import type { TrainingConfig } from "../training/config/config.js";
import { optimizerFromConfig } from "../training/from-config.js";
import type { ActivationShape } from "./activation-buffers.js";

export interface PipelineOptions {
  readonly model: Autoencoder;
  /** Its parts are the micro-batches. */
  readonly config: TrainingConfig;
  /** Steps of the whole run, for schedules. */
  readonly steps: number;
}

/**
 * A stage sees only its own part of the gradient.
 *
 * @throws UsageError for a configuration that needs the norm of the whole gradient
 */
export function checkPipeline({ clip, precision }: TrainingConfig): void {
  const why = "needs the norm of the whole gradient, of which each stage of a pipeline has a part";
  if (clip !== undefined) throw new UsageError(`clip ${clip} ${why}: leave clip out, or train without --pipeline`);
  if (precision !== "f32") throw new UsageError(`precision ${precision} ${why}: use f32, or train without --pipeline`);
}

/** The memory that driver and stages need besides the tensor store. */
export function activationShape({ model, config }: PipelineOptions): ActivationShape {
  const rows = Math.max(Math.ceil(config.batch / config.parts), SWEEP_BATCH);
  const source = { type: "u8", count: 1, scale: 1 } as const;
  const cuts = cutProgram(gradientProgram(model, { ...config, source, rows }), pipelineStages(model));
  const elements = (buffers: readonly BufferDeclaration[]): number =>
    buffers.reduce((sum, { length }) => sum + length, 0);
  return {
    boundaries: cuts.slice(0, -1).map(({ output, outputGradient }) => ({
      forward: elements(output),
      backward: elements(outputGradient),
    })),
    // One for a part and one for the combined gradient, or one for each vector of a state.
    vectors: Math.max(2, 1 + stateBuffers(updateRule(optimizerFromConfig(config))).length),
    length: model.layout.length,
  };
}
