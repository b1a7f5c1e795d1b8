#include "binding.h"

#include <cstring>
#include <string>
#include <utility>

#include "../../guard.h"
#include "engine.h"
#include "handle.h"
#include "../program/op_fields.h"
#include "../ops/own_op.h"
#include "../program/program_reader.h"

namespace dawnpour {
namespace {

void tellCollector(Napi::BasicEnv env, const Memory& memory, int sign) {
  Napi::MemoryManagement::AdjustExternalMemory(env, sign * static_cast<int64_t>(memory.bytes()));
}

/// The bytes of a typed array, whose memory may be shared.
struct Bytes {
  void* data = nullptr;
  size_t count = 0;
  explicit Bytes(const Napi::Value& value) {
    napi_get_typedarray_info(value.Env(), value, nullptr, nullptr, &data, nullptr, nullptr);
    count = value.As<Napi::TypedArray>().ByteLength();
  }
};

/// The `count` bytes at `offset`. Throws unless they lie within the memory.
std::byte* within(const Memory& memory, const Napi::Value& offset, size_t count) {
  const double start = offset.ToNumber().DoubleValue();
  if (!(start >= 0 && start + static_cast<double>(count) <= static_cast<double>(memory.bytes()))) {
    throw Napi::Error::New(offset.Env(), "Invariant violation: cpu device: range outside the buffer");
  }
  return memory.data() + static_cast<size_t>(start);
}

Napi::Value instructionSets(const Napi::CallbackInfo& info) {
  const Napi::Array names = Napi::Array::New(info.Env());
  for (const Kernels* const* next = availableKernels(); *next; ++next) names.Set(names.Length(), (*next)->isa);
  return names;
}

const Kernels& kernelsOf(const Napi::Value& isa) {
  const std::string name = isa.ToString();
  for (const Kernels* const* next = availableKernels(); *next; ++next) {
    if (name == (*next)->isa) return **next;
  }
  throw Napi::Error::New(isa.Env(), "Invariant violation: cpu device: no instruction set " + name);
}

/// The units for pairs of bfloat16 that can be used with an instruction set.
Napi::Value pairUnits(const Napi::CallbackInfo& info) {
  const Napi::Array units = Napi::Array::New(info.Env());
  for (const DotKernels* const* next = availableDotKernels(kernelsOf(info[0])); *next; ++next) {
    const Napi::Object unit = Napi::Object::New(info.Env());
    unit.Set("name", (*next)->name);
    unit.Set("fast", (*next)->fast());
    units.Set(units.Length(), unit);
  }
  return units;
}

/// (instruction set, threads, unit or undefined, parts, always)
Napi::Value open(const Napi::CallbackInfo& info) {
  Arithmetic arithmetic{kernelsOf(info[0]), nullptr, info[3].ToNumber().Int32Value(), info[4].ToBoolean()};
  const Napi::Env env = info.Env();
  if (!info[2].IsUndefined()) {
    const std::string name = info[2].ToString();
    for (const DotKernels* const* next = availableDotKernels(arithmetic.kernels); *next; ++next) {
      if (name == (*next)->name) arithmetic.dot = *next;
    }
    if (!arithmetic.dot) throw Napi::Error::New(env, "Invariant violation: cpu device: no unit " + name);
  }
  const bool sound = arithmetic.parts == 0 || (arithmetic.dot && (arithmetic.parts == 2 || arithmetic.parts == 3));
  if (!sound) throw Napi::Error::New(env, "Invariant violation: cpu device: parts without a unit for them");
  if (arithmetic.dot && !arithmetic.dot->request()) throw UnitRefused(arithmetic.dot->name);
  return makeHandle(env, std::make_shared<Engine>(env, arithmetic, info[1].ToNumber().Int32Value()));
}

Napi::Value allocate(const Napi::CallbackInfo& info) {
  const double bytes = info[0].ToNumber().DoubleValue();
  std::shared_ptr<Memory> memory;
  try {
    memory = std::make_shared<Memory>(static_cast<size_t>(bytes));
  } catch (const std::bad_alloc&) {
    return info.Env().Undefined();
  }
  tellCollector(info.Env(), *memory, 1);
  return MemoryHandle::New(info.Env(), new std::shared_ptr<Memory>(memory),
                           [](Napi::BasicEnv env, std::shared_ptr<Memory>* data) {
                             if (*data) tellCollector(env, **data, -1);
                             delete data;
                           });
}

/// A handle on memory of JavaScript; undefined when the memory does not start at a cache line.
Napi::Value adopt(const Napi::CallbackInfo& info) {
  const Bytes bytes(info[1]);
  if (!Memory::aligned(bytes.data)) return info.Env().Undefined();
  const std::shared_ptr<HeldReferences> references = handle<Engine>(info[0])->references();
  napi_ref const reference = references->hold(info[1]);
  return makeHandle(info.Env(), std::make_shared<Memory>(static_cast<std::byte*>(bytes.data), bytes.count,
                                                         [references, reference] { references->release(reference); }));
}

void release(const Napi::CallbackInfo& info) {
  std::shared_ptr<Memory>& memory = handle<Memory>(info[0]);
  if (!memory) return;
  if (!memory->borrowed()) tellCollector(info.Env(), *memory, -1);
  memory.reset();
}

Napi::Value memoryInUse(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), static_cast<double>(Memory::inUse()));
}

