// Captures what drivers print. Drivers write to the standard error of the process without JavaScript, so the file descriptor
// is redirected.
#pragma once

#include <functional>
#include <string>

namespace dawnpour {

/// Calls `work` and returns what the process wrote to standard error meanwhile, from any thread: the first 64 KiB. Where
/// standard error cannot be redirected, `work` is called all the same, and the result is empty.
std::string withoutStandardError(const std::function<void()>& work);

}  // namespace dawnpour
