// First runs of a new user, with defaults for all but the data and the number of epochs. Each must beat PCA within five epochs.
//   npm run first-runs                               # MNIST, Fashion-MNIST (both as `dawnpour train` finds them) and digits
//   npm run first-runs -- digits diamonds.npy ...    # other data sets, tables too
// Prints a table. The exit code is 1 if a run is worse than PCA.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { train } from "dawnpour";

const EPOCHS = 5;
const datasets = process.argv.slice(2);
if (datasets.length === 0) datasets.push("mnist", "fashion-mnist", "digits");

const row = (...cells) => console.log(`| ${cells.join(" | ")} |`);
const figure = (value) => value.toPrecision(4);

async function firstRun(dataset, out) {
  const started = process.hrtime.bigint();
  const { model, config, measures, device, close } = await train({ dataset, epochs: EPOCHS }, { device: "cpu", out });
  const seconds = Number(process.hrtime.bigint() - started) / 1e9;
  close();
  const { test, pca } = measures.errors;
  const how = `${config.loss}${config.columns ? ", columns to one scale" : ""}, batch ${config.batch}`;
  const ratio = test.sse / pca.test.sse;
  row(basename(dataset), model.name, how, figure(test.sse), figure(pca.test.sse), ratio.toFixed(2), seconds.toFixed(0));
  return { beaten: ratio < 1, device: device.name };
}

const folder = mkdtempSync(join(tmpdir(), "dawnpour-first-runs-"));
try {
  row("data", "network", "chosen", "test SSE", "PCA", "ratio", "s");
  row("---", "---", "---", "---:", "---:", "---:", "---:");
  let all = true;
  let name;
  for (const [i, dataset] of datasets.entries()) {
    const { beaten, device } = await firstRun(dataset, join(folder, String(i)));
    all &&= beaten;
    name = device;
  }
  console.log(`\n${EPOCHS} epochs each, on ${name}. ${all ? "All beat PCA." : "Not all beat PCA."}`);
  process.exitCode = all ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
