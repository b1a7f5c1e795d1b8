/**
 * Saves checkpoints. One that fails during the run costs only itself, because another follows. The last one is all that
 * remains of a run, so its write is tried again and again, and then in another folder.
 */
import type { Checkpoint } from "../../checkpoint/checkpoint.js";
import { oneLine } from "../../error.js";
import type { Timers } from "../../world/world.js";
import type { RunFiles } from "./run-files.js";

/** Returns another folder when the last checkpoint cannot be written to the folder of the run, or undefined to give up. */
export type AskFolder = (problem: string) => Promise<string | undefined>;

/** Milliseconds between tries: half a minute in all to make room on the disk. */
export const PAUSES: readonly number[] = [1000, 2000, 4000, 8000, 16_000];

export interface Saving {
  readonly files: RunFiles;
  readonly timers: Timers;
  /** Whether no other checkpoint follows. Asked after each failure, because a run may be stopped meanwhile. */
  readonly isLast: () => boolean;
  readonly warn: (message: string) => void;
  readonly askFolder?: AskFolder;
}

/**
 * @returns the checkpoint's folder
 * @throws DawnpourError when the disk fails; for the last checkpoint after all tries
 */
export async function saveCheckpoint(checkpoint: Checkpoint, saving: Saving): Promise<string> {
  const { files, timers, isLast, warn } = saving;
  for (const pause of PAUSES) {
    try {
      return await files.store.save(checkpoint);
    } catch (error) {
      if (!isLast()) throw error;
      warn(`${messageOf(error)}; trying again in ${pause / 1000} s`);
      await new Promise<void>((resolve) => timers.after(pause, resolve));
    }
  }
  return saveSomewhere(checkpoint, saving);
}

/** Tries the present folder once more, then each folder from `askFolder`. */
async function saveSomewhere(checkpoint: Checkpoint, { files, askFolder, warn }: Saving): Promise<string> {
  let failure: unknown;
  let elsewhere: string | undefined;
  do {
    try {
      if (elsewhere !== undefined) await files.moveTo(elsewhere);
      return await files.store.save(checkpoint);
    } catch (error) {
      // Later errors are of the folders offered instead.
      failure ??= error;
      if (elsewhere !== undefined) warn(messageOf(error));
      elsewhere = await askFolder?.(messageOf(error));
    }
  } while (elsewhere !== undefined);
  throw failure;
}

const messageOf = (error: unknown): string => oneLine(error instanceof Error ? error.message : String(error));
