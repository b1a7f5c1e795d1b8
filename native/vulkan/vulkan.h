// The part of Vulkan's binary interface that this folder uses. With it, compiling needs no Vulkan package: the loader is looked
// up at run time, and functions are called through pointers only. Names, values and layouts are those of the Vulkan specification
// and of the loader's interface to layers.
#pragma once

#include <cstddef>
#include <cstdint>

namespace dawnpour::vulkan {

/// A handle begins with a pointer, which is the same for an instance and for all objects that it created.
struct InstanceHandle {
  void* dispatch;
};
struct PhysicalDeviceHandle;
using Instance = InstanceHandle*;
using PhysicalDevice = PhysicalDeviceHandle*;

enum Result : int32_t { success = 0, incomplete = 5, initializationFailed = -3 };

enum StructureType : int32_t {
  applicationInfo = 0,
  instanceCreateInfo = 1,
  loaderInstanceCreateInfo = 47,
  physicalDeviceProperties2 = 1000059001,
  physicalDeviceGroupProperties = 1000070000,
  physicalDeviceIdProperties = 1000071004,
  physicalDeviceDriverProperties = 1000196000,
};

/// The first fields of every structure that can be chained.
struct Chained {
  StructureType type;
  void* next;
};

struct ApplicationInfo {
  StructureType type;
  const void* next;
  const char* applicationName;
  uint32_t applicationVersion;
  const char* engineName;
  uint32_t engineVersion;
  uint32_t apiVersion;
};

constexpr uint32_t apiVersion(uint32_t major, uint32_t minor) { return major << 22 | minor << 12; }

struct InstanceCreateInfo {
  StructureType type;
  const void* next;
  uint32_t flags;
  const ApplicationInfo* application;
  uint32_t layerCount;
  const char* const* layers;
  uint32_t extensionCount;
  const char* const* extensions;
};

struct PhysicalDeviceProperties {
  uint32_t apiVersion;
  uint32_t driverVersion;
  uint32_t vendor;
  uint32_t device;
  uint32_t deviceType;
  char name[256];
  uint8_t pipelineCacheUuid[16];
  /// Room for limits and sparse properties. They take 528 bytes, and this folder does not read them.
  alignas(8) std::byte rest[1024];
};

struct PhysicalDeviceProperties2 {
  StructureType type;
  void* next;
  PhysicalDeviceProperties properties;
};

struct PhysicalDeviceIdProperties {
  StructureType type;
  void* next;
  uint8_t deviceUuid[16];
  uint8_t driverUuid[16];
  uint8_t deviceLuid[8];
  uint32_t deviceNodeMask;
  uint32_t deviceLuidValid;
};

struct PhysicalDeviceDriverProperties {
  StructureType type;
  void* next;
  int32_t driver;
  char name[256];
  char info[256];
  uint8_t conformanceVersion[4];
};

struct MemoryType {
  uint32_t flags;
  uint32_t heap;
};

struct MemoryHeap {
  uint64_t size;
  uint32_t flags;
};

constexpr uint32_t deviceLocal = 1;

struct PhysicalDeviceMemoryProperties {
  uint32_t typeCount;
  MemoryType types[32];
  uint32_t heapCount;
  MemoryHeap heaps[16];
};

struct PhysicalDeviceGroupProperties {
  StructureType type;
  void* next;
  uint32_t count;
  PhysicalDevice devices[32];
  uint32_t subsetAllocation;
};

using Function = void (*)();
using GetInstanceProcAddr = Function (*)(Instance, const char*);
using CreateInstance = Result (*)(const InstanceCreateInfo*, const void* allocator, Instance*);
using DestroyInstance = void (*)(Instance, const void* allocator);
using EnumeratePhysicalDevices = Result (*)(Instance, uint32_t*, PhysicalDevice*);
using EnumeratePhysicalDeviceGroups = Result (*)(Instance, uint32_t*, PhysicalDeviceGroupProperties*);
using GetPhysicalDeviceProperties2 = void (*)(PhysicalDevice, PhysicalDeviceProperties2*);
using GetPhysicalDeviceMemoryProperties = void (*)(PhysicalDevice, PhysicalDeviceMemoryProperties*);

/// One link of the chain of layers. The loader passes the chain to vkCreateInstance of each layer.
struct LayerLink {
  LayerLink* next;
  GetInstanceProcAddr nextGetInstanceProcAddr;
  Function nextGetPhysicalDeviceProcAddr;
};

constexpr int32_t layerLinkInfo = 0;

struct LayerInstanceCreateInfo {
  StructureType type;
  const void* next;
  int32_t function;
  /// The member of a union that belongs to `layerLinkInfo`.
  LayerLink* link;
};

/// The layer and the loader agree on a version and exchange functions by this structure, after the library is loaded.
struct NegotiateLayerInterface {
  int32_t type;
  void* next;
  uint32_t version;
  GetInstanceProcAddr getInstanceProcAddr;
  Function getDeviceProcAddr;
  Function getPhysicalDeviceProcAddr;
};

}  // namespace dawnpour::vulkan