void write(const Napi::CallbackInfo& info) {
  const std::shared_ptr<Memory> memory = handle<Memory>(info[1]);
  const Bytes source(info[3]);
  std::byte* const to = within(*memory, info[2], source.count);
  const std::shared_ptr<std::byte[]> copy(new (std::nothrow) std::byte[source.count]);
  if (!copy) throw MemoryRefused(source.count);
  std::memcpy(copy.get(), source.data, source.count);
  handle<Engine>(info[0])->push([memory, to, copy, count = source.count](Team&, bool cancelled) {
    if (!cancelled) std::memcpy(to, copy.get(), count);
  });
}

Napi::Value read(const Napi::CallbackInfo& info) {
  const std::shared_ptr<Memory> memory = handle<Memory>(info[1]);
  const Bytes target(info[3]);
  const std::byte* const from = within(*memory, info[2], target.count);
  return handle<Engine>(info[0])->promise([memory, from, target](Team&) { std::memcpy(target.data, from, target.count); },
                                          info[3].As<Napi::Object>());
}

Napi::Value compile(const Napi::CallbackInfo& info) {
  // A program runs on the queue of its engine alone, so the engine is there.
  Engine* const engine = handle<Engine>(info[0]).get();
  const auto host = [engine](uint32_t number) { engine->callHost(number); };
  return makeHandle(info.Env(),
                    readProgram(engine->arithmetic(), info[1].As<Napi::Array>(), info[2].As<Napi::Object>(), host));
}

/// (library, symbol)
Napi::Value load(const Napi::CallbackInfo& info) {
  dawnpour_op* const found = loadSymbol(info[0].ToString(), info[1].ToString());
  return Napi::External<void>::New(info.Env(), reinterpret_cast<void*>(found));
}

/// Another handle on the same memory.
Napi::Value share(const Napi::CallbackInfo& info) { return makeHandle(info.Env(), handle<Memory>(info[0])); }

void setHost(const Napi::CallbackInfo& info) { handle<Engine>(info[0])->setHost(info[1].As<Napi::Function>()); }

/// Reads and writes at once, in a call of the host: the queue waits for that call. (memory, offset, array)
void peek(const Napi::CallbackInfo& info) {
  const Memory& memory = *handle<Memory>(info[0]);
  const Bytes target(info[2]);
  std::memcpy(target.data, within(memory, info[1], target.count), target.count);
}

void poke(const Napi::CallbackInfo& info) {
  const Memory& memory = *handle<Memory>(info[0]);
  const Bytes source(info[2]);
  std::memcpy(within(memory, info[1], source.count), source.data, source.count);
}

void discard(const Napi::CallbackInfo& info) { handle<Executable>(info[0]).reset(); }

void run(const Napi::CallbackInfo& info) {
  const std::shared_ptr<Executable> executable = handle<Executable>(info[1]);
  const auto times = static_cast<uint64_t>(info[2].ToNumber().Int64Value());
  handle<Engine>(info[0])->push([executable, times](Team& team, bool cancelled) {
    if (!cancelled) executable->run(team, times);
  });
}

Napi::Value idle(const Napi::CallbackInfo& info) {
  return handle<Engine>(info[0])->promise([](Team&) {}, Napi::Object::New(info.Env()));
}

void close(const Napi::CallbackInfo& info) { handle<Engine>(info[0])->close(); }

}  // namespace

void exportCpuDevice(Napi::Object exports) {
  exportFunction<instructionSets>(exports, "instructionSets");
  exportFunction<pairUnits>(exports, "pairUnits");
  exportFunction<open>(exports, "open");
  exportFunction<allocate>(exports, "allocate");
  exportFunction<adopt>(exports, "adopt");
  exportFunction<release>(exports, "release");
  exportFunction<memoryInUse>(exports, "memoryInUse");
  exportFunction<write>(exports, "write");
  exportFunction<read>(exports, "read");
  exportFunction<compile>(exports, "compile");
  exportFunction<load>(exports, "loadSymbol");
  exportFunction<share>(exports, "share");
  exportFunction<setHost>(exports, "setHost");
  exportFunction<peek>(exports, "peek");
  exportFunction<poke>(exports, "poke");
  exportFunction<discard>(exports, "discard");
  exportFunction<run>(exports, "run");
  exportFunction<idle>(exports, "idle");
  exportFunction<close>(exports, "close");
}

}  // namespace dawnpour
