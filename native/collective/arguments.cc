#include "arguments.h"

namespace dawnpour {
namespace {

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

}  // namespace

void fail(Napi::Env env, const std::string& what) {
  throw Napi::Error::New(env, "Invariant violation: collective: " + what);
}

const Kernels& kernelsNamed(const Napi::Value& name) {
  const std::string isa = name.ToString();
  for (const Kernels* const* next = availableKernels(); *next; ++next) {
    if (isa == (*next)->isa) return **next;
  }
  fail(name.Env(), "no instruction set " + isa);
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

Napi::Array held(const Napi::CallbackInfo& info) {
  const Napi::Array values = Napi::Array::New(info.Env(), info.Length());
  for (uint32_t i = 0; i < info.Length(); ++i) values.Set(i, info[i]);
  return values;
}

}  // namespace dawnpour
