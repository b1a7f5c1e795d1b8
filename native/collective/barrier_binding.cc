// The barrier for JavaScript. A worker passes it on one of libuv's threads, or as a command in the queue of its device.
#include <memory>
#include <utility>

#include "../cpu/chip/denormals.h"
#include "../cpu/engine/engine.h"
#include "../cpu/engine/handle.h"
#include "../cpu/memory/memory.h"
#include "../guard.h"
#include "arguments.h"
#include "arrival.h"
#include "barrier.h"
#include "binding.h"

namespace dawnpour {
namespace {

/// The barrier at the beginning of shared memory, given as an ArrayBuffer.
Barrier barrierIn(const Napi::Value& memory) {
  const bool fits = memory.IsArrayBuffer() && memory.As<Napi::ArrayBuffer>().ByteLength() >= Barrier::BYTES;
  if (!fits) fail(memory.Env(), "no memory has the barrier");
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
          checksumsOf(info[at + 1], 1),
          elementsOf<Napi::Float64Array>(info[at + 2], napi_float64_array, 1, "a loss"),
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
  uint8_t* const passed = elementsOf<Napi::Uint8Array>(info[10], napi_uint8_array, 1, "whether all arrived");
  auto pass = [own = std::move(own), loss, arrival = arrivalOf(info, 3), passed](Team& team) {
    const uint64_t checksum = own.by(team)[0].checksum;
    const WithDenormals withDenormals;
    *passed = arrival.pass(checksum, loss->floats()[0]) ? 1 : 0;
  };
  return engine.promise(std::move(pass), held(info), Engine::Tell::later);
}

}  // namespace

void exportBarrier(Napi::Object exports) {
  exportFunction<openBarrier>(exports, "openBarrier");
  exportFunction<closeBarrier>(exports, "closeBarrier");
  exportFunction<meet>(exports, "meet");
  exportFunction<meetInOrder>(exports, "meetInOrder");
}

}  // namespace dawnpour
