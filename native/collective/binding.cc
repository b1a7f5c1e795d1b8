#include "binding.h"

#include <algorithm>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "../cpu/denormals.h"
#include "../cpu/engine.h"
#include "../cpu/handle.h"
#include "../cpu/kernels.h"
#include "../cpu/memory.h"
#include "../cpu/team.h"
#include "../guard.h"
#include "barrier.h"
#include "arrival.h"
#include "tree_sum.h"

namespace dawnpour {
namespace {

/// Elements of the shortest range that is worth a thread of its own.
constexpr size_t LEAST_RANGE = size_t{1} << 16;
/// Most ranges of a sum: libuv has so many threads by default.
constexpr size_t MOST_RANGES = 4;

[[noreturn]] void fail(Napi::Env env, const std::string& what) {
  throw Napi::Error::New(env, "Invariant violation: collective: " + what);
}

const Kernels& kernelsNamed(const Napi::Value& name) {
  const std::string isa = name.ToString();
  for (const Kernels* const* next = availableKernels(); *next; ++next) {
    if (isa == (*next)->isa) return **next;
  }
  fail(name.Env(), "no instruction set " + isa);
}

/// The arguments of a call, to be kept for as long as their memory is in use.
Napi::Array held(const Napi::CallbackInfo& info) {
  const Napi::Array values = Napi::Array::New(info.Env(), info.Length());
  for (uint32_t i = 0; i < info.Length(); ++i) values.Set(i, info[i]);
  return values;
}

struct Vector {
  float* data;
  size_t length;
};

Vector vectorOf(const Napi::Value& value) {
  if (!value.IsTypedArray() || value.As<Napi::TypedArray>().TypedArrayType() != napi_float32_array) {
    fail(value.Env(), "a vector is not a Float32Array");
  }
  void* data = nullptr;
  size_t length = 0;
  napi_get_typedarray_info(value.Env(), value, nullptr, &length, &data, nullptr, nullptr);
  if (length >= size_t{1} << 31) fail(value.Env(), "a vector is too long");
  return {static_cast<float*>(data), length};
}

TreeSum treeSumOf(const Kernels& kernels, const Napi::Array& parts, const Napi::Value& out) {
  const uint32_t count = parts.Length();
  if (count < 1 || count > MOST_PARTS) fail(parts.Env(), "the number of parts is out of range");
  TreeSum sum{&kernels, {}, nullptr, vectorOf(parts.Get(uint32_t{0})).length};
  const auto data = [&](const Napi::Value& value) {
    const Vector vector = vectorOf(value);
    if (vector.length != sum.length) fail(value.Env(), "vectors differ in length");
    return vector.data;
  };
  for (uint32_t i = 0; i < count; ++i) sum.parts.push_back(data(parts.Get(i)));
  if (!out.IsUndefined()) sum.out = data(out);
  if (out.IsUndefined() && count > 1) fail(parts.Env(), "several parts have no vector for their sum");
  return sum;
}

/// The inspections for JavaScript: for each part its checksum, and 1 if it is finite.
class Found {
 public:
  Found(const Napi::Value& value, size_t parts) : numbers_(value.As<Napi::BigUint64Array>().Data()) {
    if (value.As<Napi::BigUint64Array>().ElementLength() != 2 * parts) fail(value.Env(), "the array for the inspections has another length");
  }
  void tell(const std::vector<Inspection>& found) const {
    for (size_t i = 0; i < found.size(); ++i) {
      numbers_[2 * i] = found[i].checksum;
      numbers_[2 * i + 1] = found[i].finite ? 1 : 0;
    }
  }

 private:
  uint64_t* numbers_;
};

/// One sum on several of libuv's threads. It is created and freed on JavaScript's thread.
class Ranges {
 public:
  Ranges(TreeSum sum, Found found, const Napi::Array& held)
      : sum_(std::move(sum)),
        told_(found),
        deferred_(Napi::Promise::Deferred::New(held.Env())),
        held_(Napi::Persistent(held)),
        found_(sum_.parts.size()) {}

  const TreeSum& sum() const { return sum_; }
  Napi::Promise promise() const { return deferred_.Promise(); }
  Napi::Env env() const { return deferred_.Env(); }
  void share() { ++left_; }

  /// Adds the inspections of one range, and resolves the promise after the last range. Called on JavaScript's thread.
  void done(const std::vector<Inspection>& range) {
    join(found_, range);
    if (--left_ > 0 || failed_) return;
    told_.tell(found_);
    deferred_.Resolve(Napi::Boolean::New(env(), true));
  }

  void failed(const Napi::Error& error) {
    --left_;
    if (!std::exchange(failed_, true)) deferred_.Reject(error.Value());
  }

 private:
  TreeSum sum_;
  Found told_;
  Napi::Promise::Deferred deferred_;
  Napi::Reference<Napi::Array> held_;
  std::vector<Inspection> found_;
  size_t left_ = 0;
  bool failed_ = false;
};

class Range : public Napi::AsyncWorker {
 public:
  Range(std::shared_ptr<Ranges> all, size_t begin, size_t end)
      : Napi::AsyncWorker(all->env(), "dawnpour collective"), all_(std::move(all)), begin_(begin), end_(end) {
    all_->share();
  }

 protected:
  void Execute() override { found_ = all_->sum().range(begin_, end_); }
  void OnOK() override { all_->done(found_); }
  void OnError(const Napi::Error& error) override { all_->failed(error); }

