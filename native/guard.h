// The border between the core and JavaScript: no exception of C++ crosses it, other than as an error of JavaScript.
#pragma once

#include <napi.h>

#include <type_traits>

#include "refused.h"

namespace dawnpour {

/// An error that names a shortage has the `code` that Node's own have.
inline Napi::Error toError(Napi::Env env, const std::exception_ptr& thrown) {
  const Failure failure = describe(thrown);
  const Napi::Error error = Napi::Error::New(env, failure.words);
  if (failure.code) error.Value().Set("code", Napi::String::New(env, failure.code));
  return error;
}

template <auto function>
Napi::Value guarded(const Napi::CallbackInfo& info) {
  try {
    if constexpr (std::is_void_v<decltype(function(info))>) {
      function(info);
      return info.Env().Undefined();
    } else {
      return function(info);
    }
  } catch (const Napi::Error&) {
    throw;
  } catch (...) {
    throw toError(info.Env(), std::current_exception());
  }
}

/// Makes `function` of CallbackInfo, with or without a result, a function of JavaScript.
template <auto function>
void exportFunction(Napi::Object exports, const char* name) {
  exports[name] = Napi::Function::New(exports.Env(), guarded<function>, name);
}

}  // namespace dawnpour
