#include "op_fields.h"

namespace dawnpour {

Napi::Object Fields::object(const Napi::Value& value, const char* key) {
  require(value.IsObject(), key, "is not an object");
  return value.As<Napi::Object>();
}

Napi::Array Fields::array(const char* key) const {
  const Napi::Value value = get(key);
  require(value.IsArray(), key, "is not an array");
  return value.As<Napi::Array>();
}

double Fields::exact(const char* key) const {
  const Napi::Value value = get(key);
  return value.IsUndefined() ? 0 : value.ToNumber().DoubleValue();
}

size_t Fields::whole(const char* key) const {
  const double value = get(key).ToNumber().DoubleValue();
  require(value >= 0 && value <= 9007199254740991.0, key, "is out of range");
  return static_cast<size_t>(value);
}

const Memory& Fields::memory(const Napi::Value& name) const {
  const std::string text = name.ToString();
  const Napi::Value handle = buffers_.Get(text);
  require(handle.IsExternal(), "no buffer", text.c_str());
  const std::shared_ptr<Memory>& memory = *handle.As<MemoryHandle>().Data();
  require(memory != nullptr, text.c_str(), "is a buffer that was released");
  return *memory;
}

View Fields::view(const Napi::Value& value, const char* key, Types types) const {
  const Fields fields(object(value, key), buffers_);
  const Memory& memory = this->memory(fields.get("buffer"));
  View view;
  view.data = memory.data();
  view.type = fields.name<Type>(TYPES, "type");
  require(types.has(view.type), key, (std::string("cannot be ") + TYPES[static_cast<int>(view.type)]).c_str());
  view.offset = fields.whole("offset");
  view.rows = fields.whole("rows");
  view.columns = fields.whole("columns");
  const size_t length = memory.bytes() / bytesOf(view.type);
  const bool fits = view.rows > 0 && view.columns > 0 && view.offset <= length &&
                    view.rows <= (length - view.offset) / view.columns;
  require(fits, key, "lies outside its buffer");
  if (!fields.has("cursor")) return view;
  const Memory& cursor = this->memory(fields.get("cursor"));
  require(cursor.bytes() >= sizeof(uint32_t), key, "is moved by a cursor without room for a number");
  view.cursor = reinterpret_cast<const uint32_t*>(cursor.data());
  view.entries = (length - view.offset) / view.count();
  return view;
}

View Fields::view(const Napi::Value& value, const char* key, Types types, Shape shape) const {
  const View view = this->view(value, key, types);
  require(shapeOf(view) == shape, key, "is not of the shape that the op needs");
  return view;
}

}  // namespace dawnpour