 private:
  std::shared_ptr<Ranges> all_;
  size_t begin_, end_;
  std::vector<Inspection> found_;
};

/// (instruction set, parts, out or undefined, inspections, most threads or undefined)
/// -> promise of true
Napi::Value sum(const Napi::CallbackInfo& info) {
  TreeSum sum = treeSumOf(kernelsNamed(info[0]), info[1].As<Napi::Array>(), info[2]);
  const size_t length = sum.length;
  const Found found(info[3], sum.parts.size());
  const auto all = std::make_shared<Ranges>(std::move(sum), found, held(info));
  const size_t cores = std::max<size_t>(1, std::thread::hardware_concurrency());
  const size_t threads = info[4].IsUndefined() ? cores : info[4].As<Napi::Number>().Uint32Value();
  const size_t most = std::clamp<size_t>(threads, 1, MOST_RANGES);
  const size_t ranges = std::clamp<size_t>(length / LEAST_RANGE, 1, most);
  std::vector<Range*> work;
  for (size_t i = 0; i < ranges; ++i) {
    work.push_back(new Range(all, length * i / ranges, length * (i + 1) / ranges));
  }
  for (Range* range : work) range->Queue();
  return all->promise();
}

/// (engine, parts, out or undefined, inspections) -> promise of whether it was done
Napi::Value sumInOrder(const Napi::CallbackInfo& info) {
  Engine& engine = *handle<Engine>(info[0]);
  TreeSum sum = treeSumOf(engine.kernels(), info[1].As<Napi::Array>(), info[2]);
  const Found found(info[3], sum.parts.size());
  return engine.promise([sum = std::move(sum), found](Team& team) { found.tell(sum.by(team)); }, held(info));
}

/// The barrier at the beginning of shared memory, given as an ArrayBuffer.
Barrier barrierIn(const Napi::Value& memory) {
  return Barrier(static_cast<std::byte*>(memory.As<Napi::ArrayBuffer>().Data()));
}

uint32_t natural(const Napi::Value& value) { return value.As<Napi::Number>().Uint32Value(); }

/// (memory, round) -> number
Napi::Value openBarrier(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), barrierIn(info[0]).open(natural(info[1])));
}

/// (memory, number)
void closeBarrier(const Napi::CallbackInfo& info) { barrierIn(info[0]).close(natural(info[1])); }

/// The arguments from `at` on: (memory, offset of the checksum, offset of the loss, number, round, parties, milliseconds)
Arrival arrivalOf(const Napi::CallbackInfo& info, size_t at) {
  return {barrierIn(info[at]),
          info[at + 1].As<Napi::BigUint64Array>().Data(),
          info[at + 2].As<Napi::Float64Array>().Data(),
          natural(info[at + 3]),
          natural(info[at + 4]),
          natural(info[at + 5]),
          info[at + 6].As<Napi::Number>().DoubleValue()};
}

/// Passes the barrier on one of libuv's threads.
class Passage : public Napi::AsyncWorker {
 public:
  Passage(const Napi::CallbackInfo& info, TreeSum own, Arrival arrival, double loss)
      : Napi::AsyncWorker(info.Env(), "dawnpour barrier"),
        deferred_(Napi::Promise::Deferred::New(info.Env())),
        held_(Napi::Persistent(held(info))),
        own_(std::move(own)),
        arrival_(arrival),
        loss_(loss) {}

  Napi::Promise promise() const { return deferred_.Promise(); }

 protected:
  void Execute() override { passed_ = arrival_.pass(own_.range(0, own_.length)[0].checksum, loss_); }
  void OnOK() override { deferred_.Resolve(Napi::Boolean::New(Env(), passed_)); }
  void OnError(const Napi::Error& error) override { deferred_.Reject(error.Value()); }

 private:
  Napi::Promise::Deferred deferred_;
  Napi::Reference<Napi::Array> held_;
  TreeSum own_;
  Arrival arrival_;
  double loss_;
  bool passed_ = false;
};

/// (instruction set, parts: the own one, its loss, arguments of `arrivalOf`) -> promise of whether all arrived
Napi::Value meet(const Napi::CallbackInfo& info) {
  TreeSum own = treeSumOf(kernelsNamed(info[0]), info[1].As<Napi::Array>(), info.Env().Undefined());
  const double loss = info[2].As<Napi::Number>().DoubleValue();
  auto* const passage = new Passage(info, std::move(own), arrivalOf(info, 3), loss);
  const Napi::Promise promise = passage->promise();
  passage->Queue();
  return promise;
}

/// (engine, parts: the own one, the memory that has its loss, arguments of `arrivalOf`, result)
/// -> promise of whether it was done
Napi::Value meetInOrder(const Napi::CallbackInfo& info) {
  Engine& engine = *handle<Engine>(info[0]);
  TreeSum own = treeSumOf(engine.kernels(), info[1].As<Napi::Array>(), info.Env().Undefined());
  const std::shared_ptr<Memory> loss = handle<Memory>(info[2]);
  if (!loss || loss->bytes() < sizeof(float)) fail(info.Env(), "the loss has no memory");
  uint8_t* const passed = info[10].As<Napi::Uint8Array>().Data();
  auto pass = [own = std::move(own), loss, arrival = arrivalOf(info, 3), passed](Team& team) {
    const uint64_t checksum = own.by(team)[0].checksum;
    const WithDenormals withDenormals;
    *passed = arrival.pass(checksum, loss->floats()[0]) ? 1 : 0;
  };
  return engine.promise(std::move(pass), held(info), Engine::Tell::later);
}

}  // namespace

void exportCollective(Napi::Object exports) {
  exportFunction<sum>(exports, "sum");
  exportFunction<sumInOrder>(exports, "sumInOrder");
  exportFunction<openBarrier>(exports, "openBarrier");
  exportFunction<closeBarrier>(exports, "closeBarrier");
  exportFunction<meet>(exports, "meet");
  exportFunction<meetInOrder>(exports, "meetInOrder");
}

}  // namespace dawnpour
