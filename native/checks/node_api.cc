// The functions of Node's interface that the program reader calls, implemented for values that are plain data.
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <limits>

#include "values.h"

namespace dawnpour::values {
namespace {

std::deque<Value> all;
napi_value pending = nullptr;
napi_extended_error_info lastError{};

napi_status done(napi_status status) {
  lastError.error_code = status;
  return status;
}

napi_status give(napi_value* result, napi_value value) {
  *result = value;
  return done(napi_ok);
}

std::string textOf(const Value& value) {
  switch (value.type) {
    case napi_string:
      return value.text;
    case napi_number: {
      char text[32];
      std::snprintf(text, sizeof text, "%.17g", value.number);
      return text;
    }
    case napi_boolean:
      return value.number != 0 ? "true" : "false";
    default:
      return value.type == napi_undefined ? "undefined" : "[object Object]";
  }
}

double numberOf(const Value& value) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  if (value.type == napi_number || value.type == napi_boolean) return value.number;
  if (value.type != napi_string) return nan;
  char* end = nullptr;
  const double number = std::strtod(value.text.c_str(), &end);
  return *end == '\0' ? number : nan;
}

napi_status get(napi_value object, const std::string& key, napi_value* result) {
  const Value& value = of(object);
  if (value.type != napi_object) return done(napi_object_expected);
  const auto found = value.keys.find(key);
  return give(result, found == value.keys.end() ? undefined() : found->second);
}

}  // namespace

napi_env environment() {
  static int environment;
  return reinterpret_cast<napi_env>(&environment);
}

napi_value make(Value value) {
  all.push_back(std::move(value));
  return reinterpret_cast<napi_value>(&all.back());
}

void clear() {
  all.clear();
  pending = nullptr;
}

napi_value number(double value) {
  Value made;
  made.type = napi_number;
  made.number = value;
  return make(std::move(made));
}

napi_value boolean(bool value) {
  Value made;
  made.type = napi_boolean;
  made.number = value ? 1 : 0;
  return make(std::move(made));
}

napi_value text(std::string value) {
  Value made;
  made.type = napi_string;
  made.text = std::move(value);
  return make(std::move(made));
}

napi_value object(std::map<std::string, napi_value> keys) {
  Value made;
  made.type = napi_object;
  made.keys = std::move(keys);
  return make(std::move(made));
}

napi_value array(std::vector<napi_value> elements) {
  Value made;
  made.type = napi_object;
  made.isArray = true;
  made.elements = std::move(elements);
  return make(std::move(made));
}

napi_value external(void* data) {
  Value made;
  made.type = napi_external;
  made.external = data;
  return make(std::move(made));
}

}  // namespace dawnpour::values

using namespace dawnpour::values;

