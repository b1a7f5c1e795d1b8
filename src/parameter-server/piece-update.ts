/** The run's optimizer on a piece of the state. The update rules work element by element, so a piece does not need the others. */
import { choiceText } from "../choice.js";
import { type Device, f32Buffer } from "../device/device.js";
import { UsageError } from "../error.js";
import { stateBuffers } from "../model/lower.js";
import { updateProgram } from "../model/part-programs.js";
import { updateRule, writeScalars } from "../optimizer/optimizer.js";
import { UPDATE_SCALARS } from "../program/op.js";
import { HostProgram } from "../tensors/host-program.js";
import type { TrainingConfig } from "../training/config/config.js";
import { SYNCHRONOUS } from "../training/config/strategy-choice.js";
import { learningRate, optimizerFromConfig } from "../training/from-config.js";
import { notPlain } from "../training/task/task.js";
import type { UpdatePiece } from "./held-piece.js";

/** @throws UsageError for a model with another optimizer: that has vectors of its own names, and its own rate for each link */
export function checkServedOptimizer(strategy: string, config: Parameters<typeof notPlain>[0]): void {
  const what = notPlain(config);
  if (what === undefined) return;
  throw new UsageError(
    `strategy ${strategy} steps by the run's optimizer on parameter servers, which have that of a plain autoencoder only: leave ${what} out, or use strategy synchronous or local-sgd without servers`,
  );
}

export interface PieceUpdate {
  readonly step: UpdatePiece;
  destroy(): void;
}

/** @param openDevice called when a strategy first asks for a step of the optimizer */
export function pieceUpdate(
  config: TrainingConfig,
  steps: number,
  length: number,
  openDevice: () => Promise<Device>,
): PieceUpdate {
  const rule = updateRule(optimizerFromConfig(config));
  const names = ["parameters", ...stateBuffers(rule)];
  const zeros = new Float32Array(length);
  const scalars = new Float32Array(UPDATE_SCALARS);
  let opened: { readonly device: Device; readonly program: HostProgram } | undefined;
  const open = async () => {
    checkServedOptimizer(choiceText(config.strategy ?? SYNCHRONOUS), config);
    const device = await openDevice();
    const program = updateProgram({ layout: { length } }, { rule });
    return { device, program: await HostProgram.compile(device, program, "gradients", {}) };
  };
  return {
    async step(state, gradient, { step, updates }) {
      opened ??= await open();
      const { base } = opened.program;
      for (const name of names) f32Buffer(base, name).write(state[name] ?? zeros);
      writeScalars(scalars, 0, rule, learningRate(config, steps, step), updates);
      base.buffer("scalars").write(scalars);
      opened.program.copyFrom(gradient);
      const kept = names.filter((name) => state[name]);
      await Promise.all(kept.map((name) => f32Buffer(base, name).readInto(state[name])));
    },
    destroy() {
      opened?.program.destroy();
      opened?.device.destroy();
    },
  };
}
