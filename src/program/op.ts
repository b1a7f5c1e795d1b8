/**
 * The ops: what a device must be able to do, and nothing more.
 *
 * Each op is plain data. Its comment is its definition; the reference interpreter (`device/reference`) is that
 * definition again as the most obvious loop, and every other device is tested against it. Unless an op says otherwise,
 * operands are f32, and an output may not overlap an input other than by being the very same view ("in place").
 *
 * "float" below means f32, f16 or bf16, each operand as it likes. Arithmetic is f32 in any case: a narrower operand is
 * widened as it is read and rounded once as it is written, to the nearest; an f16 to infinity from 65520 on.
 */
import type { View } from "./buffer.js";

/** Every `Activation`. */
export const ACTIVATIONS = ["linear", "relu", "leaky-relu", "sigmoid", "tanh", "gelu"] as const;
/**
 * - linear: x
 * - relu: max(x, 0)
 * - leaky-relu: x > 0 ? x : 0.01 x
 * - sigmoid: 1 / (1 + exp(-x))
 * - tanh
 * - gelu: 0.5 x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))), the tanh form of Hendrycks & Gimpel 2016, section 2
 */
export type Activation = (typeof ACTIVATIONS)[number];

/** Slope of leaky-relu below zero. */
export const LEAKY_SLOPE = 0.01;

/** Whether the derivative of an activation is computed from its output or from its input (the pre-activation). */
export function derivativeFrom(activation: Activation): "output" | "input" {
  return activation === "gelu" ? "input" : "output";
}

/**
 * `out[i, :] = scale * source[rows[i], :]`: builds a batch. `source` is u8 or f32, `[count, columns]`; `rows` is u32
 * `[1, out.rows]` and may be moved by a cursor; `out` is float. A row number past the end reads the last row, on every
 * device.
 */
export interface GatherOp {
  readonly kind: "gather";
  readonly source: View;
  readonly rows: View;
  readonly scale: number;
  readonly out: View;
}

/**
 * `out = epilogue(op(a) op(b))`, where `op` transposes when asked: op(a) is `[m, k]`, op(b) `[k, n]`, out `[m, n]`.
 * a and b are of one float type; out is float, and preActivation and derivative.at are of its type.
 * The epilogue, in this order, each part optional:
 * 1. `accumulate`: add what `out`, which then is f32, held before
 * 2. `bias` `[1, n]`: add it to every row
 * 3. `preActivation` `[m, n]`: store the value so far
 * 4. `activation`: apply it
 * 5. `derivative`: multiply by the derivative of `derivative.activation`, taken at `derivative.at` `[m, n]`, which holds
 *    the activation's output, or its input where `derivativeFrom` says so
 */
export interface GemmOp {
  readonly kind: "gemm";
  readonly a: View;
  readonly b: View;
  readonly transposeA: boolean;
  readonly transposeB: boolean;
  readonly accumulate: boolean;
  readonly bias?: View;
  readonly preActivation?: View;
  readonly activation: Activation;
  readonly derivative?: { readonly activation: Activation; readonly at: View };
  readonly out: View;
}

/** `out = activation(input)`, elementwise; may be in place. */
export interface ActivateOp {
  readonly kind: "activate";
  readonly activation: Activation;
  readonly input: View;
  readonly out: View;
}

/** `out = gradient * activation'(at)`, elementwise, all float; `at` as in `GemmOp.derivative`; `out` may be `gradient`. */
export interface ActivationGradientOp {
  readonly kind: "activationGradient";
  readonly activation: Activation;
  readonly at: View;
  readonly gradient: View;
  readonly out: View;
}

/** Every `Loss`. */
export const LOSSES = ["mse", "bce"] as const;
/**
 * Losses sum over all elements and multiply by the op's `scale` (1 / elements gives the usual mean).
 * - mse: (input - target)^2; gradient 2 (input - target)
 * - bce: binary cross-entropy of sigmoid(input) against target in [0, 1], in the stable form
 *   max(z, 0) - z t + log(1 + exp(-|z|)); gradient sigmoid(z) - t. `input` is the logit z: the sigmoid is fused.
 */
export type Loss = (typeof LOSSES)[number];

/**
 * `total = scale * sum(loss(input, target))` and, if wanted, `gradient = gradientScale * scale * dloss/dinput`. All but
 * total and gradientScale are float.
 */
export interface LossOp {
  readonly kind: "loss";
  readonly loss: Loss;
  readonly input: View;
  readonly target: View;
  readonly scale: number;
  /** `[1, 1]`; may be moved by a cursor, so that a table collects one loss a step. */
  readonly total: View;
  /** `[rows, columns]` as `input`; may be `input` itself. */
  readonly gradient?: View;
  /** `[1, 1]`, 1 where it is left out: see `LossScaleOp`. */
  readonly gradientScale?: View;
}

