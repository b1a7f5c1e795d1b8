#include "lent.h"

#include <utility>

namespace dawnpour {

Lent::Lent(Napi::Env env) : env_(env), home_(std::this_thread::get_id()) {}

Lent::~Lent() { sweep(); }

napi_ref Lent::keep(const Napi::Value& value) {
  napi_ref reference = nullptr;
  NAPI_THROW_IF_FAILED(env_, napi_create_reference(env_, value, 1, &reference), nullptr);
  return reference;
}

void Lent::giveBack(napi_ref reference) {
  {
    const std::lock_guard lock(mutex_);
    back_.push_back(reference);
  }
  if (std::this_thread::get_id() == home_) sweep();
}

void Lent::sweep() {
  std::vector<napi_ref> back;
  {
    const std::lock_guard lock(mutex_);
    back = std::exchange(back_, {});
    if (left_) return;
  }
  for (napi_ref reference : back) napi_delete_reference(env_, reference);
}

void Lent::leave() {
  const std::lock_guard lock(mutex_);
  left_ = true;
}

}  // namespace dawnpour
