#include "own_op.h"

#include <memory>
#include <stdexcept>
#include <utility>

#include "split.h"

#ifdef _WIN32
#include <windows.h>
#else
#include <dlfcn.h>
#endif

namespace dawnpour {
namespace {

// The C interface and the core number the types alike.
static_assert(static_cast<int>(Type::f32) == DAWNPOUR_F32 && static_cast<int>(Type::f16) == DAWNPOUR_F16 &&
              static_cast<int>(Type::bf16) == DAWNPOUR_BF16 && static_cast<int>(Type::u32) == DAWNPOUR_U32 &&
              static_cast<int>(Type::u8) == DAWNPOUR_U8);

dawnpour_view viewOf(const View& view) {
  return {view.at<std::byte>(), view.rows, view.columns, static_cast<dawnpour_type>(view.type)};
}

}  // namespace

#ifdef _WIN32
dawnpour_op* loadSymbol(const std::string& library, const std::string& symbol) {
  HMODULE const loaded = LoadLibraryA(library.c_str());
  if (!loaded) throw std::runtime_error("error " + std::to_string(GetLastError()) + " of LoadLibrary");
  const auto found = reinterpret_cast<dawnpour_op*>(GetProcAddress(loaded, symbol.c_str()));
  if (!found) throw std::runtime_error("error " + std::to_string(GetLastError()) + " of GetProcAddress");
  return found;
}
#else
dawnpour_op* loadSymbol(const std::string& library, const std::string& symbol) {
  void* const loaded = dlopen(library.c_str(), RTLD_NOW | RTLD_LOCAL);
  void* const found = loaded ? dlsym(loaded, symbol.c_str()) : nullptr;
  if (!found) {
    const char* const words = dlerror();
    throw std::runtime_error(words ? words : "the symbol is null");
  }
  return reinterpret_cast<dawnpour_op*>(found);
}
#endif

OpPointer symbolOp(dawnpour_op* function, std::vector<View> views, std::vector<double> numbers, size_t items, size_t itemSize) {
  // An op must not allocate while it runs, so the views for the function are in the scratch memory of the thread.
  return std::make_unique<ForEach>(
      items, itemSize,
      [function, views = std::move(views), numbers = std::move(numbers)](size_t begin, size_t end, float* scratch) {
        auto* const given = reinterpret_cast<dawnpour_view*>(scratch);
        // A cursor may have moved a view since the last run.
        for (size_t i = 0; i < views.size(); ++i) given[i] = viewOf(views[i]);
        function(given, numbers.data(), begin, end);
      });
}

OpPointer hostOp(std::function<void()> call) { return std::make_unique<Single>(std::move(call)); }

}  // namespace dawnpour
