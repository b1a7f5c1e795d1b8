// Gives the program reader programs that no builder has checked. It must read or refuse each. A program that it has read must run,
// on every instruction set and unit, without an access outside of its buffers.
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <vector>

#include "../cpu/dot/dot.h"
#include "../cpu/program/program_reader.h"
#include "../cpu/program/op_fields.h"
#include "bytes.h"
#include "values.h"

namespace dawnpour {
namespace {

/// Memory of exactly that size. The sanitizer guards the byte after its last one.
std::shared_ptr<Memory> exactly(size_t bytes) {
  void* data = nullptr;
  if (posix_memalign(&data, 64, bytes) != 0) std::abort();
  std::memset(data, 0, bytes);
  return std::make_shared<Memory>(static_cast<std::byte*>(data), bytes, [data] { std::free(data); });
}

constexpr const char* BUFFERS[] = {"a", "b", "c", "tiny"};
constexpr size_t SIZES[] = {1 << 16, 1 << 12, 300, 2};

/// Sizes around those of vectors, tiles and stretches.
constexpr size_t SIDES[] = {1, 2, 3, 4, 7, 15, 16, 17, 31, 32, 33, 64, 65, 100, 128, 300, 1025, 8193};

constexpr double NUMBERS[] = {0, 1, -1, 2, 0.5, 5, 4096, 4097, 1e9, 4294967296.0, 9007199254740992.0, -0.0, 1e300, 1e-320};

/// Builds an op. Sometimes a key of it is missing or wrong.
class Maker {
 public:
  explicit Maker(Bytes& bytes) : bytes_(bytes) {}

  napi_value op() {
    rows_ = side();
    columns_ = side();
    inner_ = side();
    const OpKind kind = static_cast<OpKind>(bytes_.below(std::size(OP_KINDS)));
    keys_ = {{"kind", values::text(OP_KINDS[static_cast<int>(kind)])}};
    fill(kind);
    if (bytes_.once(16)) keys_.erase(std::next(keys_.begin(), static_cast<long>(bytes_.below(keys_.size()))));
    if (bytes_.once(16)) std::next(keys_.begin(), static_cast<long>(bytes_.below(keys_.size())))->second = anything();
    return values::object(keys_);
  }

 private:
  size_t side() { return bytes_.of(SIDES); }
  double number() { return bytes_.once(4) ? bytes_.take<double>() : bytes_.of(NUMBERS); }

  napi_value anything() {
    switch (bytes_.below(6)) {
      case 0:
        return values::undefined();
      case 1:
        return values::number(number());
      case 2:
        return values::text(bytes_.once(2) ? "f32" : "other");
      case 3:
        return values::array({values::number(number())});
      case 4:
        return values::boolean(true);
      default:
        return view(side(), side(), static_cast<Type>(bytes_.below(std::size(TYPES))));
    }
  }

  napi_value view(size_t rows, size_t columns, Type type) {
    if (bytes_.once(24)) rows = side();
    if (bytes_.once(24)) columns = side();
    if (bytes_.once(24)) type = static_cast<Type>(bytes_.below(std::size(TYPES)));
    std::map<std::string, napi_value> keys{
        {"buffer", values::text(bytes_.once(24) ? "none" : bytes_.of(BUFFERS))},
        {"type", values::text(TYPES[static_cast<int>(type)])},
        {"offset", values::number(bytes_.once(8) ? number() : static_cast<double>(bytes_.below(40)))},
        {"rows", values::number(bytes_.once(32) ? number() : static_cast<double>(rows))},
        {"columns", values::number(bytes_.once(32) ? number() : static_cast<double>(columns))}};
    if (bytes_.once(8)) keys["cursor"] = values::text(bytes_.of(BUFFERS));
    return values::object(std::move(keys));
  }

  Type floats() {
    constexpr Type choices[] = {Type::f32, Type::f32, Type::f16, Type::bf16};
    return bytes_.of(choices);
  }

  template <size_t count>
  void name(const char* key, const char* const (&names)[count]) {
    keys_[key] = values::text(bytes_.of(names));
  }
  void put(const char* key, size_t rows, size_t columns, Type type = Type::f32) { keys_[key] = view(rows, columns, type); }
  void perhaps(const char* key, size_t rows, size_t columns, Type type = Type::f32) {
    if (bytes_.once(2)) put(key, rows, columns, type);
  }
  void flags(std::initializer_list<const char*> names) {
    for (const char* flag : names) keys_[flag] = values::boolean(bytes_.once(2));
  }
  void numbers(std::initializer_list<const char*> names) {
    for (const char* key : names) keys_[key] = values::number(number());
  }

