// Exceptions for resources that the system refuses: memory, threads or a unit of the processor. Their messages say what was
// asked for, and what to do.
#pragma once

#include <cstddef>
#include <cstdio>
#include <exception>
#include <new>
#include <stdexcept>
#include <string>
#include <system_error>

namespace dawnpour {

inline constexpr const char* MEMORY_ADVICE =
    "use a smaller model, batch or data set, close other programs, or raise the limit (ulimit -v)";

/// The system refused a known amount of memory.
class MemoryRefused : public std::bad_alloc {
 public:
  explicit MemoryRefused(size_t bytes) {
    // The message is written into the object itself, because there may be no memory for a string.
    const double mebibytes = static_cast<double>(bytes) / (1 << 20);
    std::snprintf(text_, sizeof text_, "the system refuses %.1f MiB of memory: %s", mebibytes, MEMORY_ADVICE);
  }
  const char* what() const noexcept override { return text_; }

 private:
  char text_[200];
};

/// The system refused one of the threads that were asked for.
class ThreadRefused : public std::runtime_error {
 public:
  ThreadRefused(int number, int threads)
      : std::runtime_error("the system refuses thread " + std::to_string(number) + " of " + std::to_string(threads) +
                           ": ask for fewer threads, or raise the limits (ulimit -u and -v)") {}
};

/// The system does not let this process use a unit of the chip.
class UnitRefused : public std::runtime_error {
 public:
  explicit UnitRefused(const std::string& unit)
      : std::runtime_error("the system refuses this process the unit " + unit +
                           " of the processor: open the device with another unit, or with the unit none") {}
};

/// The message of an exception, in one line, and Node's code for such an error, or null if Node has none.
struct Failure {
  std::string words;
  const char* code;
};

inline Failure describe(const std::exception_ptr& thrown) {
  try {
    std::rethrow_exception(thrown);
  } catch (const MemoryRefused& error) {
    return {error.what(), "ENOMEM"};
  } catch (const std::bad_alloc&) {
    return {std::string("the system refuses memory: ") + MEMORY_ADVICE, "ENOMEM"};
  } catch (const std::length_error&) {
    return {std::string("more memory is asked for than there can be: ") + MEMORY_ADVICE, "ENOMEM"};
  } catch (const ThreadRefused& error) {
    return {error.what(), "EAGAIN"};
  } catch (const UnitRefused& error) {
    return {error.what(), "EPERM"};
  } catch (const std::exception& error) {
    return {error.what(), nullptr};
  } catch (...) {
    return {"unknown failure of the native core", nullptr};
  }
}

}  // namespace dawnpour
