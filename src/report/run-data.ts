/** What the report of any run shows: where and for how long it was trained, on what, and what happened on the way. */
import type { Dataset } from "../data/dataset.js";
import type { DeviceInfo } from "../device/device.js";
import type { Network } from "../model/network.js";
import type { RunEvent } from "../training/event.js";
import type { RunResult } from "../training/run-result.js";
import { version } from "../version.js";
import type { World } from "../world/world.js";
import type { CurvePoint, RunData } from "./data.js";
import { placeText } from "./place.js";

/** A run that is over. */
export interface FinishedRun<M extends Network = Network> extends RunResult<M> {
  readonly dataset: Dataset;
  readonly device: DeviceInfo;
  readonly rates?: RunData["rates"];
}

/** All but the settings, the name of the loss, and the failures. */
export function runData(
  world: World,
  run: FinishedRun,
  events: readonly RunEvent[],
): Omit<RunData, "loss" | "configuration" | "failures"> {
  const { model, config, dataset } = run;
  const { name, source, notice, train, test } = dataset;
  return {
    version,
    date: world.clock.date().toISOString().slice(0, 16).replace("T", " "),
    network: model.name,
    parameterCount: model.layout.parameters,
    parametersSha256: run.parametersSha256,
    place: events.findLast((event) => event.event === "start")?.place,
    device: run.device,
    dataset: { name, source, notice, train: train.count, test: test.count, pictures: test.shape !== undefined },
    curve: curve(events),
    steps: run.step,
    epochs: (run.step * config.batch) / train.count,
    ...wholeCourse(run, events),
    ...(run.rates && { rates: run.rates }),
    events: notable(events),
  };
}

/** Time and speed of all sessions of a run. The time of events begins at 0 again when a run is resumed. */
function wholeCourse({ step, seconds, config }: FinishedRun, events: readonly RunEvent[]) {
  const earlier = events.filter((_, i) => events[i + 1]?.event === "start");
  const total = earlier.reduce((sum, { time }) => sum + time, seconds);
  // A record that was lost begins where the run went on.
  const steps = step - (events[0]?.step ?? 0);
  return { seconds: total, imagesPerSecond: (steps * config.batch) / Math.max(total, 1e-9) };
}

/** One point for each window of steps; a test error belongs to the point at which it was measured. */
function curve(events: readonly RunEvent[]): CurvePoint[] {
  const evaluations = new Map(events.flatMap((e) => (e.event === "evaluation" ? [[e.step, e] as const] : [])));
  return events.flatMap((e) => {
    if (e.event !== "steps") return [];
    const { step, epoch, loss, learningRate, imagesPerSecond } = e;
    const { test, train } = evaluations.get(step) ?? {};
    return [{ step, epoch, loss, learningRate, imagesPerSecond, testSse: test?.sse, trainSse: train?.sse }];
  });
}

function notable(events: readonly RunEvent[]): RunData["events"] {
  return events.flatMap((e) => {
    // Injected faults are shown among the failures.
    if (e.event === "warning" && e.fault === undefined) return [{ time: e.time, what: e.message }];
    if (e.event === "start" && e.resumed) {
      return [{ time: e.time, what: `resumed from a checkpoint${e.place ? `, on ${placeText(e.place)}` : ""}` }];
    }
    if (e.event === "stop") return [{ time: e.time, what: "stopped on request" }];
    return [];
  });
}