  void fill(OpKind kind) {
    switch (kind) {
      case OpKind::gather:
        numbers({"scale"});
        put("source", side(), columns_, bytes_.once(2) ? Type::u8 : Type::f32);
        put("rows", 1, rows_, Type::u32);
        return put("out", rows_, columns_, floats());
      case OpKind::gemm:
        return gemm();
      case OpKind::activate:
        name("activation", ACTIVATIONS);
        return unary(Type::f32, Type::f32);
      case OpKind::activationGradient:
        name("activation", ACTIVATIONS);
        put("at", rows_, columns_, floats());
        put("gradient", rows_, columns_, floats());
        return put("out", rows_, columns_, floats());
      case OpKind::loss:
        return loss();
      case OpKind::sumRows:
        flags({"accumulate"});
        put("input", rows_, columns_, floats());
        return put("out", 1, columns_);
      case OpKind::update:
        return update();
      case OpKind::scale:
        numbers({"factor"});
        return unary(Type::f32, Type::f32);
      case OpKind::add:
        numbers({"factor"});
        put("a", rows_, columns_);
        put("b", rows_, columns_);
        return put("out", rows_, columns_);
      case OpKind::copy:
        return unary(static_cast<Type>(bytes_.below(std::size(TYPES))), floats());
      case OpKind::fill:
        numbers({"value"});
        return put("out", rows_, columns_);
      case OpKind::norm:
        put("input", rows_, columns_);
        return put("out", 1, 1);
      case OpKind::clipFactor:
      case OpKind::lossScale:
      case OpKind::guard:
        return scalars();
      case OpKind::advance:
        return put("cursor", 1, 1, Type::u32);
      case OpKind::map:
        return map();
      case OpKind::reduce:
        return reduce();
      case OpKind::random:
        name("distribution", DISTRIBUTIONS);
        numbers({"seed", "row", "stream"});
        put("position", 1, 2, Type::u32);
        return put("out", rows_, columns_);
      case OpKind::oneHot:
        put("labels", 1, rows_, labels());
        perhaps("values", rows_, 1);
        return put("out", rows_, columns_);
      case OpKind::take:
        put("labels", 1, rows_, labels());
        put("input", rows_, columns_, floats());
        return put("out", rows_, 1);
      case OpKind::exampleNorms:
        flags({"bias", "accumulate"});
        put("input", rows_, columns_, floats());
        put("gradient", rows_, columns_, floats());
        return put("out", rows_, 1);
      case OpKind::transpose:
      case OpKind::sliceColumns:
      case OpKind::concat:
        return rearranged(kind, floats());
    }
  }

  Type labels() {
    constexpr Type choices[] = {Type::u8, Type::u32, Type::f32};
    return bytes_.of(choices);
  }

  void rearranged(OpKind kind, Type type) {
    if (kind == OpKind::transpose) {
      put("input", columns_, rows_, type);
    } else if (kind == OpKind::sliceColumns) {
      const size_t first = bytes_.below(40);
      keys_["first"] = values::number(bytes_.once(8) ? number() : static_cast<double>(first));
      put("input", rows_, first + columns_ + bytes_.below(3), type);
    } else {
      keys_["inputs"] = values::array({view(rows_, inner_, type), view(rows_, columns_, type)});
      return put("out", rows_, inner_ + columns_, type);
    }
    put("out", rows_, columns_, type);
  }

  void unary(Type from, Type to) {
    put("input", rows_, columns_, from);
    put("out", rows_, columns_, to);
  }

  void gemm() {
    const Type factors = floats(), type = floats();
    const bool transposeA = bytes_.once(2), transposeB = bytes_.once(2);
    keys_["transposeA"] = values::boolean(transposeA);
    keys_["transposeB"] = values::boolean(transposeB);
    flags({"accumulate"});
    name("activation", ACTIVATIONS);
    transposeA ? put("a", inner_, rows_, factors) : put("a", rows_, inner_, factors);
    transposeB ? put("b", columns_, inner_, factors) : put("b", inner_, columns_, factors);
    put("out", rows_, columns_, type);
    perhaps("bias", 1, columns_);
    perhaps("preActivation", rows_, columns_, type);
    if (!bytes_.once(2)) return;
    keys_["derivative"] = values::object(
        {{"activation", values::text(bytes_.of(ACTIVATIONS))}, {"at", view(rows_, columns_, type)}});
  }

  void loss() {
    name("loss", LOSSES);
    numbers({"scale"});
    put("input", rows_, columns_, floats());
    put("target", rows_, columns_, floats());
    put("total", 1, 1);
    perhaps("gradient", rows_, columns_, floats());
    perhaps("gradientScale", 1, 1);
  }

