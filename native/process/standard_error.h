// What drivers print. They write to the standard error of the process, past JavaScript, so only the file descriptor can be
// turned aside.
#pragma once

#include <functional>
#include <string>

namespace dawnpour {

/// Calls `work`, and returns what the process wrote to its standard error meanwhile, from any thread: the first 64 KiB. Where
/// standard error cannot be turned aside, `work` is called all the same, and the result is empty.
std::string withoutStandardError(const std::function<void()>& work);

}  // namespace dawnpour
