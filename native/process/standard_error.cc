#include "standard_error.h"

#ifdef _WIN32

namespace dawnpour {

/// Does not divert on Windows, where each C library has file descriptors of its own.
std::string withoutStandardError(const std::function<void()>& work) {
  work();
  return {};
}

}  // namespace dawnpour

#else

#include <fcntl.h>
#include <sys/types.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>

#ifdef __linux__
#include <sys/mman.h>
#endif

namespace dawnpour {
namespace {

constexpr size_t MOST_BYTES = size_t{1} << 16;

/// A file without a name. Not a pipe: a full pipe blocks the writer, which is this process.
int openNameless() {
#ifdef __linux__
  return memfd_create("dawnpour-stderr", MFD_CLOEXEC);
#else
  std::FILE* const stream = std::tmpfile();
  if (!stream) return -1;
  const int file = fcntl(fileno(stream), F_DUPFD_CLOEXEC, 0);
  std::fclose(stream);
  return file;
#endif
}

/// Redirects standard error to a file during its lifetime.
class Diversion {
 public:
  Diversion() : file_(openNameless()), before_(fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0)) {
    diverted_ = file_ >= 0 && before_ >= 0 && dup2(file_, STDERR_FILENO) >= 0;
  }
  ~Diversion() {
    end();
    for (const int descriptor : {file_, before_}) {
      if (descriptor >= 0) close(descriptor);
    }
  }
  Diversion(const Diversion&) = delete;
  Diversion& operator=(const Diversion&) = delete;

  std::string end() {
    if (!diverted_) return {};
    std::fflush(stderr);
    dup2(before_, STDERR_FILENO);
    diverted_ = false;
    std::string text(MOST_BYTES, '\0');
    const ssize_t length = pread(file_, text.data(), text.size(), 0);
    text.resize(length > 0 ? static_cast<size_t>(length) : 0);
    return text;
  }

 private:
  int file_, before_;
  bool diverted_;
};

}  // namespace

/// All threads share standard error, so two diversions at a time could leave it diverted. A second diversion calls its work
/// without diverting, even if it is within the work of the same thread.
std::string withoutStandardError(const std::function<void()>& work) {
  static std::atomic_flag busy = ATOMIC_FLAG_INIT;
  if (busy.test_and_set()) {
    work();
    return {};
  }
  struct Clear {
    ~Clear() { busy.clear(); }
  } const clear;
  Diversion diversion;
  work();
  return diversion.end();
}

}  // namespace dawnpour

#endif
