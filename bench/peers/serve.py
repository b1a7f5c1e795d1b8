"""The contestant's side of a measurement in Python: what bench/serve.mjs is in JavaScript, by the same rule."""

import json
import math
import sys
import time

import numpy as np

SAMPLES = 7
LONG_SECONDS = 1
LONG_SAMPLES = 3
ENDLESS_SECONDS = 10
SAMPLE_SECONDS = 0.06
MOST_RUNS = 1000


def serve(name, gemm=None, step=None, model=None):
    """Answers cases, one a line, until stdin ends.

    `gemm(case, a, b)` and `step(case, parameters, input)` return an object with `run(times)` and `idle()`; a product
    also has `result()`, a step `loss()` of its latest run. `model` is as `step`, of the models of models.mjs.
    """
    reply({"name": name})
    for line in sys.stdin:
        case = json.loads(line)
        try:
            kind = case["kind"]
            reply(measure_gemm(gemm, case) if kind == "gemm" else measure_step({"step": step, "model": model}[kind], case))
        except Exception as error:  # whatever went wrong belongs into the reply
            reply({"error": str(error)})


def measure_gemm(gemm, case):
    product = gemm(case, np.fromfile(case["a"], np.float32), np.fromfile(case["b"], np.float32))
    timing = measure(product)
    product.result().tofile(case["out"])
    return timing


def measure_step(step, case):
    training = step(case, np.fromfile(case["parameters"], np.float32), np.fromfile(case["input"], np.float32))
    losses = []
    for _ in range(case["checkedSteps"]):
        training.run(1)
        losses.append(training.loss())
    return {**measure(training), "losses": losses}


def measure(work):
    """Warm up, choose how many runs make one sample long enough for the clock, take several, give the median."""

    def sample(runs):
        work.idle()
        start = time.perf_counter()
        work.run(runs)
        work.idle()
        return (time.perf_counter() - start) / runs

    sample(1)
    once = sample(1)
    runs = max(1, min(MOST_RUNS, math.ceil(SAMPLE_SECONDS / once)))
    if once > ENDLESS_SECONDS:
        samples = [1000 * once]
    else:
        count = SAMPLES if once < LONG_SECONDS else LONG_SAMPLES
        samples = sorted(1000 * sample(runs) for _ in range(count))
    return {"medianMs": samples[len(samples) // 2], "fastestMs": samples[0], "slowestMs": samples[-1]}


def layer_parameters(layer, parameters):
    """The weight [inputs, outputs] and bias [outputs] of a layer in the flat vector of parameters."""
    size = layer["inputs"] * layer["outputs"]
    weight = parameters[layer["weight"] : layer["weight"] + size].reshape(layer["inputs"], layer["outputs"])
    return weight, parameters[layer["bias"] : layer["bias"] + layer["outputs"]]


def to_bfloat16(values):
    """The upper halves of float32 values, as uint16; a case in bf16 has operands that lose nothing by it."""
    return (values.view(np.uint32) >> 16).astype(np.uint16)


def reply(message):
    print(json.dumps(message), flush=True)
