// The border between the core and JavaScript. An exception of C++ becomes an error of JavaScript here.
#pragma once

#include <napi.h>

#include <type_traits>

#include "refused.h"

namespace dawnpour {

/// The error for an exception. If the exception reports a shortage, the error has the `code` of Node's own errors.
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

/// Makes a function of JavaScript from `function`, which takes a CallbackInfo and may return a result.
template <auto function>
void exportFunction(Napi::Object exports, const char* name) {
  exports[name] = Napi::Function::New(exports.Env(), guarded<function>, name);
}

}  // namespace dawnpour
