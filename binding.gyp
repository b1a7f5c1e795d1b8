{
  # The kernels are compiled once per instruction set, each with flags of its own; the rest runs on any chip.
  "variables": {
    "portable_flags": ["-std=c++20", "-O3", "-fvisibility=hidden", "-Wswitch"],
    # gcc 12 takes the deliberately undefined operands in its own intrinsics for mistakes.
    "intrinsics_flags": ["-Wno-uninitialized", "-Wno-maybe-uninitialized"],
    "avx512_flags": ["-mavx512f", "-mavx512dq", "-mavx512bw", "-mavx512vl", "-mfma"],
    # Their results are specified to the bit, so no multiply and add may become one.
    "units_flags": ["-ffp-contract=off"],
    "avx2_flags": ["-mavx2", "-mfma", "-mf16c"]
  },
  "target_defaults": {
    "cflags_cc!": ["-std=gnu++17", "-std=gnu++20", "-std=c++17"],
    "cflags_cc": ["<@(portable_flags)"],
    "xcode_settings": {
      "CLANG_CXX_LANGUAGE_STANDARD": "c++20",
      "GCC_OPTIMIZATION_LEVEL": "3",
      "GCC_SYMBOLS_PRIVATE_EXTERN": "YES",
      "MACOSX_DEPLOYMENT_TARGET": "11.0"
    },
    "msvs_settings": { "VCCLCompilerTool": { "AdditionalOptions": ["/std:c++20", "/O2"] } }
  },
  "targets": [
    {
      "target_name": "dawnpour",
      "dependencies": ["<!(node -p \"require('node-addon-api').targets\"):node_addon_api_except_all", "dot_model"],
      "defines": ["NAPI_VERSION=8", "DAWNPOUR_SOURCES=\"<!(node native/digest.mjs)\""],
      "sources": [
        "native/addon.cc",
        "native/collective/arguments.cc",
        "native/collective/barrier.cc",
        "native/collective/barrier_binding.cc",
        "native/collective/binding.cc",
        "native/collective/tree_sum.cc",
        "native/cpu/chip/core.cc",
        "native/cpu/chip/denormals.cc",
        "native/cpu/chip/dispatch.cc",
        "native/cpu/engine/binding.cc",
        "native/cpu/engine/engine.cc",
        "native/cpu/kernels/portable.cc",
        "native/cpu/memory/held_references.cc",
        "native/cpu/memory/memory.cc",
        "native/cpu/ops/columns.cc",
        "native/cpu/ops/elementwise.cc",
        "native/cpu/ops/log_sum_exp.cc",
        "native/cpu/ops/loss.cc",
        "native/cpu/ops/map.cc",
        "native/cpu/ops/own_op.cc",
        "native/cpu/ops/random.cc",
        "native/cpu/ops/reduce.cc",
        "native/cpu/ops/split.cc",
        "native/cpu/ops/update.cc",
        "native/cpu/products/dot_gemm.cc",
        "native/cpu/products/gemm.cc",
        "native/cpu/program/executable.cc",
        "native/cpu/program/op_fields.cc",
        "native/cpu/program/program_reader.cc",
        "native/cpu/threads/queue.cc",
        "native/cpu/threads/team.cc",
        "native/linear/binding.cc",
        "native/linear/subspace.cc",
        "native/linear/symmetric.cc",
        "native/process/binding.cc",
        "native/process/shared_memory.cc",
        "native/process/standard_error.cc"
      ],
      "conditions": [
        ["target_arch=='x64'", { "dependencies": ["kernels_avx512", "kernels_avx2"] }],
        ["target_arch=='x64' and OS=='linux'", {
          "dependencies": ["dot_amx", "dot_avx512_bf16"],
          "defines": ["DAWNPOUR_UNITS"]
        }],
        ["target_arch=='arm64'", { "sources": ["native/cpu/kernels/neon.cc"] }],
        ["OS=='linux'", {
          "sources": [
            "native/vulkan/binding.cc",
            "native/vulkan/identity.cc",
            "native/vulkan/layer.cc",
            "native/vulkan/list.cc"
          ],
          "cflags_cc": ["-pthread"],
          "ldflags": ["-pthread"],
          "libraries": ["-ldl"]
        }]
      ]
    },
    {
      "target_name": "dot_model",
      "type": "static_library",
      "sources": ["native/cpu/dot/model.cc"],
      "cflags_cc": ["<@(units_flags)"],
      "xcode_settings": { "OTHER_CPLUSPLUSFLAGS": ["<@(units_flags)"] }
    }
  ],
  "conditions": [
    ["target_arch=='x64' and OS=='linux'", {
      "targets": [
        {
          "target_name": "dot_amx",
          "type": "static_library",
          "sources": ["native/cpu/dot/amx.cc"],
          "cflags_cc": ["<@(avx512_flags)", "-mamx-tile", "-mamx-bf16", "<@(intrinsics_flags)", "<@(units_flags)"]
        },
        {
          "target_name": "dot_avx512_bf16",
          "type": "static_library",
          "sources": ["native/cpu/dot/avx512_bf16.cc"],
          "cflags_cc": ["<@(avx512_flags)", "-mavx512bf16", "<@(intrinsics_flags)", "<@(units_flags)"]
        }
      ]
    }],
    ["target_arch=='x64'", {
      "targets": [
        {
          "target_name": "kernels_avx512",
          "type": "static_library",
          "sources": ["native/cpu/kernels/avx512.cc"],
          "cflags_cc": ["<@(avx512_flags)", "<@(intrinsics_flags)"],
          "xcode_settings": { "OTHER_CPLUSPLUSFLAGS": ["<@(avx512_flags)"] },
          "msvs_settings": { "VCCLCompilerTool": { "AdditionalOptions": ["/arch:AVX512"] } }
        },
        {
          "target_name": "kernels_avx2",
          "type": "static_library",
          "sources": ["native/cpu/kernels/avx2.cc"],
          "cflags_cc": ["<@(avx2_flags)"],
          "xcode_settings": { "OTHER_CPLUSPLUSFLAGS": ["<@(avx2_flags)"] },
          "msvs_settings": { "VCCLCompilerTool": { "AdditionalOptions": ["/arch:AVX2"] } }
        }
      ]
    }]
  ]
}
