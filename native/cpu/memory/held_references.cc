#include "held_references.h"

#include <utility>

namespace dawnpour {

HeldReferences::HeldReferences(Napi::Env env) : env_(env), home_(std::this_thread::get_id()) {}

HeldReferences::~HeldReferences() { dropReleased(); }

napi_ref HeldReferences::hold(const Napi::Value& value) {
  napi_ref reference = nullptr;
  NAPI_THROW_IF_FAILED(env_, napi_create_reference(env_, value, 1, &reference), nullptr);
  return reference;
}

void HeldReferences::release(napi_ref reference) {
  {
    const std::lock_guard lock(mutex_);
    released_.push_back(reference);
  }
  if (std::this_thread::get_id() == home_) dropReleased();
}

void HeldReferences::dropReleased() {
  std::vector<napi_ref> released;
  {
    const std::lock_guard lock(mutex_);
    released = std::exchange(released_, {});
    if (abandoned_) return;
  }
  for (napi_ref reference : released) napi_delete_reference(env_, reference);
}

void HeldReferences::abandon() {
  const std::lock_guard lock(mutex_);
  abandoned_ = true;
}

}  // namespace dawnpour
