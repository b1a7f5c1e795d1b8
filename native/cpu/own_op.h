// Ops of users' own: a function of a library that they have compiled, and a function of JavaScript that the queue waits for.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "../dawnpour_op.h"
#include "ops.h"

namespace dawnpour {

/// The function `symbol` of a shared library, which stays loaded. Throws std::runtime_error with the words of the system.
dawnpour_op* loadSymbol(const std::string& library, const std::string& symbol);

/// Computes items of `itemSize` elements, each by itself.
OpPointer symbolOp(dawnpour_op* function, std::vector<View> views, std::vector<double> numbers, size_t items, size_t itemSize);

/// Calls back to JavaScript, and waits for it.
OpPointer hostOp(std::function<void()> call);

}  // namespace dawnpour
