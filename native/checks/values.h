// JavaScript values without Node: objects that the program reader can read through the functions of node_api.cc.
#pragma once

#include <napi.h>

#include <map>
#include <string>
#include <vector>

namespace dawnpour::values {

struct Value {
  napi_valuetype type = napi_undefined;
  bool isArray = false;
  double number = 0;
  std::string text;
  std::map<std::string, napi_value> keys;
  std::vector<napi_value> elements;
  void* external = nullptr;
};

inline Value& of(napi_value value) { return *reinterpret_cast<Value*>(value); }

napi_env environment();

/// These functions make values, which live until the next `clear`.
napi_value make(Value value);
void clear();

inline napi_value undefined() { return make({}); }
napi_value number(double value);
napi_value boolean(bool value);
napi_value text(std::string value);
napi_value object(std::map<std::string, napi_value> keys);
napi_value array(std::vector<napi_value> elements);
napi_value external(void* data);

}  // namespace dawnpour::values
