#include "binding.h"

#include <algorithm>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "../cpu/engine/engine.h"
#include "../cpu/engine/handle.h"
#include "../guard.h"
#include "arguments.h"

namespace dawnpour {
namespace {

/// Elements of the shortest range that is worth a thread of its own.
constexpr size_t LEAST_RANGE = size_t{1} << 16;
/// The most ranges of a sum: libuv has four threads by default.
constexpr size_t MOST_RANGES = 4;

/// The inspections for JavaScript: for each part its checksum, and 1 if it is finite.
class Found {
 public:
  Found(const Napi::Value& value, size_t parts) : numbers_(checksumsOf(value, 2 * parts)) {}
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

}  // namespace

void exportCollective(Napi::Object exports) {
  exportFunction<sum>(exports, "sum");
  exportFunction<sumInOrder>(exports, "sumInOrder");
  exportBarrier(exports);
}

}  // namespace dawnpour
