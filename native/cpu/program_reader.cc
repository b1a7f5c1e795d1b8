#include "program_reader.h"

#include <string>

#include "dot_gemm.h"
#include "gemm.h"

namespace dawnpour {
namespace {

/// Memory safety must not rest on a program's having come from the builder.
void require(bool holds, Napi::Env env, const std::string& what) {
  if (!holds) throw Napi::Error::New(env, "Invariant violation: cpu device: " + what);
}

bool isFloat(Type type) { return type == Type::f32 || type == Type::f16 || type == Type::bf16; }

template <typename Enum, size_t count>
Enum named(const char* const (&names)[count], const Napi::Value& value) {
  const std::string name = value.ToString();
  for (size_t i = 0; i < count; ++i) {
    if (name == names[i]) return static_cast<Enum>(i);
  }
  throw Napi::Error::New(value.Env(), "Invariant violation: cpu device: unknown name " + name);
}


class Reader {
 public:
  Reader(const Arithmetic& arithmetic, const Napi::Object& buffers)
      : arithmetic_(arithmetic), kernels_(arithmetic.kernels), buffers_(buffers) {}

  OpPointer read(const Napi::Object& op) const;

 private:
  static double exact(const Napi::Object& op, const char* name) {
    const Napi::Value value = op.Get(name);
    return value.IsUndefined() ? 0 : value.ToNumber().DoubleValue();
  }
  static float number(const Napi::Object& op, const char* name) { return static_cast<float>(exact(op, name)); }
  static size_t whole(const Napi::Object& op, const char* name) {
    const double value = op.Get(name).ToNumber().DoubleValue();
    require(value >= 0 && value <= 9007199254740991.0, op.Env(), std::string(name) + " is out of range");
    return static_cast<size_t>(value);
  }
  static bool flag(const Napi::Object& op, const char* name) { return op.Get(name).ToBoolean(); }
  static Activation activation(const Napi::Object& op) { return named<Activation>(ACTIVATIONS, op.Get("activation")); }

  const Memory& memory(const Napi::Value& name) const {
    const Napi::Value handle = buffers_.Get(name);
    require(handle.IsExternal(), name.Env(), "no buffer " + std::string(name.ToString()));
    return **handle.As<MemoryHandle>().Data();
  }
  View view(const Napi::Value& value) const;
  View view(const Napi::Object& op, const char* name) const { return view(op.Get(name)); }

  OpPointer gemm(const Napi::Object& op) const;
  OpPointer update(const Napi::Object& op) const;
  OpPointer map(const Napi::Object& op) const;
  OpPointer reduce(const Napi::Object& op) const;
  OpPointer random(const Napi::Object& op) const;
  OpPointer labelled(OpKind kind, const Napi::Object& op) const;
  OpPointer rearranged(OpKind kind, const Napi::Object& op) const;

