// Trains in the page that index.html is: opens the GPU, makes digits, and draws what comes of it.
import {
  Autoencoder,
  DEFAULT_SCHEDULE,
  data,
  decodeSafetensors,
  defaultOptimizer,
  encodeSafetensors,
  evaluate,
  Inference,
  modelTensors,
  openDevice,
  Trainer,
  weightsFrom,
} from "dawnpour/webgpu";
import { drawCurve, drawPictures } from "./draw.js";

/** Steps that are enqueued at once: the page is drawn between two of them. */
const WINDOW = 64;
const SHOWN = 12;

const element = (id) => document.getElementById(id);
const say = (text) => {
  element("status").textContent = text;
};

const device = await openDevice().catch((error) => {
  say(error.message);
  throw error;
});
device.lost.then(({ reason, message }) => reason === "lost" && say(`The GPU is lost: ${message}`));
const { train, test } = data.digitsDataset({ count: 4000 });
const model = new Autoencoder({
  layers: [784, 128, 16],
  activation: "relu",
  codeActivation: "linear",
  outputActivation: "sigmoid",
  initialiser: "glorot",
});
const trainer = await Trainer.create({
  ...{ device, model, split: train, batch: 64, loss: "bce", seed: 0 },
  ...{ optimizer: { ...defaultOptimizer("adam"), learningRate: 2e-3 }, schedule: DEFAULT_SCHEDULE },
  totalSteps: Number.MAX_SAFE_INTEGER,
});
const inference = new Inference(device, model, trainer.parameters);
const losses = [];
let stopped = false;

/** The next window is on its way to the GPU before this one is read: so the GPU never waits for the page. */
async function trainFor(steps) {
  const end = trainer.step + steps;
  const began = performance.now();
  let next = trainer.enqueue(WINDOW);
  for (let done = WINDOW; ; done += WINDOW) {
    const present = next;
    const isLast = stopped || trainer.step >= end;
    if (!isLast) next = trainer.enqueue(WINDOW);
    losses.push(...(await present));
    drawCurve(element("loss"), losses);
    element("last").textContent = `; the last: ${losses.at(-1).toFixed(4)}`;
    say(`Step ${losses.length}, ${Math.round((1000 * done) / (performance.now() - began))} steps a second`);
    await show();
    if (isLast) return;
  }
}

async function show() {
  const pixels = Float32Array.from(test.images.subarray(0, SHOWN * 784), (grey) => grey / 255);
  drawPictures(element("pictures"), [pixels, await inference.reconstruct(pixels)]);
}

async function measure() {
  const { sse } = await evaluate(device, model, test, trainer.parameters);
  element("error").textContent = `; squared error of a test digit ${sse.toFixed(2)}`;
}

/** Only one thing at a time happens to the trainer; what fails is said in the page. */
async function exclusively(work) {
  for (const id of ["train", "save", "load"]) element(id).disabled = true;
  try {
    await work();
  } catch (error) {
    say(error.message);
  }
  for (const id of ["train", "save", "load"]) element(id).disabled = false;
}

async function save() {
  const { parameters } = await trainer.state();
  const file = new Blob(encodeSafetensors(modelTensors(model, parameters)));
  const link = Object.assign(document.createElement("a"), {
    href: URL.createObjectURL(file),
    download: "digits.safetensors",
  });
  link.click();
  URL.revokeObjectURL(link.href);
  say(`Saved ${link.download}: ${file.size} bytes`);
}

async function load(file) {
  const { tensors } = decodeSafetensors(new Uint8Array(await file.arrayBuffer()), file.name);
  const named = [...tensors].map(([name, tensor]) => ({ name, ...tensor }));
  trainer.parameters.write(weightsFrom(model, named, file.name));
  say(`Loaded ${file.name}`);
  await show();
  await measure();
}

document.forms[0].addEventListener("submit", async (event) => {
  event.preventDefault();
  stopped = false;
  element("stop").disabled = false;
  await exclusively(async () => {
    await trainFor(element("steps").valueAsNumber);
    await measure();
  });
  element("stop").disabled = true;
});
element("stop").addEventListener("click", () => {
  stopped = true;
});
element("save").addEventListener("click", () => exclusively(save));
element("load").addEventListener("change", ({ target }) => exclusively(() => load(target.files[0])));
await show();
await measure();
say(`Ready, on ${device.info.name}`);
