#include "program_reader.h"

#include "../products/dot_gemm.h"
#include "../products/gemm.h"
#include "op_fields.h"
#include "../ops/own_op.h"

namespace dawnpour {
namespace {

Activation activation(const Fields& op) { return op.name<Activation>(ACTIVATIONS, "activation"); }

OpPointer gather(const Kernels& kernels, const Fields& op) {
  const View out = op.view("out", FLOATS), source = op.view("source", SAMPLES);
  require(source.columns == out.columns, "source", "has other columns than out");
  return gatherOp(kernels, source, op.view("rows", U32, {1, out.rows}), op.number("scale"), out);
}

OpPointer gemm(const Arithmetic& arithmetic, const Fields& op) {
  GemmOperands o;
  o.a = op.view("a", FLOATS);
  o.b = op.view("b", FLOATS);
  require(o.a.type == o.b.type, "b", "is of another type than a");
  o.transposeA = op.flag("transposeA");
  o.transposeB = op.flag("transposeB");
  o.accumulate = op.flag("accumulate");
  o.activation = activation(op);
  const Shape a = o.transposeA ? Shape{o.a.columns, o.a.rows} : shapeOf(o.a);
  const Shape b = o.transposeB ? Shape{o.b.columns, o.b.rows} : shapeOf(o.b);
  require(a.columns == b.rows, "b", "does not have the inner size of a");
  const Shape product{a.rows, b.columns};
  o.out = op.view("out", o.accumulate ? F32 : FLOATS, product);
  const Types likeOut{o.out.type};
  o.bias = op.optional("bias", F32, {1, product.columns});
  o.preActivation = op.optional("preActivation", likeOut, product);
  if (op.has("derivative")) {
    const Fields derivative = op.record("derivative");
    o.derivative = activation(derivative);
    o.at = derivative.view("at", likeOut, product);
  }
  if (DotGemm::suits(arithmetic, o)) return std::make_unique<DotGemm>(arithmetic, o);
  return std::make_unique<Gemm>(arithmetic.kernels, o);
}

OpPointer activate(const Kernels& kernels, const Fields& op) {
  const View out = op.view("out", F32);
  return activateOp(kernels, activation(op), op.view("input", F32, shapeOf(out)), out);
}

OpPointer activationGradient(const Kernels& kernels, const Fields& op) {
  const View out = op.view("out", FLOATS);
  const View at = op.view("at", FLOATS, shapeOf(out)), gradient = op.view("gradient", FLOATS, shapeOf(out));
  return activationGradientOp(kernels, activation(op), at, gradient, out);
}

OpPointer loss(const Kernels& kernels, const Fields& op) {
  const View input = op.view("input", FLOATS);
  const Shape shape = shapeOf(input);
  return lossOp(kernels, op.name<Loss>(LOSSES, "loss"), input, op.view("target", FLOATS, shape), op.number("scale"),
                op.view("total", F32, SCALAR), op.optional("gradient", FLOATS, shape),
                op.optional("gradientScale", F32, SCALAR));
}

OpPointer sumRows(const Kernels& kernels, const Fields& op) {
  const View input = op.view("input", FLOATS);
  return sumRowsOp(kernels, input, op.flag("accumulate"), op.view("out", F32, {1, input.columns}));
}

OpPointer update(const Kernels& kernels, const Fields& op) {
  const Fields rule = op.record("rule");
  UpdateOperands o;
  o.rule = rule.name<Rule>(RULES, "name");
  // A rule has one of these decays, under the name in its paper. The others are absent and read as 0.
  o.decay1 = rule.exact("mu") + rule.exact("rho") + rule.exact("beta1");
  o.decay2 = rule.exact("beta2");
  o.epsilon = rule.number("epsilon");
  o.weightDecay = rule.number("weightDecay");
  o.parameters = op.view("parameters", F32);
  const Shape shape = shapeOf(o.parameters);
  o.gradients = op.view("gradients", F32, shape);
  const Napi::Array state = op.array("state");
  const auto slots = static_cast<uint32_t>(RULE_SLOTS[static_cast<int>(o.rule)]);
  require(state.Length() == slots, "state", "has another number of slots than the rule");
  for (uint32_t i = 0; i < slots; ++i) o.state[i] = op.view(state.Get(i), "state", F32, shape);
  o.scalars = op.view("scalars", F32, {1, UPDATE_SCALARS});
  o.gradientScale = op.optional("gradientScale", F32, SCALAR);
  o.gate = op.optional("gate", F32, SCALAR);
  return updateOp(kernels, o);
}

OpPointer scale(const Kernels& kernels, const Fields& op) {
  const View out = op.view("out", F32);
  return scaleOp(kernels, op.view("input", F32, shapeOf(out)), op.number("factor"), out);
}

OpPointer add(const Kernels& kernels, const Fields& op) {
  const View out = op.view("out", F32);
  const View a = op.view("a", F32, shapeOf(out)), b = op.view("b", F32, shapeOf(out));
  return addOp(kernels, a, b, op.number("factor"), out);
}

OpPointer copy(const Kernels& kernels, const Fields& op) {
  const View out = op.view("out", FLOATS);
  return copyOp(kernels, op.view("input", NUMBERS, shapeOf(out)), out);
}

OpPointer clipFactor(const Fields& op) {
  return clipFactorOp(op.view("norm", F32, SCALAR), op.number("maximum"), op.view("out", F32, SCALAR));
}

OpPointer lossScale(const Fields& op) {
  return lossScaleOp(op.view("norm", F32, SCALAR), op.view("state", F32, {1, 2}), op.number("maximum"),
                     op.number("interval"), op.view("out", F32, SCALAR));
}

OpPointer guard(const Fields& op) {
  return guardOp(op.view("norm", F32, SCALAR), op.view("loss", F32, SCALAR), op.view("state", F32, {1, 2}),
                 op.view("out", F32, SCALAR));
}

/// Reads the steps of a map as native-op.ts writes them: in `steps` each step is a name and four numbers.
std::vector<MapStep> mapSteps(const Napi::Array& steps, int fixed, int registers) {
  require(steps.Length() >= 5 && steps.Length() % 5 == 0, "steps", "of a map are not runs of five numbers");
  const auto number = [&](uint32_t i) { return steps.Get(i).ToNumber().Int32Value(); };
  const auto known = [=](int index) { return index >= 0 && index < registers; };
  std::vector<MapStep> read;
  for (uint32_t i = 0; i < steps.Length(); i += 5) {
    const MapStep step{named<MapFunction>(MAP_FUNCTIONS, steps.Get(i)), number(i + 1), number(i + 2), number(i + 3),
                       number(i + 4)};
    const bool sound = known(step.a) && known(step.b) && known(step.c) && known(step.to) && step.to >= fixed;
    require(sound, "steps", "of a map name no register");
    read.push_back(step);
  }
  return read;
}

OpPointer map(const Kernels& kernels, const Fields& op) {
  MapOperands o;
  o.out = op.view("out", FLOATS);
  const Napi::Array inputs = op.array("inputs");
  for (uint32_t i = 0; i < inputs.Length(); ++i) {
    const View input = op.view(inputs.Get(i), "input", FLOATS);
    const bool fits = (input.rows == o.out.rows || input.rows == 1) && (input.columns == o.out.columns || input.columns == 1);
    require(fits, "input", "is not of the shape that the op needs");
    o.inputs.push_back(input);
  }
  const Napi::Array constants = op.array("constants");
  for (uint32_t i = 0; i < constants.Length(); ++i) o.constants.push_back(constants.Get(i).ToNumber().FloatValue());
  const size_t registers = op.whole("registers");
  require(registers <= MOST_REGISTERS, "registers", "of a map are too many");
  o.registers = static_cast<int>(registers);
  const size_t fixed = o.inputs.size() + o.constants.size();
  o.steps = mapSteps(op.array("steps"), static_cast<int>(fixed), o.registers);
  const Napi::Array others = op.has("others") ? op.array("others") : Napi::Array::New(op.get("steps").Env());
  for (uint32_t i = 0; i < others.Length(); ++i) {
    const Fields other = op.element(others.Get(i), "others");
    const size_t number = other.whole("register");
    require(number >= fixed && number < registers, "others", "of a map name no register");
    o.others.push_back({static_cast<int>(number), other.view("view", FLOATS, shapeOf(o.out))});
  }
  return mapOp(kernels, std::move(o));
}

OpPointer reduce(const Kernels& kernels, const Fields& op) {
  const Reduced over = op.name<Reduced>(REDUCED, "over");
  const View input = op.view("input", FLOATS);
  const Shape shape{over == Reduced::columns ? input.rows : 1, over == Reduced::rows ? input.columns : 1};
  const View out = op.view("out", F32, shape);
  const Reduction by = op.name<Reduction>(REDUCTIONS, "by");
  if (by == Reduction::logSumExp) return logSumExpOp(kernels, over, input, out);
  return reduceOp(kernels, by, over, input, out);
}

OpPointer random(const Kernels& kernels, const Fields& op) {
  const View position = op.view("position", U32, {1, 2}), out = op.view("out", F32);
  const size_t seed = op.whole("seed");
  const auto word = [&](const char* key) { return static_cast<uint32_t>(op.whole(key)); };
  const NoiseAt at{{static_cast<uint32_t>(seed), static_cast<uint32_t>(seed >> 32)}, word("row"), 0, word("stream")};
  return randomOp(kernels, op.name<Distribution>(DISTRIBUTIONS, "distribution"), at, position, out);
}

View labels(const Fields& op, const View& out) {
  const View labels = op.view("labels", LABELS);
  require(labels.count() == out.rows, "labels", "are not one for each row");
  return labels;
}

OpPointer oneHot(const Fields& op) {
  const View out = op.view("out", F32);
  const View values = op.has("values") ? op.view("values", F32) : View{};
  require(!values || values.count() == out.rows, "values", "are not one for each row");
  return oneHotOp(labels(op, out), values, out);
}

OpPointer take(const Kernels& kernels, const Fields& op) {
  const View input = op.view("input", FLOATS), out = op.view("out", F32, {input.rows, 1});
  return takeOp(kernels, input, labels(op, out), out);
}

OpPointer transpose(const Fields& op) {
  const View out = op.view("out", FLOATS);
  return transposeOp(op.view("input", Types{out.type}, {out.columns, out.rows}), out);
}

OpPointer sliceColumns(const Fields& op) {
  const View out = op.view("out", FLOATS), input = op.view("input", Types{out.type});
  const size_t first = op.whole("first");
  const bool fits = input.rows == out.rows && first <= input.columns && out.columns <= input.columns - first;
  require(fits, "out", "is not of columns that input has");
  return sliceColumnsOp(input, first, out);
}

OpPointer concat(const Fields& op) {
  const View out = op.view("out", FLOATS);
  const Napi::Array views = op.array("inputs");
  std::vector<View> inputs;
  size_t columns = 0;
  for (uint32_t i = 0; i < views.Length(); ++i) {
    inputs.push_back(op.view(views.Get(i), "input", Types{out.type}));
    require(inputs[i].rows == out.rows, "input", "has other rows than out");
    columns += inputs[i].columns;
  }
  require(columns == out.columns, "inputs", "have other columns than out");
  return concatOp(std::move(inputs), out);
}

OpPointer exampleNorms(const Kernels& kernels, const Fields& op) {
  const View input = op.view("input", FLOATS), gradient = op.view("gradient", FLOATS);
  require(gradient.rows == input.rows, "gradient", "has other rows than input");
  return exampleNormsOp(kernels, input, gradient, op.flag("bias"), op.flag("accumulate"), op.view("out", F32, {input.rows, 1}));
}

OpPointer symbol(const Fields& op) {
  const Napi::Value function = op.get("function");
  require(function.IsExternal(), "function", "is not a symbol that was loaded");
  const Napi::Array given = op.array("views"), numbers = op.array("numbers");
  std::vector<View> views;
  for (uint32_t i = 0; i < given.Length(); ++i) views.push_back(op.view(given.Get(i), "view", NUMBERS));
  std::vector<double> read;
  for (uint32_t i = 0; i < numbers.Length(); ++i) read.push_back(numbers.Get(i).ToNumber().DoubleValue());
  const size_t items = op.whole("items"), itemSize = op.whole("itemSize");
  require(items > 0 && itemSize > 0, "items", "are none");
  auto* const loaded = reinterpret_cast<dawnpour_op*>(function.As<Napi::External<void>>().Data());
  return symbolOp(loaded, std::move(views), std::move(read), items, itemSize);
}

/// An op that a user defined.
OpPointer ownOp(const Fields& op, const std::string& kind, const std::function<void(uint32_t)>& host) {
  if (kind == "symbol") return symbol(op);
  require(static_cast<bool>(host), "an op", "of the host has no host");
  return hostOp([host, number = static_cast<uint32_t>(op.whole("number"))] { host(number); });
}

OpPointer readOp(const Arithmetic& arithmetic, const Fields& op) {
  const Kernels& kernels = arithmetic.kernels;
  switch (op.name<OpKind>(OP_KINDS, "kind")) {
    case OpKind::gather: return gather(kernels, op);
    case OpKind::gemm: return gemm(arithmetic, op);
    case OpKind::activate: return activate(kernels, op);
    case OpKind::activationGradient: return activationGradient(kernels, op);
    case OpKind::loss: return loss(kernels, op);
    case OpKind::sumRows: return sumRows(kernels, op);
    case OpKind::update: return update(kernels, op);
    case OpKind::scale: return scale(kernels, op);
    case OpKind::add: return add(kernels, op);
    case OpKind::copy: return copy(kernels, op);
    case OpKind::fill: return fillOp(kernels, op.number("value"), op.view("out", F32));
    case OpKind::norm: return normOp(kernels, op.view("input", F32), op.view("out", F32, SCALAR));
    case OpKind::clipFactor: return clipFactor(op);
    case OpKind::lossScale: return lossScale(op);
    case OpKind::guard: return guard(op);
    case OpKind::advance: return advanceOp(op.view("cursor", U32, SCALAR));
    case OpKind::map: return map(kernels, op);
    case OpKind::reduce: return reduce(kernels, op);
    case OpKind::random: return random(kernels, op);
    case OpKind::oneHot: return oneHot(op);
    case OpKind::take: return take(kernels, op);
    case OpKind::transpose: return transpose(op);
    case OpKind::sliceColumns: return sliceColumns(op);
    case OpKind::concat: return concat(op);
    case OpKind::exampleNorms: return exampleNorms(kernels, op);
  }
  return nullptr;
}

}  // namespace

std::shared_ptr<Executable> readProgram(const Arithmetic& arithmetic, const Napi::Array& ops, const Napi::Object& buffers,
                                        const std::function<void(uint32_t)>& host) {
  std::vector<OpPointer> read;
  for (uint32_t i = 0; i < ops.Length(); ++i) {
    const Napi::Value op = ops.Get(i);
    require(op.IsObject(), "an op", "is not an object");
    const Fields fields(op.As<Napi::Object>(), buffers);
    const std::string kind = fields.get("kind").ToString();
    const bool own = kind == "symbol" || kind == "host";
    read.push_back(own ? ownOp(fields, kind, host) : readOp(arithmetic, fields));
  }

  std::vector<std::shared_ptr<Memory>> memory;
  const Napi::Array names = buffers.GetPropertyNames();
  for (uint32_t i = 0; i < names.Length(); ++i) {
    memory.push_back(*buffers.Get(names.Get(i)).As<MemoryHandle>().Data());
  }
  return std::make_shared<Executable>(std::move(read), std::move(memory));
}

}  // namespace dawnpour