  const Arithmetic& arithmetic_;
  const Kernels& kernels_;
  Napi::Object buffers_;
};

/// An absent view where the value is undefined.
View Reader::view(const Napi::Value& value) const {
  if (value.IsUndefined()) return {};
  const Napi::Object object = value.As<Napi::Object>();
  const Memory& memory = this->memory(object.Get("buffer"));
  View view;
  view.data = memory.data();
  view.type = named<Type>(TYPES, object.Get("type"));
  view.offset = whole(object, "offset");
  view.rows = whole(object, "rows");
  view.columns = whole(object, "columns");
  const size_t length = memory.bytes() / bytesOf(view.type);
  const bool fits = view.rows > 0 && view.columns > 0 && view.offset <= length &&
                    view.rows <= (length - view.offset) / view.columns;
  require(fits, value.Env(), "a view lies outside its buffer");
  const Napi::Value cursor = object.Get("cursor");
  if (!cursor.IsUndefined()) {
    view.cursor = reinterpret_cast<const uint32_t*>(this->memory(cursor).data());
    view.entries = (length - view.offset) / view.count();
  }
  return view;
}

OpPointer Reader::gemm(const Napi::Object& op) const {
  GemmOperands o;
  o.a = view(op, "a");
  o.b = view(op, "b");
  o.out = view(op, "out");
  require(o.a.type == o.b.type, op.Env(), "the factors of a product are of two types");
  o.bias = view(op, "bias");
  o.preActivation = view(op, "preActivation");
  o.transposeA = flag(op, "transposeA");
  o.transposeB = flag(op, "transposeB");
  o.accumulate = flag(op, "accumulate");
  o.activation = activation(op);
  const Napi::Value derivative = op.Get("derivative");
  if (!derivative.IsUndefined()) {
    o.derivative = activation(derivative.As<Napi::Object>());
    o.at = view(derivative.As<Napi::Object>(), "at");
  }
  if (DotGemm::suits(arithmetic_, o)) return std::make_unique<DotGemm>(arithmetic_, o);
  return std::make_unique<Gemm>(kernels_, o);
}

OpPointer Reader::update(const Napi::Object& op) const {
  const Napi::Object rule = op.Get("rule").As<Napi::Object>();
  UpdateOperands o;
  o.rule = named<Rule>(RULES, rule.Get("name"));
  // A rule has one decay of its own, under the name its paper gives it; the others are absent, hence 0.
  o.decay1 = exact(rule, "mu") + exact(rule, "rho") + exact(rule, "beta1");
  o.decay2 = exact(rule, "beta2");
  o.epsilon = number(rule, "epsilon");
  o.weightDecay = number(rule, "weightDecay");
  o.parameters = view(op, "parameters");
  o.gradients = view(op, "gradients");
  const Napi::Array state = op.Get("state").As<Napi::Array>();
  for (uint32_t i = 0; i < state.Length() && i < 2; ++i) o.state[i] = view(state.Get(i));
  o.scalars = view(op, "scalars");
  o.gradientScale = view(op, "gradientScale");
  o.gate = view(op, "gate");
  return updateOp(kernels_, o);
}

/// In the form of native-op.ts: `steps` are runs of five numbers.
OpPointer Reader::map(const Napi::Object& op) const {
  MapOperands o;
  o.out = view(op, "out");
  require(isFloat(o.out.type), op.Env(), "the output of a map is not float");
  const Napi::Array inputs = op.Get("inputs").As<Napi::Array>();
  for (uint32_t i = 0; i < inputs.Length(); ++i) {
    const View input = view(inputs.Get(i));
    require(isFloat(input.type), op.Env(), "an input of a map is not float");
    const bool fits = (input.rows == o.out.rows || input.rows == 1) && (input.columns == o.out.columns || input.columns == 1);
    require(fits, op.Env(), "an input of a map does not have the shape of its output");
    o.inputs.push_back(input);
  }
  const Napi::Array constants = op.Get("constants").As<Napi::Array>();
  for (uint32_t i = 0; i < constants.Length(); ++i) o.constants.push_back(constants.Get(i).ToNumber().FloatValue());
  o.registers = static_cast<int>(whole(op, "registers"));
  const Napi::Array steps = op.Get("steps").As<Napi::Array>();
  const auto number = [&](uint32_t i) { return steps.Get(i).ToNumber().Int32Value(); };
  const int fixed = static_cast<int>(o.inputs.size() + o.constants.size());
  require(steps.Length() >= 5 && steps.Length() % 5 == 0, op.Env(), "the steps of a map are not runs of five numbers");
  require(o.registers <= MOST_REGISTERS, op.Env(), "a map of too many registers");
  for (uint32_t i = 0; i < steps.Length(); i += 5) {
    const MapStep step{named<MapFunction>(MAP_FUNCTIONS, steps.Get(i)), number(i + 1), number(i + 2), number(i + 3), number(i + 4)};
    const auto known = [&](int index) { return index >= 0 && index < o.registers; };
    const bool sound = known(step.a) && known(step.b) && known(step.c) && known(step.to) && step.to >= fixed;
    require(sound, op.Env(), "a step of a map names no register");
    o.steps.push_back(step);
  }
  return mapOp(kernels_, std::move(o));
}

OpPointer Reader::reduce(const Napi::Object& op) const {
  const Reduced over = named<Reduced>(REDUCED, op.Get("over"));
  const View input = view(op, "input"), out = view(op, "out");
  require(isFloat(input.type) && out.type == Type::f32, op.Env(), "a reduction is of floats, to f32");
  const bool fits = out.rows == (over == Reduced::columns ? input.rows : 1) &&
                    out.columns == (over == Reduced::rows ? input.columns : 1);
  require(fits, op.Env(), "the output of a reduction does not have the shape that it gives");
  const Reduction by = named<Reduction>(REDUCTIONS, op.Get("by"));
  if (by == Reduction::logSumExp) return logSumExpOp(kernels_, over, input, out);
  return reduceOp(kernels_, by, over, input, out);
}

OpPointer Reader::random(const Napi::Object& op) const {
  const View position = view(op, "position"), out = view(op, "out");
  require(position.type == Type::u32 && position.count() == 2, op.Env(), "the position of random numbers is not two words");
  require(out.type == Type::f32, op.Env(), "random numbers are f32");
  const size_t seed = whole(op, "seed");
  const auto word = [&](const char* name) { return static_cast<uint32_t>(whole(op, name)); };
  const NoiseAt at{{static_cast<uint32_t>(seed), static_cast<uint32_t>(seed >> 32)}, word("row"), 0, word("stream")};
  return randomOp(kernels_, named<Distribution>(DISTRIBUTIONS, op.Get("distribution")), at, position, out);
}

OpPointer Reader::labelled(OpKind kind, const Napi::Object& op) const {
  const View labels = view(op, "labels"), out = view(op, "out");
  require(labels.type != Type::f16 && labels.type != Type::bf16, op.Env(), "labels are narrow floats");
  require(out.type == Type::f32 && labels.count() == out.rows, op.Env(), "labels are not one for each row");
  if (kind == OpKind::oneHot) {
    const View values = view(op, "values");
    require(!values || (values.type == Type::f32 && values.count() == out.rows), op.Env(), "values are not one for each row");
    return oneHotOp(labels, values, out);
  }
  const View input = view(op, "input");
  require(isFloat(input.type) && input.rows == out.rows && out.columns == 1, op.Env(), "what is taken is not one for each row");
  return takeOp(kernels_, input, labels, out);
}

OpPointer Reader::rearranged(OpKind kind, const Napi::Object& op) const {
  const View out = view(op, "out");
  require(isFloat(out.type), op.Env(), "columns are not of floats");
  if (kind == OpKind::concat) {
    std::vector<View> inputs;
    size_t columns = 0;
    const Napi::Array views = op.Get("inputs").As<Napi::Array>();
    for (uint32_t i = 0; i < views.Length(); ++i) {
      inputs.push_back(view(views.Get(i)));
      columns += inputs.back().columns;
      require(inputs[i].rows == out.rows && inputs[i].type == out.type, op.Env(), "what is put side by side does not fit");
    }
    require(columns == out.columns, op.Env(), "what is put side by side does not fit");
    return concatOp(std::move(inputs), out);
  }
  const View input = view(op, "input");
  require(input.type == out.type, op.Env(), "columns are moved between two types");
  if (kind == OpKind::transpose) {
    require(input.rows == out.columns && input.columns == out.rows, op.Env(), "a transpose does not have the shape that it gives");
    return transposeOp(input, out);
  }
  const size_t first = whole(op, "first");
  const bool fits = input.rows == out.rows && first <= input.columns && out.columns <= input.columns - first;
  require(fits, op.Env(), "columns lie outside their matrix");
  return sliceColumnsOp(input, first, out);
}

OpPointer Reader::read(const Napi::Object& op) const {
  const auto at = [&](const char* name) { return view(op, name); };
  const OpKind kind = named<OpKind>(OP_KINDS, op.Get("kind"));
  switch (kind) {
    case OpKind::gather:
      return gatherOp(kernels_, at("source"), at("rows"), number(op, "scale"), at("out"));
    case OpKind::gemm:
      return gemm(op);
    case OpKind::activate:
      return activateOp(kernels_, activation(op), at("input"), at("out"));
    case OpKind::activationGradient:
      return activationGradientOp(kernels_, activation(op), at("at"), at("gradient"), at("out"));
    case OpKind::loss:
      return lossOp(kernels_, named<Loss>(LOSSES, op.Get("loss")), at("input"), at("target"), number(op, "scale"),
                    at("total"), at("gradient"), at("gradientScale"));
    case OpKind::sumRows:
      return sumRowsOp(kernels_, at("input"), flag(op, "accumulate"), at("out"));
    case OpKind::update:
      return update(op);
    case OpKind::scale:
      return scaleOp(kernels_, at("input"), number(op, "factor"), at("out"));
    case OpKind::add:
      return addOp(kernels_, at("a"), at("b"), number(op, "factor"), at("out"));
    case OpKind::copy:
      return copyOp(kernels_, at("input"), at("out"));
    case OpKind::fill:
      return fillOp(kernels_, number(op, "value"), at("out"));
    case OpKind::norm:
      return normOp(kernels_, at("input"), at("out"));
    case OpKind::clipFactor:
      return clipFactorOp(at("norm"), number(op, "maximum"), at("out"));
    case OpKind::lossScale:
      return lossScaleOp(at("norm"), at("state"), number(op, "maximum"), number(op, "interval"), at("out"));
    case OpKind::guard:
      return guardOp(at("norm"), at("loss"), at("state"), at("out"));
    case OpKind::advance:
      return advanceOp(at("cursor"));
    case OpKind::map:
      return map(op);
    case OpKind::reduce:
      return reduce(op);
    case OpKind::random:
      return random(op);
    case OpKind::oneHot:
    case OpKind::take:
      return labelled(kind, op);
    case OpKind::transpose:
    case OpKind::sliceColumns:
    case OpKind::concat:
      return rearranged(kind, op);
  }
  return nullptr;
}

}  // namespace

std::shared_ptr<Executable> readProgram(const Arithmetic& arithmetic, const Napi::Array& ops, const Napi::Object& buffers) {
  const Reader reader(arithmetic, buffers);
  std::vector<OpPointer> read;
  for (uint32_t i = 0; i < ops.Length(); ++i) read.push_back(reader.read(ops.Get(i).As<Napi::Object>()));

  std::vector<std::shared_ptr<Memory>> memory;
  const Napi::Array names = buffers.GetPropertyNames();
  for (uint32_t i = 0; i < names.Length(); ++i) {
    memory.push_back(*buffers.Get(names.Get(i)).As<MemoryHandle>().Data());
  }
  return std::make_shared<Executable>(std::move(read), std::move(memory));
}

}  // namespace dawnpour
