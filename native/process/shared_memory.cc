#include "shared_memory.h"

#include <cerrno>
#include <system_error>

#ifdef _WIN32

namespace dawnpour {
namespace {

[[noreturn]] void unsupported() {
  throw std::system_error(std::make_error_code(std::errc::function_not_supported),
                          "memory is not shared between processes on Windows; use one process, or Linux or macOS");
}

}  // namespace

int createSharedMemory(size_t) { unsupported(); }
void* mapSharedMemory(int, size_t, size_t) { unsupported(); }
void unmapSharedMemory(void*, size_t) {}

}  // namespace dawnpour

#else

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>

namespace dawnpour {
namespace {

[[noreturn]] void fail(const std::string& what) { throw std::system_error(errno, std::generic_category(), what); }

#ifdef __linux__
int openNameless() { return memfd_create("dawnpour", MFD_CLOEXEC | MFD_ALLOW_SEALING); }

/// Without the seal a process with the file descriptor could shrink the memory and crash other processes that use it.
void seal(int descriptor) { (void)fcntl(descriptor, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL); }
#else
int openNameless() {
  static int count = 0;
  const std::string name = "/dawnpour-" + std::to_string(getpid()) + "-" + std::to_string(count++);
  const int descriptor = shm_open(name.c_str(), O_RDWR | O_CREAT | O_EXCL, S_IRUSR | S_IWUSR);
  if (descriptor < 0) return descriptor;
  shm_unlink(name.c_str());
  (void)fcntl(descriptor, F_SETFD, FD_CLOEXEC);
  return descriptor;
}

void seal(int) {}
#endif

}  // namespace

int createSharedMemory(size_t bytes) {
  const int descriptor = openNameless();
  if (descriptor < 0) fail("shared memory cannot be created");
  if (ftruncate(descriptor, static_cast<off_t>(bytes)) != 0) {
    const int reason = errno;
    close(descriptor);
    errno = reason;
    fail("shared memory of " + std::to_string(bytes) + " bytes cannot be created");
  }
  seal(descriptor);
  return descriptor;
}

void* mapSharedMemory(int descriptor, size_t offset, size_t bytes) {
  const std::string what = "shared memory of " + std::to_string(bytes) + " bytes cannot be mapped from file descriptor " +
                           std::to_string(descriptor);
  struct stat status;
  if (fstat(descriptor, &status) != 0) fail(what);
  const auto size = static_cast<size_t>(status.st_size);
  // The sum of offset and bytes is not computed, because it may overflow.
  if (offset > size || bytes > size - offset) {
    errno = EINVAL;
    fail(what + ", which has " + std::to_string(status.st_size));
  }
  void* const data = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, static_cast<off_t>(offset));
  if (data == MAP_FAILED) fail(what);
  return data;
}

void unmapSharedMemory(void* data, size_t bytes) { munmap(data, bytes); }

}  // namespace dawnpour

#endif
