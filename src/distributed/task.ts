/** What the nodes of a run are to do, as plain data; and what they make of it, each in its process. */
import type { OpenOptions } from "../device/open.js";
import type { Autoencoder } from "../model/autoencoder.js";
import { configuredModel, type TrainingConfig } from "../training/config.js";
import type { InheritedMemory } from "../transport/entry.js";
import { openSharedMemory } from "../transport/shared-memory.js";
import { Arena, type ArenaShape } from "./arena.js";
import type { MilestoneOptions } from "./milestones.js";
import { NativeCollective } from "./native-collective.js";
import type { Parts } from "./programs.js";
import type { SharedDataset } from "./shared-dataset.js";
import { Synchronous } from "./strategies/synchronous.js";
import type { Strategy } from "./strategy.js";
import type { ClusterTimes } from "./times.js";

export interface RunTask {
  readonly config: TrainingConfig;
  /** Of the whole run. */
  readonly steps: number;
  readonly workers: number;
  readonly dataset: SharedDataset;
  readonly times: ClusterTimes;
}

export type NodeTask =
  | { readonly kind: "coordinator"; readonly run: RunTask }
  | { readonly kind: "worker"; readonly run: RunTask; readonly index: number; readonly open: OpenOptions };

/** Rounds between snapshots that nothing else asks for: what a run loses at most when all replicas do. */
const SNAPSHOT_EVERY = 100;

export function modelOf({ config, dataset }: RunTask): Autoencoder {
  return configuredModel(config, dataset.train.features);
}

export function strategyOf(run: RunTask): Strategy {
  return new Synchronous({ model: modelOf(run), config: run.config, steps: run.steps });
}

export function shapeOf({ workers }: RunTask, { parts, vectors, length }: Strategy): ArenaShape {
  return { workers, parts, vectors, length };
}

export function milestonesOf({ config, steps, dataset }: RunTask, { stepsPerRound }: Strategy): MilestoneOptions {
  const { evaluateEvery, checkpointEvery, batch } = config;
  return {
    rounds: Math.ceil(steps / stepsPerRound),
    stepsPerRound,
    snapshotEvery: SNAPSHOT_EVERY,
    evaluateEvery,
    checkpointEvery,
    images: dataset.train.count,
    batch,
  };
}

/** The order in which shared memory is handed down. */
export const [ARENA_MEMORY, DATASET_MEMORY] = [0, 1];

export function openParts(run: RunTask, memory: readonly InheritedMemory[]): Parts {
  const strategy = strategyOf(run);
  const { fd, bytes } = memory[ARENA_MEMORY];
  const shared = openSharedMemory(fd, bytes);
  const arena = new Arena(shapeOf(run, strategy), (offset, length) => shared.map(offset, length));
  return { strategy, arena, collective: new NativeCollective() };
}

export function openInherited({ fd, bytes }: InheritedMemory): ArrayBuffer {
  return openSharedMemory(fd, bytes).buffer;
}
