/** What a model declares, and where it lies: parameters in one flat vector, state in another. */
import type { Float, View } from "../program/buffer.js";
import type { ProgramBuilder } from "../program/program.js";
import { Random } from "../world/random.js";
import { type Initialiser, initialWeights } from "./initialiser.js";
import { ParameterLayout } from "./layout.js";

/** What a tensor begins with: a number, or what an initialiser draws. */
export type Initial = number | Initialiser;

/** A tensor that a model declares. */
export interface TensorSpec {
  readonly name: string;
  readonly rows: number;
  readonly columns: number;
  readonly initial: Initial;
  readonly trainable: boolean;
}

/** A state whose next value is `decay` of the old one and the rest of what is seen. */
export interface RunningMean {
  readonly decay: number;
  readonly initial: number;
}

/** Where tensors lie. */
export interface Tensors {
  /** In `type` where it is asked for. */
  parameter(spec: TensorSpec, type: Float): View;
  /** State without gradient, as it was before the step. */
  state(spec: TensorSpec): View;
  /** Where the share of a part in the next value of a state goes. */
  nextState(spec: TensorSpec): View;
}

/** Finds what a model declares: each tensor is a buffer by itself, of a program that never runs. */
export class DeclaredTensors implements Tensors {
  readonly parameters: TensorSpec[] = [];
  readonly states: TensorSpec[] = [];
  /** Names of the states that a step changes. */
  readonly changing: string[] = [];
  readonly #builder: ProgramBuilder;

  constructor(builder: ProgramBuilder) {
    this.#builder = builder;
  }

  parameter(spec: TensorSpec, type: Float): View {
    this.parameters.push(spec);
    return this.#buffer(spec, type);
  }

  state(spec: TensorSpec): View {
    this.states.push(spec);
    return this.#buffer(spec, "f32");
  }

  nextState(spec: TensorSpec): View {
    this.changing.push(spec.name);
    return this.#buffer(spec, "f32");
  }

  #buffer({ name, rows, columns }: TensorSpec, type: Float): View {
    return this.#builder.buffer(this.#builder.unusedName(name), type, [rows, columns]);
  }
}

/** The flat vectors of a program. */
export interface Vectors {
  /** f32 */
  readonly parameters: View;
  /** The same in the precision of the model. */
  readonly weights: View;
  readonly state: View;
  readonly nextState: View;
}

/** Tensors as parts of flat vectors. */
export class LaidOutTensors implements Tensors {
  readonly #layout: ParameterLayout;
  readonly #stateLayout: ParameterLayout;
  readonly #vectors: Vectors;

  constructor({ layout, stateLayout }: Layouts, vectors: Vectors) {
    this.#layout = layout;
    this.#stateLayout = stateLayout;
    this.#vectors = vectors;
  }

  parameter({ name }: TensorSpec, type: Float): View {
    const { parameters, weights } = this.#vectors;
    return this.#layout.view(type === "f32" ? parameters : weights, name);
  }

  state({ name }: TensorSpec): View {
    return this.#stateLayout.view(this.#vectors.state, name);
  }

  nextState({ name }: TensorSpec): View {
    return this.#stateLayout.view(this.#vectors.nextState, name);
  }
}

/** Where the tensors of a model lie in its flat vectors. */
export interface Layouts {
  readonly layout: ParameterLayout;
  readonly stateLayout: ParameterLayout;
}

export function layoutsOf({ parameters, states }: DeclaredTensors): Layouts {
  return { layout: new ParameterLayout(parameters), stateLayout: new ParameterLayout(states) };
}

/** The flat vector that tensors begin with. The same for the same seed. */
export function initialVector(specs: readonly TensorSpec[], layout: ParameterLayout, seed: number): Float32Array {
  const vector = new Float32Array(Math.max(1, layout.length));
  for (const [i, { name, rows, columns, initial }] of specs.entries()) {
    const part = layout.part(vector, name);
    if (typeof initial === "number") part.fill(initial);
    else part.set(initialWeights(initial, rows, columns, new Random(seed, TENSOR_STREAM, i)));
  }
  return vector;
}

/** Keeps the random numbers of initial tensors apart from those of other uses of one seed. */
const TENSOR_STREAM = 0x74656e73;
