/**
 * The loop of a contestant's process: it reads cases from stdin, one line of JSON each, and answers each with a line. Its read
 * blocks, so that an idle contestant uses no time of the core.
 *
 * Operands are in files of raw float32, and a product is written to such a file. So the driver can check the results of every
 * contestant, in whatever language it is written. All contestants measure by the rule of `src/benchmark/measure.ts`.
 */
import { readFileSync, readSync, writeFileSync, writeSync } from "node:fs";
import { benchmarks } from "dawnpour/kernels";

const STDIN = 0;
const STDOUT = 1;
const PAUSE_MILLISECONDS = 5;

/** Answers cases until stdin ends. `answer` maps a case to the fields of its reply. */
export async function serve(name, answer) {
  // A library's own output goes to stderr. On stdout the driver would take it for an answer.
  console.log = console.error;
  reply({ name });
  for (const line of lines()) {
    try {
      reply(await answer(JSON.parse(line)));
    } catch (error) {
      reply({ error: error instanceof Error ? error.message : String(error) });
    }
  }
  // A GPU device left open would keep the process alive.
  process.exit(0);
}

/**
 * Answers cases with a library's own products and training steps. Both makers return an object with `run(times)` and `idle()`,
 * which `measure` calls, and `destroy()`. That of a product also has `result()`, that of a step `loss()` of its latest run. A
 * step of an autoencoder is a `step`, one of a classifier or a variational autoencoder a `model`.
 */
export function measured({ gemm, step, model }) {
  return (test) => (test.kind === "gemm" ? measureGemm(gemm, test) : measureStep({ step, model }[test.kind], test));
}

async function measureGemm(gemm, test) {
  const product = await gemm(test, floats(test.a), floats(test.b));
  try {
    const timing = await benchmarks.measure(product, product, performance);
    writeFileSync(test.out, new Uint8Array((await product.result()).buffer));
    return timing;
  } finally {
    await product.destroy();
  }
}

async function measureStep(step, test) {
  const training = await step(test, floats(test.parameters), floats(test.input));
  try {
    const losses = [];
    for (let i = 0; i < test.checkedSteps; i++) {
      training.run(1);
      losses.push(await training.loss());
    }
    return { ...(await benchmarks.measure(training, training, performance)), losses };
  } finally {
    await training.destroy();
  }
}

/** The weight and bias of a layer, read from the flat vector of parameters. */
export function layerParameters({ inputs, outputs, weight, bias }, parameters) {
  return [parameters.slice(weight, weight + inputs * outputs), parameters.slice(bias, bias + outputs)];
}

function floats(path) {
  const bytes = readFileSync(path);
  return new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4).slice();
}

function reply(message) {
  writeSync(STDOUT, `${JSON.stringify(message)}\n`);
}

function* lines() {
  const chunk = Buffer.alloc(4096);
  let text = "";
  for (let size = read(chunk); size > 0; size = read(chunk)) {
    text += chunk.toString("utf8", 0, size);
    const complete = text.split("\n");
    text = complete.pop();
    yield* complete;
  }
}

const never = new Int32Array(new SharedArrayBuffer(4));

/** Sleeps until there is input. A library may have made stdin non-blocking. Then this looks again after a pause. */
function read(chunk) {
  for (;;) {
    try {
      return readSync(STDIN, chunk);
    } catch (error) {
      if (error.code !== "EAGAIN") throw error;
      Atomics.wait(never, 0, 0, PAUSE_MILLISECONDS);
    }
  }
}
