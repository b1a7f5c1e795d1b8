#include "binding.h"

#include <algorithm>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "../cpu/kernels.h"
#include "barrier.h"

namespace dawnpour {
namespace {

/// A range shorter than this is not worth another thread.
constexpr size_t LEAST_RANGE = size_t{1} << 16;
/// As many threads as libuv has by default.
constexpr size_t MOST_RANGES = 4;

const Kernels& kernelsNamed(const Napi::Value& name) {
  const std::string isa = name.ToString();
  for (const Kernels* const* next = availableKernels(); *next; ++next) {
    if (isa == (*next)->isa) return **next;
  }
  throw Napi::Error::New(name.Env(), "Invariant violation: collective: no instruction set " + isa);
}

/// One sum, which several threads work on, each on a range of its own. Made and freed on JavaScript's thread.
class Sum {
 public:
  Sum(const Kernels& kernels, const Napi::Array& parts, const Napi::Value& out)
      : kernels_(kernels),
        deferred_(Napi::Promise::Deferred::New(parts.Env())),
        held_(Napi::Persistent(Napi::Array::New(parts.Env()))) {
    for (uint32_t i = 0; i < parts.Length(); ++i) parts_.push_back(vector(parts.Get(i)));
    if (parts_.empty() || parts_.size() > MOST_PARTS) fail("the number of parts is out of range");
    if (!out.IsUndefined()) out_ = vector(out);
  }

  Napi::Promise promise() const { return deferred_.Promise(); }
  Napi::Env env() const { return deferred_.Env(); }
  size_t length() const { return length_; }
  void share() { ++ranges_; }

  /// On any thread.
  void run(size_t begin, size_t end, std::vector<Inspection>& inspections) const {
    inspections.resize(parts_.size());
    kernels_.treeSum(parts_.data(), parts_.size(), begin, end, out_, inspections.data());
  }

  /// Takes what was found in one range; after the last of them the promise is resolved. On JavaScript's thread.
  void done(const std::vector<Inspection>& inspections) {
    found_.resize(parts_.size());
    for (size_t i = 0; i < found_.size(); ++i) {
      found_[i].checksum += inspections[i].checksum;
      found_[i].finite = found_[i].finite && inspections[i].finite;
    }
    if (--ranges_ > 0) return;
    Napi::Array result = Napi::Array::New(env(), found_.size());
    for (size_t i = 0; i < found_.size(); ++i) {
      Napi::Object inspection = Napi::Object::New(env());
      inspection.Set("checksum", Napi::BigInt::New(env(), found_[i].checksum));
      inspection.Set("finite", Napi::Boolean::New(env(), found_[i].finite));
      result.Set(static_cast<uint32_t>(i), inspection);
    }
    deferred_.Resolve(result);
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw Napi::Error::New(env(), "Invariant violation: collective: " + what);
  }

  /// The elements of a Float32Array as long as the others, which is kept until the sum is done.
  float* vector(const Napi::Value& value) {
    if (!value.IsTypedArray() || value.As<Napi::TypedArray>().TypedArrayType() != napi_float32_array) {
      fail("a vector is no Float32Array");
    }
    void* data = nullptr;
    size_t length = 0;
    napi_get_typedarray_info(value.Env(), value, nullptr, &length, &data, nullptr, nullptr);
    Napi::Array held = held_.Value();
    if (held.Length() > 0 && length != length_) fail("vectors differ in length");
    if (length >= size_t{1} << 31) fail("a vector is too long");
    length_ = length;
    held.Set(held.Length(), value);
    return static_cast<float*>(data);
  }

  const Kernels& kernels_;
  Napi::Promise::Deferred deferred_;
  Napi::Reference<Napi::Array> held_;
  std::vector<const float*> parts_;
  float* out_ = nullptr;
  size_t length_ = 0;
  size_t ranges_ = 0;
  std::vector<Inspection> found_;
};

class Range : public Napi::AsyncWorker {
 public:
  Range(std::shared_ptr<Sum> sum, size_t begin, size_t end)
      : Napi::AsyncWorker(sum->env(), "dawnpour collective"), sum_(std::move(sum)), begin_(begin), end_(end) {
    sum_->share();
  }

