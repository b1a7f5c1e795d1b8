// Names and numbers that TypeScript and C++ share. Made by native/generate.mjs. Run `npm run generate` after a change to the
// tables of src/program.
#pragma once

#include <cstddef>

namespace dawnpour {

/// The types of a buffer's elements, as `ElementType` of buffer.ts, and the bytes of each.
enum class Type : int { f32, f16, bf16, u32, u8 };
inline constexpr const char* TYPES[] = {"f32", "f16", "bf16", "u32", "u8"};
inline constexpr size_t TYPE_BYTES[] = {4, 2, 2, 4, 1};

/// The kinds of ops, as in op.ts.
enum class OpKind : int { gather, gemm, activate, activationGradient, loss, sumRows, update, scale, add, copy, fill, norm, clipFactor, lossScale, guard, advance, map, reduce, random, oneHot, take, transpose, sliceColumns, concat, exampleNorms };
inline constexpr const char* OP_KINDS[] = {"gather", "gemm", "activate", "activationGradient", "loss", "sumRows", "update", "scale", "add", "copy", "fill", "norm", "clipFactor", "lossScale", "guard", "advance", "map", "reduce", "random", "oneHot", "take", "transpose", "sliceColumns", "concat", "exampleNorms"};

enum class Activation : int { linear, relu, leakyRelu, sigmoid, tanh, gelu };
inline constexpr const char* ACTIVATIONS[] = {"linear", "relu", "leaky-relu", "sigmoid", "tanh", "gelu"};

enum class Loss : int { mse, bce };
inline constexpr const char* LOSSES[] = {"mse", "bce"};

enum class Rule : int { sgd, momentum, nesterov, adagrad, rmsprop, adadelta, adam, adamw };
inline constexpr const char* RULES[] = {"sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adadelta", "adam", "adamw"};
/// The number of state slots of each rule.
inline constexpr int RULE_SLOTS[] = {0, 1, 1, 1, 1, 2, 2, 2};
inline constexpr size_t UPDATE_SCALARS = 4;

enum class Reduction : int { sum, mean, max, logSumExp };
inline constexpr const char* REDUCTIONS[] = {"sum", "mean", "max", "logSumExp"};
enum class Reduced : int { rows, columns, all };
inline constexpr const char* REDUCED[] = {"rows", "columns", "all"};
enum class Distribution : int { uniform, normal };
inline constexpr const char* DISTRIBUTIONS[] = {"uniform", "normal"};

/// The functions of expressions, as in expression/functions.ts.
enum class MapFunction : int { add, sub, mul, div, neg, abs, sqrt, exp, log, tanh, sigmoid, max, min, less, where };
inline constexpr const char* MAP_FUNCTIONS[] = {"add", "sub", "mul", "div", "neg", "abs", "sqrt", "exp", "log", "tanh", "sigmoid", "max", "min", "less", "where"};

inline constexpr float LEAKY_SLOPE = 0.01f;
inline constexpr float LEAST_LOSS_SCALE = 1, GREATEST_LOSS_SCALE = 16777216;

}  // namespace dawnpour
