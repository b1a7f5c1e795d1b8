/**
 * The page of a run: how long it stalls with 1,000,000 windows of steps, and what it costs training. `node bench/page.mjs` does both,
 * `stalls` or `cost` one of them. It needs a Chromium (`CHROMIUM`, or `chromium` on the path) and `npm run compile`.
 */
import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { findChromium, withPage } from "../test/support/chromium.mjs";

const MAIN = fileURLToPath(new URL("../dist/cli/main.js", import.meta.url));
const ROWS = 1_000_000;
/** Seconds of the run with that many windows. */
const SECONDS = 8 * 3600;
/** Runs of each kind; they alternate. */
const RUNS = 3;

const folder = await mkdtemp(join(tmpdir(), "dawnpour-page-"));
const asked = process.argv.slice(2);
try {
  if (asked.length === 0 || asked.includes("stalls")) await stalls();
  if (asked.length === 0 || asked.includes("cost")) await cost();
} finally {
  await rm(folder, { recursive: true, force: true });
}

/** Starts a command and waits for the link of its page. */
async function started(words) {
  const child = spawn(process.execPath, [MAIN, ...words], { stdio: ["ignore", "pipe", "ignore"] });
  const ended = new Promise((settle) => child.once("close", settle));
  let text = "";
  const link = new Promise((settle) =>
    child.stdout.on("data", (chunk) => {
      text += chunk;
      const [found] = /http:\S+/.exec(text) ?? [];
      if (found) settle(found);
    }),
  );
  return { child, ended, link, text: () => text };
}

/** Draws and moves through a run of 8 hours; a stall is a frame that comes late. */
async function stalls() {
  const at = (i) => ({ step: i + 1, epoch: (i + 1) / 5000, time: (SECONDS * (i + 1)) / ROWS });
  const lines = [{ event: "start", step: 0, epoch: 0, time: 0, steps: ROWS, images: 60_000, resumed: false }];
  for (let i = 0; i < ROWS; i++) {
    const loss = 0.1 + 1 / (1 + i / 1000) + 0.01 * Math.sin(i * i);
    lines.push({ event: "steps", ...at(i), loss, learningRate: 1e-3, imagesPerSecond: 5000 + 100 * Math.sin(i) });
  }
  await writeFile(join(folder, "metrics.jsonl"), lines.map((line) => JSON.stringify(line)).join("\n"));
  await writeFile(join(folder, "config.json"), JSON.stringify({ dataset: "digits", layers: [784, 30] }));
  const { child, ended, link } = await started(["view", folder]);
  await withPage(await findChromium(), await link, async (page) => {
    const figures = await page.evaluate(`(${measured})(${ROWS})`);
    console.log(`stalls with ${ROWS} windows: ${JSON.stringify(figures)}`);
  });
  child.kill("SIGINT");
  await ended;
}

/** In the page: the longest frames while the run loads, and while its charts are zoomed and moved. */
async function measured(rows) {
  const frame = () => new Promise((done) => requestAnimationFrame(done));
  let [longest, before] = [0, 0];
  let isOn = true;
  (async () => {
    while (isOn) {
      const now = await frame();
      if (before > 0) longest = Math.max(longest, now - before);
      before = now;
    }
  })();
  const part = () => {
    const found = longest;
    longest = 0;
    return Math.round(10 * found) / 10;
  };
  const began = performance.now();
  const isThere = () => document.querySelector("[data-part=progress]")?.textContent === "100 %";
  while (!isThere()) await frame();
  const loadedAfter = Math.round(performance.now() - began);
  await frame();
  const loading = part();
  const press = async (move, times) => {
    for (let i = 0; i < times; i++) {
      for (const button of document.querySelectorAll(`[data-move="${move}"]`)) button.click();
      await frame();
    }
  };
  await press("nearer", 8);
  const zooming = part();
  await press("earlier", 60);
  await press("later", 120);
  await press("all", 3);
  const scrolling = part();
  isOn = false;
  return { rows, loadedAfter, longestFrames: { loading, zooming, scrolling } };
}

/** Trains with and without an open page, one after the other. */
async function cost() {
  const words = ["train", "digits:4000", "--device", "cpu", "--threads", "1", "--layers", "784,256,32"];
  const rest = ["--epochs", "50", "--no-pca", "--json", "--seed", "1"];
  const speeds = { without: [], with: [] };
  for (let run = 0; run < 2 * RUNS; run++) {
    const how = run % 2 === 0 ? "without" : "with";
    const page = how === "with" ? ["--page", "0"] : [];
    speeds[how].push(await speed([...words, ...rest, ...page, "--out", join(folder, `run-${run}`)], how === "with"));
  }
  const median = (values) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)];
  const [plain, watched] = [median(speeds.without), median(speeds.with)];
  console.log(`images/s without a page ${plain.toFixed(0)}, with one ${watched.toFixed(0)}`);
  console.log(`cost ${(100 * (1 - watched / plain)).toFixed(2)} % (all: ${JSON.stringify(speeds)})`);
}

/** Reads what a page reads. */
async function follow(link) {
  const { body } = await fetch(`${link}changes`);
  const there = { steps: 0, log: 0 };
  for await (const chunk of body) {
    const [, text] = /data: (.*)\n\n$/s.exec(Buffer.from(chunk).toString()) ?? [];
    const [extent] = text ? JSON.parse(text) : [];
    for (const what of Object.keys(there).filter((each) => extent?.[each] > there[each])) {
      await (await fetch(`${link}runs/0/${what}?from=${there[what]}`)).arrayBuffer();
      there[what] = extent[what];
    }
  }
}

/** Images a second of a run. Its page is read as a browser reads it, but drawn nowhere: the drawing is another program's. */
async function speed(words, isWatched) {
  const child = spawn(process.execPath, [MAIN, ...words], { stdio: ["ignore", "pipe", "pipe"] });
  let [out, errors] = ["", ""];
  child.stdout.on("data", (chunk) => {
    out += chunk;
  });
  child.stderr.on("data", (chunk) => {
    errors += chunk;
    const [link] = (isWatched && /http:\S+/.exec(errors)) || [];
    if (!link) return;
    isWatched = false;
    follow(link).catch(String);
  });
  await new Promise((settle) => child.once("close", settle));
  return JSON.parse(out.trim().split("\n").at(-1)).imagesPerSecond;
}