 protected:
  void Execute() override { sum_->run(begin_, end_, inspections_); }
  void OnOK() override { sum_->done(inspections_); }

 private:
  std::shared_ptr<Sum> sum_;
  size_t begin_, end_;
  std::vector<Inspection> inspections_;
};

/// (instruction set, parts, out or undefined, most threads or undefined) -> promise of what was found of each part
Napi::Value sum(const Napi::CallbackInfo& info) {
  const auto sum = std::make_shared<Sum>(kernelsNamed(info[0]), info[1].As<Napi::Array>(), info[2]);
  const size_t cores = std::max<size_t>(1, std::thread::hardware_concurrency());
  const size_t threads = info[3].IsUndefined() ? cores : info[3].As<Napi::Number>().Uint32Value();
  const size_t most = std::clamp<size_t>(threads, 1, MOST_RANGES);
  const size_t ranges = std::clamp<size_t>(sum->length() / LEAST_RANGE, 1, most);
  std::vector<Range*> work;
  for (size_t i = 0; i < ranges; ++i) {
    work.push_back(new Range(sum, sum->length() * i / ranges, sum->length() * (i + 1) / ranges));
  }
  for (Range* range : work) range->Queue();
  return sum->promise();
}

/// The barrier at the beginning of shared memory, which an ArrayBuffer is.
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

/// One worker's way through one round: it says what its part looks like, and waits for the others.
class Meeting : public Napi::AsyncWorker {
 public:
  explicit Meeting(const Napi::CallbackInfo& info)
      : Napi::AsyncWorker(info.Env(), "dawnpour rendezvous"),
        deferred_(Napi::Promise::Deferred::New(info.Env())),
        held_(Napi::Persistent(Napi::Array::New(info.Env()))),
        kernels_(kernelsNamed(info[0])),
        barrier_(barrierIn(info[1])),
        own_(info[2].As<Napi::Float32Array>().Data()),
        length_(info[2].As<Napi::Float32Array>().ElementLength()),
        checksum_(info[3].As<Napi::BigUint64Array>().Data()),
        number_(natural(info[4])),
        round_(natural(info[5])),
        parties_(natural(info[6])),
        milliseconds_(info[7].As<Napi::Number>().DoubleValue()) {
    for (uint32_t i = 1; i <= 3; ++i) held_.Value().Set(i, info[i]);
  }

  Napi::Promise promise() const { return deferred_.Promise(); }

 protected:
  void Execute() override {
    Inspection inspection;
    kernels_.treeSum(&own_, 1, 0, length_, nullptr, &inspection);
    // Seen by whoever sees the arrival.
    *checksum_ = inspection.checksum;
    Barrier::State state = barrier_.arrive(number_, round_, parties_);
    if (state == Barrier::State::waiting) state = barrier_.wait(number_, round_, milliseconds_);
    passed_ = state == Barrier::State::passed;
  }
  void OnOK() override { deferred_.Resolve(Napi::Boolean::New(Env(), passed_)); }

 private:
  Napi::Promise::Deferred deferred_;
  /// The memory in use.
  Napi::Reference<Napi::Array> held_;
  const Kernels& kernels_;
  Barrier barrier_;
  const float* own_;
  size_t length_;
  uint64_t* checksum_;
  uint32_t number_, round_, parties_;
  double milliseconds_;
  bool passed_ = false;
};

/// (instruction set, memory, own part, where its checksum goes, number, round, parties, milliseconds) -> promise of
/// whether all have come
Napi::Value meet(const Napi::CallbackInfo& info) {
  auto* const meeting = new Meeting(info);
  const Napi::Promise promise = meeting->promise();
  meeting->Queue();
  return promise;
}

}  // namespace

void exportCollective(Napi::Env env, Napi::Object exports) {
  exports["sum"] = Napi::Function::New(env, sum);
  exports["openBarrier"] = Napi::Function::New(env, openBarrier);
  exports["closeBarrier"] = Napi::Function::New(env, closeBarrier);
  exports["meet"] = Napi::Function::New(env, meet);
}

}  // namespace dawnpour
