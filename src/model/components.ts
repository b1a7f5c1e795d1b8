/** The uses of a trained autoencoder, and the program of each. */
import { ProgramBuilder } from "../program/program.js";
import type { Autoencoder } from "./autoencoder.js";
import { type Dense, forward } from "./dense.js";

/** Every `Component`. */
export const COMPONENTS = ["encode", "decode", "reconstruct"] as const;
/** A use of a trained autoencoder. */
export type Component = (typeof COMPONENTS)[number];

/** The layers that each use of a trained autoencoder runs through. */
export function componentLayers(model: Autoencoder, component: Component): readonly Dense[] {
  switch (component) {
    case "encode":
      return [...model.encoder, ...model.bottleneck];
    case "decode":
      return model.decoder;
    case "reconstruct":
      return model.layers;
  }
}

/** `input` [batch, inputs] -> the buffer named `output` [batch, outputs], through the layers of a component. */
export function componentProgram(model: Autoencoder, component: Component, batch: number) {
  const layers = componentLayers(model, component);
  const builder = new ProgramBuilder(component);
  const input = builder.buffer("input", "f32", [batch, layers[0].inputs]);
  const vector = builder.buffer("parameters", "f32", [model.layout.length]);
  const parameters = { weights: vector, biases: vector };
  const output = forward(builder, layers, model.layout, parameters, input);
  return { program: builder.build(), output: output.buffer };
}
