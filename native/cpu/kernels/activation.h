// Activations and their derivatives. `withActivation` chooses once for a range: it turns the name, known only at run time, into a
// function of one vector that is compiled into the caller's loop.
#pragma once

#include "functions.h"

namespace {

using dawnpour::Activation;
using dawnpour::LEAKY_SLOPE;

/// Calls `use` with the activation as a function of a vector.
template <typename Use>
inline void withActivation(Activation activation, Use use) {
  switch (activation) {
    case Activation::linear:
      return use([](Vec x) { return x; });
    case Activation::relu:
      return use([](Vec x) { return atLeast(x, Vec::zero()); });
    case Activation::leakyRelu:
      return use([](Vec x) { return select(less(Vec::zero(), x), x, x * Vec::all(LEAKY_SLOPE)); });
    case Activation::sigmoid:
      return use([](Vec x) { return sigmoid(x); });
    case Activation::tanh:
      return use([](Vec x) { return tanh(x); });
    case Activation::gelu:
      return use([](Vec x) { return x * geluGate(x); });
  }
}

/// Calls `use` with the derivative: a function of the activation's output, or for gelu of its input.
template <typename Use>
inline void withDerivative(Activation activation, Use use) {
  const Vec one = Vec::all(1.0f);
  switch (activation) {
    case Activation::linear:
      return use([=](Vec) { return one; });
    case Activation::relu:
      return use([=](Vec y) { return select(less(Vec::zero(), y), one, Vec::zero()); });
    case Activation::leakyRelu:
      return use([=](Vec y) { return select(less(Vec::zero(), y), one, Vec::all(LEAKY_SLOPE)); });
    case Activation::sigmoid:
      return use([=](Vec y) { return y * (one - y); });
    case Activation::tanh:
      return use([=](Vec y) { return (one - y) * (one + y); });
    case Activation::gelu:
      return use([](Vec x) { return geluSlope(x); });
  }
}

void activate(Activation activation, const float* input, float* out, size_t count) {
  withActivation(activation, [=](auto function) {
    forVectors(0, count, [=](size_t i, auto lanes) { function(Vec::load(input + i, lanes)).store(out + i, lanes); });
  });
}

void activationGradient(Activation activation, const float* at, const float* gradient, float* out, size_t count) {
  withDerivative(activation, [=](auto derivative) {
    forVectors(0, count, [=](size_t i, auto lanes) {
      (Vec::load(gradient + i, lanes) * derivative(Vec::load(at + i, lanes))).store(out + i, lanes);
    });
  });
}

}  // namespace
