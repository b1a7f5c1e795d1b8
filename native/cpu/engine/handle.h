// Handles: the opaque values by which JavaScript holds native objects. A handle releases its object when it is collected.
#pragma once

#include <napi.h>

#include <memory>
#include <utility>

namespace dawnpour {

template <typename T>
using Handle = Napi::External<std::shared_ptr<T>>;

template <typename T>
Napi::Value makeHandle(Napi::Env env, std::shared_ptr<T> value) {
  return Handle<T>::New(env, new std::shared_ptr<T>(std::move(value)),
                        [](Napi::BasicEnv, std::shared_ptr<T>* data) { delete data; });
}

template <typename T>
std::shared_ptr<T>& handle(const Napi::Value& value) {
  return *value.As<Handle<T>>().Data();
}

}  // namespace dawnpour
