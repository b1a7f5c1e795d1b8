// Memory of JavaScript that an engine works on. The references that keep it can be dropped on JavaScript's thread only, but
// its last use may end on the engine's: so what is used no more is put on a list, for the next time the engine is on
// JavaScript's thread. It is there whenever its queue has run empty.
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

  /// Keeps `value` from being collected. On JavaScript's thread.
  napi_ref keep(const Napi::Value& value);

  /// On any thread.
  void giveBack(napi_ref reference);

  /// Drops what was given back. On JavaScript's thread.
  void sweep();

  /// The environment goes, and takes its references along.
  void leave();

 private:
  Napi::Env env_;
  std::thread::id home_;
  std::mutex mutex_;
  std::vector<napi_ref> back_;
  bool left_ = false;
};

}  // namespace dawnpour
