// Ops that users define: a function in a library that they have compiled, or a function in JavaScript, for which the queue waits.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "../../dawnpour_op.h"
#include "ops.h"

namespace dawnpour {

/// The function `symbol` of a shared library, which stays loaded. Throws std::runtime_error with the system's message.
dawnpour_op* loadSymbol(const std::string& library, const std::string& symbol);

/// An op of `items` independent items, each of `itemSize` elements.
OpPointer symbolOp(dawnpour_op* function, std::vector<View> views, std::vector<double> numbers, size_t items, size_t itemSize);

/// An op that calls a function in JavaScript, and waits for it.
OpPointer hostOp(std::function<void()> call);

}  // namespace dawnpour