/** `out[0, j] = (accumulate ? out[0, j] : 0) + sum over i of input[i, j]`: the gradient of a bias. `input` is float. */
export interface SumRowsOp {
  readonly kind: "sumRows";
  readonly input: View;
  readonly accumulate: boolean;
  readonly out: View;
}

/**
 * Update rules; g is the gradient (after `gradientScale` and weight decay), p the parameter, r the learning rate, and
 * the state slots are named in the order of `UpdateOp.state`. All but adamw add `weightDecay * p` to g first.
 * - sgd: p -= r g
 * - momentum (v): v = mu v + g; p -= r v
 * - nesterov (v): v = mu v + g; p -= r (g + mu v)   (Sutskever et al. 2013, in the form of current libraries)
 * - adagrad (s): s += g^2; p -= r g / (sqrt(s) + epsilon)
 * - rmsprop (s): s = rho s + (1 - rho) g^2; p -= r g / (sqrt(s) + epsilon)
 * - adadelta (s, d): s = rho s + (1 - rho) g^2; u = g sqrt(d + epsilon) / sqrt(s + epsilon); d = rho d + (1 - rho) u^2; p -= r u
 * - adam (m, v): m = b1 m + (1 - b1) g; v = b2 v + (1 - b2) g^2; p -= r (m / c1) / (sqrt(v / c2) + epsilon)
 * - adamw: as adam, with p -= r weightDecay p first instead of the decay in g   (Loshchilov & Hutter 2019)
 * c1 = 1 - b1^t and c2 = 1 - b2^t come in with `scalars`: in float32 a device could not compute them well for small t.
 */
export type UpdateRule =
  | { readonly name: "sgd"; readonly weightDecay: number }
  | { readonly name: "momentum" | "nesterov"; readonly mu: number; readonly weightDecay: number }
  | { readonly name: "adagrad"; readonly epsilon: number; readonly weightDecay: number }
  | {
      readonly name: "rmsprop" | "adadelta";
      readonly rho: number;
      readonly epsilon: number;
      readonly weightDecay: number;
    }
  | {
      readonly name: "adam" | "adamw";
      readonly beta1: number;
      readonly beta2: number;
      readonly epsilon: number;
      readonly weightDecay: number;
    };

/** The state views of each rule, in the order of `UpdateOp.state`. */
export const STATE_SLOTS: Readonly<Record<UpdateRule["name"], readonly string[]>> = {
  sgd: [],
  momentum: ["velocity"],
  nesterov: ["velocity"],
  adagrad: ["squares"],
  rmsprop: ["squares"],
  adadelta: ["squares", "deltas"],
  adam: ["first", "second"],
  adamw: ["first", "second"],
};

/** Number of columns of `UpdateOp.scalars`: learning rate, c1, c2, and one reserved to keep the row at 16 bytes. */
export const UPDATE_SCALARS = 4;

/** Applies one rule to a whole vector. `parameters`, `gradients` and each state view have the same shape. */
export interface UpdateOp {
  readonly kind: "update";
  readonly rule: UpdateRule;
  readonly parameters: View;
  readonly gradients: View;
  readonly state: readonly View[];
  /** `[1, 4]`: learning rate, c1, c2, unused; may be moved by a cursor. */
  readonly scalars: View;
  /** `[1, 1]`: the gradient is multiplied by it first (clipping, averaging). Where it is 0, nothing is changed at all. */
  readonly gradientScale?: View;
  /** `[1, 1]`: where it is 0 the step is left out. Nothing is multiplied by it: with a gate the bits are those without. */
  readonly gate?: View;
}

/** `out = factor * input`; may be in place. */
export interface ScaleOp {
  readonly kind: "scale";
  readonly input: View;
  readonly factor: number;
  readonly out: View;
}

/** `out = a + factor * b`; `out` may be `a` or `b`. */
export interface AddOp {
  readonly kind: "add";
  readonly a: View;
  readonly b: View;
  readonly factor: number;
  readonly out: View;
}

/** `out = input`, from float to float. */
export interface CopyOp {
  readonly kind: "copy";
  readonly input: View;
  readonly out: View;
}

/** `out[:] = value`. */
export interface FillOp {
  readonly kind: "fill";
  readonly value: number;
  readonly out: View;
}

/** `out = sqrt(sum(input^2))`, `[1, 1]`. */
export interface NormOp {
  readonly kind: "norm";
  readonly input: View;
  readonly out: View;
}

