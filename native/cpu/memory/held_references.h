// References that keep memory of JavaScript alive while an engine works on it. Only JavaScript's thread may drop a reference, but
// the last use may end on a thread of the engine. So a released reference goes on a list. The engine drops the references on the
// list when it next runs on JavaScript's thread, which it does whenever its queue has run empty.
#pragma once

#include <napi.h>

#include <mutex>
#include <thread>
#include <vector>

namespace dawnpour {

class HeldReferences {
 public:
  explicit HeldReferences(Napi::Env env);
  ~HeldReferences();
  HeldReferences(const HeldReferences&) = delete;
  HeldReferences& operator=(const HeldReferences&) = delete;

  /// Keeps `value` from being collected. Called on JavaScript's thread.
  napi_ref hold(const Napi::Value& value);

  /// Puts a reference on the list. Called on any thread.
  void release(napi_ref reference);

  /// Drops the references on the list. Called on JavaScript's thread.
  void dropReleased();

  /// The environment is closing, and drops its references itself.
  void abandon();

 private:
  Napi::Env env_;
  std::thread::id home_;
  std::mutex mutex_;
  std::vector<napi_ref> released_;
  bool abandoned_ = false;
};

}  // namespace dawnpour
