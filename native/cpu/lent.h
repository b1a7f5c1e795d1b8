// Memory of JavaScript that an engine works on. A reference keeps it alive, and only JavaScript's thread may drop that reference.
// But the last use may end on a thread of the engine. So such references go on a list, and the engine drops them the next time
// that it runs on JavaScript's thread, which it does whenever its queue has run empty.
#pragma once

#include <napi.h>

#include <mutex>
#include <thread>
#include <vector>

namespace dawnpour {

class Lent {
 public:
  explicit Lent(Napi::Env env);
  ~Lent();
  Lent(const Lent&) = delete;
  Lent& operator=(const Lent&) = delete;

  /// Keeps `value` from being collected. Called on JavaScript's thread.
  napi_ref keep(const Napi::Value& value);

  /// Puts a reference on the list. Called on any thread.
  void giveBack(napi_ref reference);

  /// Drops the references on the list. Called on JavaScript's thread.
  void sweep();

  /// The environment is closing, and drops its references itself.
  void leave();

 private:
  Napi::Env env_;
  std::thread::id home_;
  std::mutex mutex_;
  std::vector<napi_ref> back_;
  bool left_ = false;
};

}  // namespace dawnpour
