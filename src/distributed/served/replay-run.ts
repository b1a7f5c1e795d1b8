/** Replays a finished run with parameter servers from the files in its folder, on one device in this process. */
import { join } from "node:path";
import { folderName } from "../../checkpoint/checkpoint.js";
import { CHECKPOINTS_FOLDER, openCheckpoint } from "../../checkpoint/open.js";
import { readWeights } from "../../checkpoint/weights-file.js";
import type { Dataset } from "../../data/dataset.js";
import type { Device } from "../../device/device.js";
import { DataError, UsageError } from "../../error.js";
import { ORDER_FILE, type Order, parseOrder } from "../../parameter-server/order-file.js";
import { replay } from "../../parameter-server/replay.js";
import { ServedRounds } from "../../parameter-server/served-rounds.js";
import { roundAt } from "../../strategies/rounds/replica.js";
import { type Plan, readPlan } from "../../training/plan.js";
import { fromCheckpoint, parametersSha256 } from "../../training/run-folder/snapshot.js";
import { explained } from "../../world/disk-error.js";
import type { World } from "../../world/world.js";
import { loadNamed, programOf, taskOf } from "../task.js";
import { toLearnerState } from "../trainer-state.js";
import { updateOf } from "./served-node.js";

/** A run, and what replays it. */
interface ReplayRequest {
  readonly world: World;
  /** The folder of the run. */
  readonly out: string;
  /** The data of the run. */
  readonly dataset: Dataset;
  /** The device that computes the contributions: of the kind of the run's workers, for the same bits. */
  readonly device: Device;
}

/** What a replay came to. */
interface ReplayedRun {
  /** The step of the run's newest checkpoint. */
  readonly step: number;
  /** Contributions that were computed. */
  readonly contributions: number;
  readonly parametersSha256: string;
  /** Whether it has the bits of the checkpoint: the parameters, and what the servers keep besides. */
  readonly isEqual: boolean;
}

/**
 * Computes the newest checkpoint of a run again.
 *
 * @throws UsageError when the run had no parameter servers, DataError when its order is damaged
 */
export async function replayRun(request: ReplayRequest): Promise<ReplayedRun> {
  const { world, out, dataset, device } = request;
  const order = await readOrder(world, join(out, ORDER_FILE));
  const plan = await readPlan({ world, out, dataset, config: {}, resume: true });
  const { config, checkpoint, model } = plan;
  if (!checkpoint) throw new DataError(`${out} holds no checkpoint`);
  const run = taskOf(plan, { places: [], servers: order.servers });
  const rounds = programOf(run, await loadNamed(config));
  if (!(rounds instanceof ServedRounds)) throw notServed(out);
  const learner = await rounds.workload.open(device, plan.dataset);
  const updates = rounds.pieces.map((_, piece) => updateOf(run, rounds, piece));
  try {
    const { vectors, contributions } = await replay({
      ...{ rounds, order, learner, round: roundAt(rounds, checkpoint.state.step) },
      ...{ initial: await initialOf(request, plan, rounds, order), updates: updates.map(({ step }) => step) },
    });
    for (const vector of vectors) rounds.workload.clearGaps(vector);
    const saved = toLearnerState(config, checkpoint.state, rounds.names);
    const isEqual = vectors.every((vector, i) => isSame(vector, saved.vectors[i]));
    const sha = parametersSha256(model, vectors[0]);
    return { step: checkpoint.state.step, contributions, parametersSha256: sha, isEqual };
  } finally {
    for (const update of updates) update.destroy();
    learner.destroy();
  }
}

async function readOrder(world: World, path: string): Promise<Order> {
  if (!(await explained("open", path, world.disk.status(path)))) throw notServed(path);
  return parseOrder(new TextDecoder().decode(await explained("read", path, world.disk.read(path))), path);
}

const notServed = (where: string): UsageError =>
  new UsageError(
    `${where}: there is no order to replay: only runs whose parts go by themselves (--strategy downpour, stale or easgd:async=true) have one; any other run repeats itself`,
  );

/** The state that the order begins with: that of the run, or of the checkpoint that it was resumed from. */
async function initialOf(
  { world, out, dataset }: ReplayRequest,
  { config }: Plan,
  rounds: ServedRounds,
  { step }: Order,
): Promise<readonly Float32Array[]> {
  if (step > 0) {
    const path = join(out, CHECKPOINTS_FOLDER, folderName(step));
    if (!(await world.disk.status(path))) {
      throw new DataError(
        `${out} was resumed after step ${step}, and the checkpoint of that step is gone: a replay begins with it; a higher --keep keeps it`,
      );
    }
    const stored = await openCheckpoint(world, path);
    return toLearnerState(config, fromCheckpoint(stored).state, rounds.names).vectors;
  }
  const { initial: source } = config;
  if (source === undefined) return rounds.initialState().vectors;
  const initial = { source, tensors: await readWeights(world, source) };
  const begun = await readPlan({ world, out, dataset, config, initial, hasPieces: true });
  return rounds.initialState(begun.initial).vectors;
}

/** Whether the bits are equal; a NaN equals itself. */
const isSame = (a: Float32Array, b: Float32Array): boolean => a.every((value, i) => Object.is(value, b[i]));
