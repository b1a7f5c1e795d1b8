import { describe, expect, it } from "vitest";
import { Autoencoder } from "../../src/model/autoencoder.js";
import { gradientOps } from "../../src/model/lower.js";
import { ACTIVATIONS, LOSSES } from "../../src/program/op.js";
import { ProgramBuilder } from "../../src/program/program.js";
import { Random } from "../../src/world/random.js";
import { gradientErrors } from "../support/gradient-check.js";

const BATCH = 5;

/** Every gradient tensor of a whole autoencoder against central differences of the float64 reference. */
describe.each(LOSSES)("gradients of a whole model under %s", (loss) => {
  it.each(ACTIVATIONS)("with %s layers match central differences", async (activation) => {
    const model = new Autoencoder({
      layers: [7, 6, 5, 3],
      activation,
      codeActivation: activation === "linear" ? "tanh" : "linear",
      outputActivation: loss === "bce" ? "sigmoid" : activation,
      initialiser: "glorot",
    });
    const builder = new ProgramBuilder("gradients");
    const batch = builder.buffer("batch", "f32", [BATCH, 7]);
    const parameters = builder.buffer("parameters", "f32", [model.layout.length]);
    const gradients = builder.buffer("gradients", "f32", [model.layout.length]);
    const total = builder.buffer("loss", "f32", [1]);
    gradientOps(builder, model, { loss, scale: 1 / (BATCH * 7), batch, parameters, gradients, total });
    const random = new Random(11);
    // The biases are not zero, so no input of a ReLU is at its kink.
    const at = Float64Array.from(model.initialParameters(4), (value) => value || random.between(-0.3, 0.3));
    const errors = await gradientErrors({
      program: builder.build(),
      parameters: at,
      inputs: { batch: Float64Array.from({ length: BATCH * 7 }, () => random.uniform()) },
      views: Object.fromEntries(model.layout.tensors.map(({ name }) => [name, model.layout.view(gradients, name)])),
    });
    expect(Object.keys(errors)).toHaveLength(model.layers.length * 2);
    for (const [name, error] of Object.entries(errors)) expect(error, name).toBeLessThan(1e-5);
  });
});