/** `out = min(1, maximum / norm)`, `[1, 1]`, and 1 where the norm is 0: the factor that clips by global norm. */
export interface ClipFactorOp {
  readonly kind: "clipFactor";
  readonly norm: View;
  readonly maximum: number;
  readonly out: View;
}

/** The least and the greatest loss scale. */
export const LOSS_SCALES = [1, 2 ** 24] as const;

/** What the state of a loss scale starts from: the scale, and no steps. */
export const FIRST_LOSS_SCALE = [2 ** 16, 0] as const;

/**
 * Dynamic loss scaling (Micikevicius et al. 2018, "Mixed precision training", section 3.2): the gradient of the loss is
 * multiplied by a scale, so that small gradients do not vanish in f16, and divided by it again before the update.
 * `state` `[1, 2]` holds that scale and the number of steps since it last changed. From `norm` `[1, 1]`, the norm of
 * the scaled gradients:
 * - where it is not finite, out = 0, which skips the update, and the scale is halved;
 * - otherwise out = min(1, maximum / (norm / scale)) / scale (1 / scale without `maximum`, or where the norm is 0), and
 *   after `interval` such steps in a row the scale is doubled.
 * The scale stays within `LOSS_SCALES`.
 */
export interface LossScaleOp {
  readonly kind: "lossScale";
  readonly norm: View;
  readonly state: View;
  /** Gradients are clipped to this global norm. */
  readonly maximum?: number;
  readonly interval: number;
  readonly out: View;
}

/** What the state of a guard starts from: open, and no step let through. */
export const FIRST_GUARD = [1, 0] as const;

/**
 * Keeps damage out of a state that many steps in a row update before anyone looks. `state` `[1, 2]` holds whether the
 * guard is open, 1 or 0, and the number of steps that it has let through.
 * - As long as `norm` and `loss`, `[1, 1]`, are finite, out = 1, and the step counts;
 * - from the first step on where one of them is not, out = 0, which as a gate leaves the update out: the guard stays shut.
 */
export interface GuardOp {
  readonly kind: "guard";
  /** Of the gradients. */
  readonly norm: View;
  readonly loss: View;
  readonly state: View;
  readonly out: View;
}

/** `cursor += 1`, a u32 `[1, 1]`: the last op of a step that reads tables. */
export interface AdvanceOp {
  readonly kind: "advance";
  readonly cursor: View;
}

/** Any op. */
export type Op =
  | GatherOp
  | GemmOp
  | ActivateOp
  | ActivationGradientOp
  | LossOp
  | SumRowsOp
  | UpdateOp
  | ScaleOp
  | AddOp
  | CopyOp
  | FillOp
  | NormOp
  | ClipFactorOp
  | LossScaleOp
  | GuardOp
  | AdvanceOp;

/** The name of an op. */
export type OpKind = Op["kind"];

/** The views an op reads and writes. A view in both is updated in place. */
export interface Operands {
  readonly reads: readonly View[];
  readonly writes: readonly View[];
}

const present = (...views: (View | undefined)[]): View[] => views.filter((view) => view !== undefined);

/** The views that an op reads and those that it writes. */
export function operands(op: Op): Operands {
  switch (op.kind) {
    case "gather":
      return { reads: [op.source, op.rows], writes: [op.out] };
    case "gemm":
      return {
        reads: present(op.a, op.b, op.bias, op.derivative?.at, op.accumulate ? op.out : undefined),
        writes: present(op.out, op.preActivation),
      };
    case "activate":
    case "scale":
    case "copy":
    case "norm":
      return { reads: [op.input], writes: [op.out] };
    case "activationGradient":
      return { reads: [op.at, op.gradient], writes: [op.out] };
    case "loss":
      return { reads: present(op.input, op.target, op.gradientScale), writes: present(op.total, op.gradient) };
    case "sumRows":
      return { reads: present(op.input, op.accumulate ? op.out : undefined), writes: [op.out] };
    case "update":
      return {
        reads: present(op.parameters, op.gradients, ...op.state, op.scalars, op.gradientScale, op.gate),
        writes: [op.parameters, ...op.state],
      };
    case "add":
      return { reads: [op.a, op.b], writes: [op.out] };
    case "fill":
      return { reads: [], writes: [op.out] };
    case "clipFactor":
      return { reads: [op.norm], writes: [op.out] };
    case "lossScale":
      return { reads: [op.norm, op.state], writes: [op.state, op.out] };
    case "guard":
      return { reads: [op.norm, op.loss, op.state], writes: [op.state, op.out] };
    case "advance":
      return { reads: [op.cursor], writes: [op.cursor] };
  }
}
