// Arguments of the calls of the collective. A call that would read or write outside of its vectors is refused.
#pragma once

#include <napi.h>

#include <string>

#include "tree_sum.h"

namespace dawnpour {

[[noreturn]] void fail(Napi::Env env, const std::string& what);

const Kernels& kernelsNamed(const Napi::Value& name);

/// A sum of vectors of one length. `out` is the vector for the result, or undefined if the parts are only inspected.
TreeSum treeSumOf(const Kernels& kernels, const Napi::Array& parts, const Napi::Value& out);

/// The arguments of a call, to be kept for as long as their memory is in use.
Napi::Array held(const Napi::CallbackInfo& info);

/// The data of a typed array, which must have this type and at least `count` elements.
template <typename Array>
auto* elementsOf(const Napi::Value& value, napi_typedarray_type type, size_t count, const char* what) {
  const bool isArray = value.IsTypedArray() && value.As<Napi::TypedArray>().TypedArrayType() == type;
  if (!isArray || value.As<Array>().ElementLength() < count) fail(value.Env(), std::string("no place for ") + what);
  return value.As<Array>().Data();
}

inline uint64_t* checksumsOf(const Napi::Value& value, size_t count) {
  return elementsOf<Napi::BigUint64Array>(value, napi_biguint64_array, count, "checksums");
}

}  // namespace dawnpour
