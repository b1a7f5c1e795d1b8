{
  "targets": [{
    "target_name": "dawnpour",
    "sources": ["native/addon.cc"],
    "include_dirs": ["<!(node -p \"require('node-addon-api').include_dir\")"],
    "defines": ["NAPI_VERSION=8"],
    "cflags_cc": ["-std=c++20", "-O3"],
    "cflags_cc!": ["-std=gnu++17", "-fno-exceptions"]
  }]
}
