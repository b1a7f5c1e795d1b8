// An op of a program as JavaScript gives it: an object in the form of op.ts. The builder has checked the op, but a program may
// come from elsewhere, and must not reach memory outside its buffers. So a view is read together with the rules for it: its types,
// its shape, its place in a buffer.
#pragma once

#include <napi.h>

#include <stdexcept>
#include <string>

#include "../ops/op.h"

namespace dawnpour {

/// JavaScript's handle on the memory of a buffer. Other users of the memory keep it after the handle is released.
using MemoryHandle = Napi::External<std::shared_ptr<Memory>>;

/// Throws unless `holds`. The builder should have refused such a program.
inline void require(bool holds, const char* subject, const char* sentence) {
  if (!holds) throw std::invalid_argument(std::string("Invariant violation: cpu device: ") + subject + " " + sentence);
}

/// A set of types.
class Types {
 public:
  template <typename... Each>
  constexpr explicit Types(Each... types) : bits_((0u | ... | (1u << static_cast<int>(types)))) {}
  constexpr bool has(Type type) const { return (bits_ >> static_cast<int>(type) & 1) != 0; }

 private:
  unsigned bits_;
};
inline constexpr Types F32{Type::f32}, U32{Type::u32}, FLOATS{Type::f32, Type::f16, Type::bf16}, SAMPLES{Type::u8, Type::f32},
    LABELS{Type::u8, Type::u32, Type::f32}, NUMBERS{Type::u8, Type::u32, Type::f32, Type::f16, Type::bf16};

struct Shape {
  size_t rows, columns;
};
inline constexpr Shape SCALAR{1, 1};
inline Shape shapeOf(const View& view) { return {view.rows, view.columns}; }
inline bool operator==(const Shape& a, const Shape& b) { return a.rows == b.rows && a.columns == b.columns; }

/// The position of the name `value` in `names`.
template <typename Enum, size_t count>
Enum named(const char* const (&names)[count], const Napi::Value& value) {
  const std::string name = value.ToString();
  for (size_t i = 0; i < count; ++i) {
    if (name == names[i]) return static_cast<Enum>(i);
  }
  throw std::invalid_argument("Invariant violation: cpu device: unknown name " + name);
}

/// The keys of an op, or of a record within it.
class Fields {
 public:
  Fields(const Napi::Object& op, const Napi::Object& buffers) : op_(op), buffers_(buffers) {}

  Napi::Value get(const char* key) const { return op_.Get(key); }
  bool has(const char* key) const { return !get(key).IsUndefined(); }
  Fields record(const char* key) const { return element(get(key), key); }
  /// The record in `value`, such as an element of an array.
  Fields element(const Napi::Value& value, const char* key) const { return {object(value, key), buffers_}; }
  Napi::Array array(const char* key) const;

  bool flag(const char* key) const { return get(key).ToBoolean(); }
  /// 0 if the key is absent.
  double exact(const char* key) const;
  float number(const char* key) const { return static_cast<float>(exact(key)); }
  size_t whole(const char* key) const;
  template <typename Enum, size_t count>
  Enum name(const char* const (&names)[count], const char* key) const {
    return named<Enum>(names, get(key));
  }

  View view(const char* key, Types types) const { return view(get(key), key, types); }
  View view(const char* key, Types types, Shape shape) const { return view(get(key), key, types, shape); }
  /// An empty view if the key is absent.
  View optional(const char* key, Types types, Shape shape) const { return has(key) ? view(key, types, shape) : View{}; }
  /// The view in `value`, such as an element of an array.
  View view(const Napi::Value& value, const char* key, Types types) const;
  View view(const Napi::Value& value, const char* key, Types types, Shape shape) const;

 private:
  static Napi::Object object(const Napi::Value& value, const char* key);
  const Memory& memory(const Napi::Value& name) const;

  Napi::Object op_, buffers_;
};

}  // namespace dawnpour
