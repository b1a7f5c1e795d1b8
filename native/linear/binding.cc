#include "binding.h"

#include <memory>
#include <stdexcept>
#include <utility>

#include "../cpu/engine/engine.h"
#include "../cpu/engine/handle.h"
#include "../guard.h"
#include "subspace.h"

namespace dawnpour {
namespace {

struct Doubles {
  double* data;
  size_t length;
  explicit Doubles(const Napi::Value& value) {
    if (!value.IsTypedArray() || value.As<Napi::TypedArray>().TypedArrayType() != napi_float64_array) {
      throw std::invalid_argument("Invariant violation: linear: no Float64Array");
    }
    data = value.As<Napi::Float64Array>().Data();
    length = value.As<Napi::Float64Array>().ElementLength();
  }
};

struct Problem {
  Doubles matrix, values, vectors;
  size_t size, width;
};

void require(bool holds) {
  if (!holds) throw std::invalid_argument("Invariant violation: linear: sizes that do not match");
}

void requireSolved(bool failed) {
  if (failed) throw std::runtime_error("the matrix has no eigenvalues: it holds NaN or infinite numbers");
}

/// Calls `work` on every thread of a team.
template <typename Work>
void onAll(Team& team, const Work& work) {
  team.run([&](int thread) { work(Worker{team, thread}); });
}

void solveWhole(const DoubleKernels& kernels, const Problem& problem, Team& team) {
  SymmetricEigen eigen(kernels, problem.size, true);
  onAll(team, [&](Worker worker) {
    if (!eigen.solve(worker, problem.matrix.data)) return;
    eigen.vectors(worker, problem.matrix.data, problem.values.length, problem.vectors.data);
  });
  requireSolved(eigen.failed());
  if (team.cancelled()) return;
  for (size_t i = 0; i < problem.values.length; ++i) problem.values.data[i] = eigen.value(i);
}

void solveWithin(const DoubleKernels& kernels, const Problem& problem, Team& team) {
  SubspaceIteration iteration(kernels, problem.size, problem.width, problem.values.length, team.threads());
  onAll(team, [&](Worker worker) { iteration.solve(worker, problem.matrix.data, problem.vectors.data); });
  requireSolved(iteration.failed());
  if (team.cancelled()) return;
  for (size_t i = 0; i < problem.values.length; ++i) problem.values.data[i] = iteration.value(i);
  for (size_t i = 0; i < problem.values.length; ++i) makePositive(problem.vectors.data + i * problem.size, problem.size);
}

Napi::Array held(const Napi::CallbackInfo& info) {
  const Napi::Array values = Napi::Array::New(info.Env(), info.Length());
  for (uint32_t i = 0; i < info.Length(); ++i) values.Set(i, info[i]);
  return values;
}

/// (engine, matrix, size, width, values, vectors) -> promise of whether it was done. Overwrites the matrix. Finds as many pairs
/// as `values` has room for. With a width, `vectors` has `width` rows, and holds the basis to begin from.
Napi::Value eigenpairs(const Napi::CallbackInfo& info) {
  Engine& engine = *handle<Engine>(info[0]);
  const Problem problem{Doubles(info[1]), Doubles(info[4]), Doubles(info[5]), info[2].ToNumber().Uint32Value(),
                        info[3].ToNumber().Uint32Value()};
  const auto& [matrix, values, vectors, size, width] = problem;
  require(size > 0 && matrix.length == size * size && values.length > 0 && values.length <= size && width <= size);
  require(width == 0 || values.length <= width);
  require(vectors.length == (width == 0 ? values.length : width) * size);
  const DoubleKernels& kernels = engine.kernels().doubles;
  auto solve = [&kernels, problem](Team& team) {
    (problem.width == 0 ? solveWhole : solveWithin)(kernels, problem, team);
  };
  return engine.promise(std::move(solve), held(info));
}

}  // namespace

void exportLinear(Napi::Object exports) { exportFunction<eigenpairs>(exports, "eigenpairs"); }

}  // namespace dawnpour
