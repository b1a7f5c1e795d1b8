// The activations and their derivatives, four elements at a time. A kernel is specialised for one activation or derivative by the
// conditions activate_NAME and derivative_NAME; `activate` and `derivative` then mean these.
//
// Results are finite for |x| up to 1e4 and beyond, because the arguments of exp are clamped below its overflow. A diverging run
// is recognised by its NaNs, so no function may lose one. `max` and `min` may drop a NaN, and so does exp in some drivers
// (SwiftShader's). So clamps are written with `select` and a comparison that is false for NaN.

const LEAKY_SLOPE = 0.01;
// 88 is the largest whole number whose exp is below the largest f32.
const EXP_LIMIT = 88.0;
const SQRT_2_OVER_PI = 0.7978845608028654;
const GELU_CUBIC = 0.044715;
const GELU_LIMIT = 16.0;

fn activate(x: vec4f) -> vec4f {
  @if(activate_relu) return relu(x);
  @if(activate_leaky_relu) return leaky_relu(x);
  @if(activate_sigmoid) return sigmoid(x);
  @if(activate_tanh) return hyperbolic_tangent(x);
  @if(activate_gelu) return gelu(x);
}

// The derivatives at `y`, the output of the activation; for gelu, at its input.
fn derivative(y: vec4f) -> vec4f {
  @if(derivative_linear) return vec4f(1.0);
  @if(derivative_relu) return select(vec4f(0.0), vec4f(1.0), y > vec4f(0.0));
  @if(derivative_leaky_relu) return select(vec4f(LEAKY_SLOPE), vec4f(1.0), y > vec4f(0.0));
  @if(derivative_sigmoid) return y * (1.0 - y);
  // This form is exact where y is close to 1 or -1.
  @if(derivative_tanh) return (1.0 - y) * (1.0 + y);
  @if(derivative_gelu) return gelu_derivative(y);
}

fn relu(x: vec4f) -> vec4f {
  return select(x, vec4f(0.0), x < vec4f(0.0));
}

fn leaky_relu(x: vec4f) -> vec4f {
  return select(x, LEAKY_SLOPE * x, x < vec4f(0.0));
}

fn sigmoid(x: vec4f) -> vec4f {
  let value = 1.0 / (1.0 + exp(select(-x, vec4f(EXP_LIMIT), -x > vec4f(EXP_LIMIT))));
  return select(value, x, is_nan(x));
}

// Tests the bits, because some compilers assume that `x == x` is always true.
fn is_nan(x: vec4f) -> vec4<bool> {
  return (bitcast<vec4u>(x) & vec4u(0x7fffffff)) > vec4u(0x7f800000);
}

// 2 sigmoid(2x) - 1. Near zero most digits of that difference would cancel, so the Taylor series is used there.
fn hyperbolic_tangent(x: vec4f) -> vec4f {
  let square = x * x;
  let series = x * (1.0 + square * (-1.0 / 3.0 + square * (2.0 / 15.0 + square * (-17.0 / 315.0 + square * (62.0 / 2835.0)))));
  return select(2.0 * sigmoid(2.0 * x) - 1.0, series, abs(x) < vec4f(0.3));
}

// 0.5 x (1 + tanh(u)) = x sigmoid(2u). The second form has no difference of close numbers for negative x.
fn gelu(x: vec4f) -> vec4f {
  return x * sigmoid(2.0 * gelu_argument(x));
}

// Beyond GELU_LIMIT it is 0 or 1, to the last bit.
fn gelu_derivative(at: vec4f) -> vec4f {
  let x = select(at, sign(at) * GELU_LIMIT, abs(at) > vec4f(GELU_LIMIT));
  let twice = 2.0 * gelu_argument(x);
  let slope = 2.0 * SQRT_2_OVER_PI * (1.0 + 3.0 * GELU_CUBIC * x * x);
  return sigmoid(twice) * (1.0 + x * sigmoid(-twice) * slope);
}

fn gelu_argument(x: vec4f) -> vec4f {
  return SQRT_2_OVER_PI * x * (1.0 + GELU_CUBIC * x * x);
}
