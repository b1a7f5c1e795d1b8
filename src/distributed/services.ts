/** Further actors of the main process: where a run has parameter servers, the order log, or the keeper of their state. */
import { join } from "node:path";
import type { Start } from "../actor/behavior.js";
import { ORDER_FILE } from "../parameter-server/order-file.js";
import { orderLog } from "../parameter-server/order-log.js";
import { ServedRounds } from "../parameter-server/served-rounds.js";
import { stateKeeper } from "../parameter-server/state-keeper.js";
import type { Rounds } from "../strategies/rounds/replica.js";
import { ORIGIN, type TensorStore } from "../tensors/tensor-store.js";
import type { RunFiles } from "../training/run-folder/run-files.js";
import type { Disk } from "../world/world.js";
import { ORDER_LOG } from "./served/served-programs.js";

interface ServiceParts {
  readonly disk: Disk;
  readonly files: RunFiles;
  /** With the state that the run begins with. */
  readonly tensors: TensorStore;
  readonly round: number;
}

/** By name. */
export function servicesOf(
  rounds: Rounds,
  { disk, files, tensors, round }: ServiceParts,
): Readonly<Record<string, Start<never>>> {
  if (!(rounds instanceof ServedRounds)) return {};
  const initial = tensors.vectors(ORIGIN, 0);
  if (rounds.isBulk) return { [ORDER_LOG]: stateKeeper({ rounds, initial, round, tensors }) };
  const path = (): string => join(files.folder.path, ORDER_FILE);
  return { [ORDER_LOG]: orderLog({ disk, path, rounds, initial, round, tensors }) };
}
