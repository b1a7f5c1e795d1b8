/**
 * Training on many devices, `dawnpour/distributed`: a run on workers in processes of their own, and its parts, for
 * programs that place workers, inject faults or show progress themselves. `train` of `dawnpour` does all of it from
 * options.
 */

import { compare as compareStrategies } from "./comparison/compare.js";
import { runDistributed as runOnWorkers } from "./distributed/run.js";
import { parseChaos as chaos } from "./faults/chaos.js";
import { parseFaults as faults } from "./faults/parse-faults.js";
import { withOptionNames } from "./option-names.js";
import { search as searchConfiguration } from "./search/search.js";

export type { AskedChoice, Choice, ChoiceOptions } from "./choice.js";
export { type ClusterTimes, DEFAULT_TIMES } from "./cluster/times.js";
export type { Collective, Inspection } from "./collective/collective.js";
export type {
  CompressedTensor,
  Compressor,
  CompressorDefinition,
  CompressorFactory,
  CompressorRun,
  CompressorVectors,
  EncodeContext,
  SharedVector,
} from "./collective/compress/compressor.js";
export { compressors } from "./collective/compress/compressors.js";
export type { LowRankProducts, Matrix as LowRankMatrix } from "./collective/compress/low-rank.js";
export { NativeCollective, type NativeCollectiveOptions } from "./collective/native-collective.js";
export { PortableCollective as PlainCollective } from "./collective/portable-collective.js";
export type { ComparedChoice, ComparedPoint, ComparedRun, ComparePlace, Comparison } from "./comparison/compare.js";
export { type Gpu, listGpus } from "./device/gpu.js";
export type { RunWorkers } from "./distributed/elastic.js";
export type { DistributedOptions, StrikeNow } from "./distributed/options.js";
export {
  type ClusterStatus,
  type ProcessStatus,
  WORKER_STATES,
  type WorkerState,
  type WorkerStatus,
} from "./distributed/status/status.js";
export * as secureAggregation from "./faces/secure-aggregation.js";
export type { ChaosOptions } from "./faults/chaos.js";
export type { Draw, FaultDefinition, FaultPorts, Slowdown, UserAction, Words } from "./faults/definition.js";
export { type Action, type Fault, type FaultKind, faultKinds, faultText, type Moment } from "./faults/fault.js";
export type { Cut } from "./faults/kinds/cut.js";
export type { Fail } from "./faults/kinds/fail.js";
export type { Flip } from "./faults/kinds/flip.js";
export type { Hang } from "./faults/kinds/hang.js";
export type { Join } from "./faults/kinds/join.js";
export type { Kill } from "./faults/kinds/kill.js";
export type { Leave } from "./faults/kinds/leave.js";
export type { Lose } from "./faults/kinds/lose.js";
export type { Slow } from "./faults/kinds/slow.js";
export type { Spoil } from "./faults/kinds/spoil.js";
export type { Tear } from "./faults/kinds/tear.js";
export type { FaultScope } from "./faults/parse-faults.js";
export { type DeviceSpec, parseDevices } from "./placement/parse-devices.js";
export { type DevicesPresent, type PlacementRequest, placeWorkers, type WorkerPlace } from "./placement/placement.js";
export type { WorkerCount, WorkerRange } from "./placement/worker-count.js";
export type { SearchPlace } from "./search/place.js";
export type { SearchRecord, SearchRequest, Trial } from "./search/record.js";
export type { Rung } from "./search/rungs.js";
export type { BestCandidate, SearchResult } from "./search/search.js";
export type { Candidate, SearchAxis, SearchKey, SearchRange, SearchSpace } from "./search/space.js";
export { strategies } from "./strategies/registry.js";
export type { Payload } from "./strategies/rounds/payload.js";
export type { Reduction } from "./strategies/rounds/reduction.js";
export type {
  Bulk,
  Context,
  Free,
  PartRows,
  Piece,
  Range,
  RoundPrivacy,
  StateSpec,
  Strategy,
  StrategyFactory,
  StrategyRun,
} from "./strategies/strategy.js";
export type { RunPlace } from "./training/event.js";
export type { AskFolder } from "./training/run-folder/last-checkpoint.js";
export type { TransportDefinition, TransportPlace } from "./transport/definition.js";
export type { Transport } from "./transport/transport.js";
export { transports } from "./transport/transports.js";
export type { RowClipping } from "./workload/clipped-rows.js";
export type { Learner, StateVectors, Statistics, VectorOps } from "./workload/learner.js";