  void update() {
    const size_t rule = bytes_.below(std::size(RULES));
    std::map<std::string, napi_value> of{{"name", values::text(RULES[rule])}};
    for (const char* key : {"mu", "rho", "beta1", "beta2", "epsilon", "weightDecay"}) of[key] = values::number(number());
    keys_["rule"] = values::object(std::move(of));
    put("parameters", 1, columns_);
    put("gradients", 1, columns_);
    std::vector<napi_value> state;
    const size_t slots = bytes_.once(16) ? bytes_.below(4) : static_cast<size_t>(RULE_SLOTS[rule]);
    for (size_t i = 0; i < slots; ++i) state.push_back(view(1, columns_, Type::f32));
    keys_["state"] = values::array(std::move(state));
    put("scalars", 1, 4);
    perhaps("gradientScale", 1, 1);
    perhaps("gate", 1, 1);
  }

  void scalars() {
    numbers({"maximum", "interval"});
    put("norm", 1, 1);
    put("loss", 1, 1);
    put("state", 1, 2);
    put("out", 1, 1);
  }

  void map() {
    const size_t inputs = bytes_.below(5), constants = bytes_.below(3), own = 1 + bytes_.below(4);
    const size_t registers = bytes_.once(8) ? bytes_.below(4100) : inputs + constants + own;
    std::vector<napi_value> views, numbers, steps;
    for (size_t i = 0; i < inputs; ++i) {
      views.push_back(view(bytes_.once(3) ? 1 : rows_, bytes_.once(3) ? 1 : columns_, floats()));
    }
    for (size_t i = 0; i < constants; ++i) numbers.push_back(values::number(number()));
    const auto place = [&](size_t from) {
      if (bytes_.once(64)) return values::number(number());
      return values::number(static_cast<double>(from + bytes_.below(registers > from ? registers - from : 1)));
    };
    for (size_t i = 0; i < 1 + bytes_.below(6); ++i) {
      steps.push_back(values::text(bytes_.of(MAP_FUNCTIONS)));
      steps.push_back(place(inputs + constants));
      for (int operand = 0; operand < 3; ++operand) steps.push_back(place(0));
    }
    if (bytes_.once(32)) steps.pop_back();
    keys_["inputs"] = values::array(std::move(views));
    keys_["constants"] = values::array(std::move(numbers));
    keys_["steps"] = values::array(std::move(steps));
    keys_["registers"] = values::number(static_cast<double>(registers));
    put("out", rows_, columns_, floats());
  }

  void reduce() {
    name("by", REDUCTIONS);
    const auto over = static_cast<Reduced>(bytes_.below(std::size(REDUCED)));
    keys_["over"] = values::text(REDUCED[static_cast<int>(over)]);
    put("input", rows_, columns_, floats());
    put("out", over == Reduced::columns ? rows_ : 1, over == Reduced::rows ? columns_ : 1);
  }

  Bytes& bytes_;
  size_t rows_ = 1, columns_ = 1, inner_ = 1;
  std::map<std::string, napi_value> keys_;
};

/// All ways in which this chip can multiply.
std::vector<Arithmetic> arithmetics() {
  std::vector<Arithmetic> found;
  for (const Kernels* const* kernels = availableKernels(); *kernels; ++kernels) {
    found.push_back({**kernels});
    for (const DotKernels* const* dot = availableDotKernels(**kernels); *dot; ++dot) {
      if (!(*dot)->request()) continue;
      found.push_back({**kernels, *dot, 3, true});
      found.push_back({**kernels, *dot, 2, false});
    }
  }
  return found;
}

void run(Bytes& bytes) {
  static const std::vector<Arithmetic> all = arithmetics();
  static Team one(1), two(2);
  const Arithmetic& arithmetic = all[bytes.below(all.size())];
  Team& team = bytes.once(4) ? one : two;

  std::shared_ptr<Memory> memory[std::size(BUFFERS)];
  std::map<std::string, napi_value> handles;
  for (size_t i = 0; i < std::size(BUFFERS); ++i) {
    memory[i] = exactly(SIZES[i]);
    for (size_t at = 0; at + 4 <= 64 && at + 4 <= SIZES[i]; at += 4) {
      const auto value = bytes.take<uint32_t>();
      std::memcpy(memory[i]->data() + at, &value, sizeof value);
    }
    handles[BUFFERS[i]] = values::external(&memory[i]);
  }
  if (bytes.once(32)) memory[bytes.below(std::size(BUFFERS))] = nullptr;

  const napi_env env = values::environment();
  std::vector<napi_value> ops;
  for (size_t i = 0; i < 1 + bytes.below(4); ++i) ops.push_back(bytes.once(64) ? values::number(1) : Maker(bytes).op());
  try {
    const auto program = readProgram(arithmetic, Napi::Array(env, values::array(ops)),
                                     Napi::Object(env, values::object(std::move(handles))));
    program->run(team, 2);
  } catch (const std::exception&) {
    // The program was refused. Errors of Napi are exceptions too.
  }
}

}  // namespace
}  // namespace dawnpour

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  dawnpour::Bytes bytes(data, size);
  dawnpour::run(bytes);
  dawnpour::values::clear();
  return 0;
}
