// What `dawnpour predict` says beside real runs of 2, 4 and 8 workers, whose devices and links are slowed so that two cores carry
// them. The device model is calibrated on one worker without a link; the link is the one that is asked for. Nothing is fitted.
//   node bench/distributed/prediction.mjs [ms a part = 200] [link = 100Mbps,5ms]
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { configOf, distributed, pace, randomDataset } from "./measured-run.mjs";

const [MS = "200", LINK = "100Mbps,5ms"] = process.argv.slice(2);
/** Images of one worker in a step: so few that two cores compute the parts of eight workers in less than the time of a part. */
const IMAGES = 64;
const LAYERS = [784, 128, 32];
/** These first steps are left out: workers start, and are not slow yet. */
const [SKIP, STEPS] = [5, 25];
const CHOICES = [undefined, "f16", "topk:0.01"];
const COUNTS = [2, 4, 8];
const dataset = randomDataset(8 * IMAGES);
const { parseFaults } = await import("dawnpour/distributed");

/** Images a second of a real run. */
async function measured(workers, compress, link, parts = workers) {
  const config = configOf({ layers: LAYERS, batch: parts * IMAGES, parts, steps: STEPS, compress });
  const slow = Array.from({ length: workers }, (_, i) => `slow worker-${i} to ${MS}ms for 1h at step 1`);
  const faults = parseFaults(slow.join(";"), { workers });
  const { times } = await distributed({ dataset, config, devices: `cpu:1*${workers}`, faults, link });
  return (1000 * parts * IMAGES) / pace(times, SKIP);
}

const folder = mkdtempSync(join(tmpdir(), "dawnpour-prediction-"));
const model = join(folder, "device.json");
const CLI = new URL("../../dist/cli/main.js", import.meta.url).pathname;

function predicted(workers, compress) {
  const options = ["--workers", workers, "--batch", IMAGES, "--layers", LAYERS.join(","), "--link", LINK];
  const more = compress ? ["--compress", compress] : [];
  const all = ["predict", ...options, ...more, "--device-model", model, "--out", folder, "--json"].map(String);
  const { predictions } = JSON.parse(
    execFileSync(process.execPath, [CLI, ...all], { stdio: ["ignore", "pipe", "ignore"] }),
  );
  return predictions.at(-1);
}

/** A device on which a step of one worker takes so many seconds: its speed is that of its products alone. */
function calibrate(seconds) {
  const write = (flops) =>
    writeFileSync(model, JSON.stringify({ name: "slowed", flops, bytesPerSecond: 1e15, secondsPerOp: 0 }));
  write(1e9);
  write((1e9 * predicted(1).computing) / seconds);
}

try {
  // Of two parts: a worker with one of each round computes many rounds before it reads that it is slow.
  const alone = await measured(1, undefined, undefined, 2);
  calibrate(IMAGES / alone);
  console.error(`one worker, no link: ${alone.toFixed(1)} images/s`);
  for (const compress of CHOICES) {
    for (const workers of COUNTS) {
      const { imagesPerSecond } = predicted(workers, compress);
      const real = await measured(workers, compress && toChoice(compress), LINK);
      const off = (100 * (imagesPerSecond / real - 1)).toFixed(1);
      console.log(
        `synchronous${compress ? `+${compress}` : ""}, ${workers} workers, link ${LINK}: predicted ${imagesPerSecond.toFixed(1)}, measured ${real.toFixed(1)} images/s: ${off} %`,
      );
    }
  }
} finally {
  rmSync(folder, { recursive: true });
}

function toChoice(text) {
  const [name, share] = text.split(":");
  return share === undefined ? name : { name, options: { share: Number(share) } };
}