/**
 * Trains with several strategies, one after the other, and writes comparison.html and comparison.json beside their runs.
 * @throws UsageError for less than two strategies, for one twice, and for what `train` refuses
 * @example
 * ```ts
 * import { compare } from "dawnpour/distributed";
 *
 * const local = { name: "local-sgd", options: { H: 4 } };
 * const options = { dataset: "digits:100", layers: [784, 8], batch: 20, steps: 8 };
 * const { runs } = await compare(options, ["synchronous", local], { device: "cpu", out: "runs/compared" });
 * console.log(runs.map(({ strategy }) => strategy).join(", ")); // synchronous, local-sgd:H=4
 * ```
 */
export const compare = withOptionNames(compareStrategies);
/**
 * Random faults from words, as `--chaos` takes them; `mtbf`, the mean time between two faults, is required.
 * @throws UsageError with the setting that is wrong
 * @example
 * ```ts
 * import { parseChaos } from "dawnpour/distributed";
 *
 * const { mtbf, kinds } = parseChaos("mtbf=30s,kinds=kill+hang");
 * console.log(mtbf, kinds.join(" ")); // 30000 kill hang
 * ```
 */
export const parseChaos = withOptionNames(chaos);
/**
 * Faults from words, as `--faults` takes them, separated by semicolons.
 * @throws UsageError with the near word, or the rule that is broken
 * @example
 * ```ts
 * import { faultText, parseFaults } from "dawnpour/distributed";
 *
 * const faults = parseFaults("kill worker-1 at step 200; hang worker-0 for 10s at 30s", { workers: 2 });
 * console.log(faults.map(faultText).join("; ")); // kill worker-1 at step 200; hang worker-0 for 10s at 30s
 * ```
 */
export const parseFaults = withOptionNames(faults);
/**
 * Trains on workers, a process each; with the same parts to the same bits, whatever their number and whatever fails.
 * @throws UsageError for options that cannot be, before a worker starts
 * @throws DawnpourError when too much has failed to go on; the last checkpoint is there to resume from
 * @example
 * ```ts
 * import { data } from "dawnpour";
 * import { nodeWorld } from "dawnpour/actors";
 * import { parseDevices, placeWorkers, runDistributed } from "dawnpour/distributed";
 *
 * const dataset = data.digitsDataset({ count: 200 });
 * const places = placeWorkers({ devices: parseDevices("cpu:1*2") }, { cores: 2, gpus: [] });
 * const config = { layers: [784, 8], parts: 2, batch: 50, steps: 4 };
 * const { step } = await runDistributed({ world: nodeWorld(), dataset, config, out: "runs/two", places });
 * console.log(step); // 4
 * ```
 */
export const runDistributed = withOptionNames(runOnWorkers);
/**
 * Finds the options with the least error by successive halving: many candidates train on few images, the best of them on
 * more, and the last ones on all. Writes search.json and search.html.
 * @throws UsageError for options that cannot vary, and for what `train` refuses of any candidate, before the first trial
 * @example
 * ```ts
 * import { search } from "dawnpour/distributed";
 *
 * const options = { dataset: "digits:300", layers: [784, 8], batch: 20, epochs: 1 };
 * const { best } = await search(options, { lr: [0.001, 0.00001] }, { device: "cpu", out: "runs/search" });
 * console.log(best?.options.lr); // 0.001
 * ```
 */
export const search = withOptionNames(searchConfiguration);
