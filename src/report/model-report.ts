/** Makes the report of a finished run that is no autoencoder. */
import { messageOf } from "../error.js";
import { settingsOf } from "../training/config/settings.js";
import type { ModelMeasures } from "../training/model-measures.js";
import type { World } from "../world/world.js";
import { failureLog } from "./failure-log.js";
import { renderModelReport } from "./report.js";
import { type FinishedRun, runData } from "./run-data.js";

/** Writes report.html to the run's folder. Returns what it lacks, and why: a line for each. */
export async function writeModelReport(
  world: World,
  run: FinishedRun,
  measures: ModelMeasures,
): Promise<readonly string[]> {
  const { config, model, dataset } = run;
  const events = await run.folder.events();
  const notices: string[] = [];
  const failures = await Promise.resolve()
    .then(() => failureLog(events))
    .catch((error: unknown) => {
      notices.push(`the report lacks failures: ${messageOf(error)}`);
      return undefined;
    });
  const terms = Object.keys(measures.test).filter((name) => name !== "loss" && name !== "accuracy");
  const html = renderModelReport({
    ...runData(world, run, events),
    ...measures,
    task: config.model === undefined ? (config.task ?? "") : "model",
    loss: terms[0] ?? "loss",
    configuration: settingsOf(config, model, { steps: run.step, images: dataset.train.count, privacy: run.privacy }),
    failures,
    evaluations: events.flatMap((event) => (event.event === "metrics" ? [event] : [])),
    notices,
  });
  await run.folder.writeReport(html);
  return notices;
}