extern "C" {

napi_status napi_typeof(napi_env, napi_value value, napi_valuetype* result) {
  *result = of(value).type;
  return done(napi_ok);
}

napi_status napi_is_array(napi_env, napi_value value, bool* result) {
  *result = of(value).isArray;
  return done(napi_ok);
}

napi_status napi_get_named_property(napi_env, napi_value object, const char* key, napi_value* result) {
  return get(object, key, result);
}

napi_status napi_get_property(napi_env, napi_value object, napi_value key, napi_value* result) {
  return get(object, textOf(of(key)), result);
}

napi_status napi_get_element(napi_env, napi_value object, uint32_t index, napi_value* result) {
  const Value& value = of(object);
  if (value.type != napi_object) return done(napi_object_expected);
  return give(result, index < value.elements.size() ? value.elements[index] : undefined());
}

napi_status napi_get_array_length(napi_env, napi_value value, uint32_t* result) {
  if (!of(value).isArray) return done(napi_array_expected);
  *result = static_cast<uint32_t>(of(value).elements.size());
  return done(napi_ok);
}

napi_status napi_get_property_names(napi_env, napi_value object, napi_value* result) {
  std::vector<napi_value> names;
  for (const auto& [name, value] : of(object).keys) names.push_back(text(name));
  return give(result, array(std::move(names)));
}

napi_status napi_coerce_to_number(napi_env, napi_value value, napi_value* result) {
  return give(result, number(numberOf(of(value))));
}

napi_status napi_coerce_to_string(napi_env, napi_value value, napi_value* result) {
  return give(result, text(textOf(of(value))));
}

napi_status napi_coerce_to_bool(napi_env, napi_value value, napi_value* result) {
  const Value& from = of(value);
  const bool isNumber = from.type == napi_number || from.type == napi_boolean;
  const bool truth = isNumber ? from.number != 0 && !std::isnan(from.number)
                              : from.type != napi_undefined && (from.type != napi_string || !from.text.empty());
  return give(result, boolean(truth));
}

napi_status napi_get_value_double(napi_env, napi_value value, double* result) {
  if (of(value).type != napi_number) return done(napi_number_expected);
  *result = of(value).number;
  return done(napi_ok);
}

napi_status napi_get_value_int32(napi_env, napi_value value, int32_t* result) {
  if (of(value).type != napi_number) return done(napi_number_expected);
  // As in JavaScript: the lowest 32 bits, and 0 for NaN and infinity.
  const double number = std::trunc(of(value).number);
  const double rest = std::isfinite(number) ? std::fmod(number, 4294967296.0) : 0;
  *result = static_cast<int32_t>(static_cast<uint32_t>(static_cast<int64_t>(rest)));
  return done(napi_ok);
}

napi_status napi_get_value_bool(napi_env, napi_value value, bool* result) {
  if (of(value).type != napi_boolean) return done(napi_boolean_expected);
  *result = of(value).number != 0;
  return done(napi_ok);
}

napi_status napi_get_value_external(napi_env, napi_value value, void** result) {
  if (of(value).type != napi_external) return done(napi_invalid_arg);
  *result = of(value).external;
  return done(napi_ok);
}

napi_status napi_get_value_string_utf8(napi_env, napi_value value, char* to, size_t size, size_t* length) {
  if (of(value).type != napi_string) return done(napi_string_expected);
  const std::string& text = of(value).text;
  if (to == nullptr) {
    *length = text.size();
    return done(napi_ok);
  }
  const size_t copied = std::min(text.size(), size - 1);
  text.copy(to, copied);
  to[copied] = '\0';
  if (length) *length = copied;
  return done(napi_ok);
}

napi_status napi_create_string_utf8(napi_env, const char* from, size_t length, napi_value* result) {
  return give(result, text(length == NAPI_AUTO_LENGTH ? std::string(from) : std::string(from, length)));
}

napi_status napi_get_undefined(napi_env, napi_value* result) { return give(result, undefined()); }

napi_status napi_get_boolean(napi_env, bool value, napi_value* result) { return give(result, boolean(value)); }

napi_status napi_create_object(napi_env, napi_value* result) { return give(result, object({})); }

napi_status napi_create_array(napi_env, napi_value* result) { return give(result, array({})); }

napi_status napi_define_properties(napi_env, napi_value target, size_t count, const napi_property_descriptor* properties) {
  for (size_t i = 0; i < count; ++i) of(target).keys[properties[i].utf8name] = properties[i].value;
  return done(napi_ok);
}

napi_status napi_set_property(napi_env, napi_value target, napi_value key, napi_value value) {
  of(target).keys[textOf(of(key))] = value;
  return done(napi_ok);
}

napi_status napi_has_property(napi_env, napi_value target, napi_value key, bool* result) {
  *result = of(target).keys.count(textOf(of(key))) > 0;
  return done(napi_ok);
}

// Errors and references. Values live until the next `clear`, so a reference can be the value itself.

napi_status napi_get_last_error_info(napi_env, const napi_extended_error_info** result) {
  *result = &lastError;
  return napi_ok;
}

napi_status napi_create_error(napi_env, napi_value, napi_value message, napi_value* result) {
  return give(result, object({{"message", message}}));
}

napi_status napi_create_type_error(napi_env env, napi_value code, napi_value message, napi_value* result) {
  return napi_create_error(env, code, message, result);
}

napi_status napi_is_exception_pending(napi_env, bool* result) {
  *result = pending != nullptr;
  return napi_ok;
}

napi_status napi_get_and_clear_last_exception(napi_env, napi_value* result) {
  *result = pending ? pending : undefined();
  pending = nullptr;
  return napi_ok;
}

napi_status napi_throw(napi_env, napi_value error) {
  pending = error;
  return napi_ok;
}

napi_status napi_create_reference(napi_env, napi_value value, uint32_t, napi_ref* result) {
  *result = reinterpret_cast<napi_ref>(value);
  return napi_ok;
}

napi_status napi_get_reference_value(napi_env, napi_ref reference, napi_value* result) {
  *result = reinterpret_cast<napi_value>(reference);
  return napi_ok;
}

napi_status napi_delete_reference(napi_env, napi_ref) { return napi_ok; }
napi_status napi_reference_ref(napi_env, napi_ref, uint32_t*) { return napi_ok; }

napi_status napi_open_escapable_handle_scope(napi_env, napi_escapable_handle_scope*) { return napi_ok; }
napi_status napi_close_escapable_handle_scope(napi_env, napi_escapable_handle_scope) { return napi_ok; }
napi_status napi_escape_handle(napi_env, napi_escapable_handle_scope, napi_value value, napi_value* result) {
  return give(result, value);
}
napi_status napi_open_handle_scope(napi_env, napi_handle_scope*) { return napi_ok; }
napi_status napi_close_handle_scope(napi_env, napi_handle_scope) { return napi_ok; }

void napi_fatal_error(const char* where, size_t, const char* what, size_t) {
  std::fprintf(stderr, "%s: %s\n", where ? where : "", what ? what : "");
  std::abort();
}

}
