// Turns the bytes of a fuzz input into choices: numbers, items of a list, yes or no. After the last byte all bytes are 0.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace dawnpour {

class Bytes {
 public:
  Bytes(const uint8_t* data, size_t size) : data_(data), left_(size) {}

  bool empty() const { return left_ == 0; }

  template <typename T>
  T take() {
    T value{};
    const size_t count = left_ < sizeof value ? left_ : sizeof value;
    if (count > 0) std::memcpy(&value, data_, count);
    data_ += count;
    left_ -= count;
    return value;
  }

  /// A number below `count`.
  size_t below(size_t count) { return take<uint16_t>() % count; }

  /// True about once in `times` calls.
  bool once(size_t times) { return take<uint8_t>() % times == 1; }

  template <typename T, size_t count>
  const T& of(const T (&choices)[count]) {
    return choices[below(count)];
  }

 private:
  const uint8_t* data_;
  size_t left_;
};

/// Ends the process if the condition is false.
#define HOLDS(condition)                                                             \
  do {                                                                               \
    if (!(condition)) {                                                              \
      std::fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #condition); \
      std::abort();                                                                  \
    }                                                                                \
  } while (false)

}  // namespace dawnpour
