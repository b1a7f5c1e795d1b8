/** `dawnpour replay`: computes a run with parameter servers again, from the order of its contributions. */
import type { Command } from "commander";
import { replayRun } from "../../distributed/served/replay-run.js";
import { DataError } from "../../error.js";
import type { World } from "../../world/world.js";
import { print, printJson } from "../display/output.js";
import { type TrainedOptions, trainedCommand, withStored } from "../trained.js";

export function replayCommand(world: World): Command {
  return trainedCommand(
    "replay",
    "compute the newest checkpoint of a run with parameter servers again, in one process, and compare the bits",
  )
    .option("--json", "print one JSON line")
    .action((out: string, options: TrainedOptions & { json?: boolean }) =>
      withStored(world, out, options, async (_, dataset, device) => {
        const replayed = await replayRun({ world, out, dataset, device });
        const { step, contributions, parametersSha256, isEqual } = replayed;
        if (options.json) printJson({ run: out, ...replayed });
        else {
          print(`${contributions} contributions, to step ${step}: ${isEqual ? "the same bits" : "other bits"}`);
          print(`parameters ${parametersSha256}`);
        }
        if (isEqual) return;
        throw new DataError(
          `${out}: the replay has other bits than the checkpoint of step ${step}: give the device of the run's workers (--device), and its data`,
        );
      }),
    );
}
