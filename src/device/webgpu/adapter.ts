/** What an adapter tells, which features and limits are requested of it, and what lowering has to know of it. */
import type { DeviceInfo } from "../device.js";
import type { MatrixUnit, Target } from "./kernel.js";

/** Limits that kernels use: they are requested as high as the adapter allows. Every other limit stays at WebGPU's minimum. */
const LIMITS = [
  "maxBufferSize",
  "maxComputeInvocationsPerWorkgroup",
  "maxComputeWorkgroupSizeX",
  "maxComputeWorkgroupSizeY",
  "maxComputeWorkgroupStorageSize",
  "maxComputeWorkgroupsPerDimension",
  "maxStorageBufferBindingSize",
  "maxStorageBuffersPerShaderStage",
  "minStorageBufferOffsetAlignment",
] as const satisfies readonly (keyof GPUSupportedLimits)[];

/** A feature of Dawn that is not yet in WebGPU. */
const SUBGROUP_MATRIX = "chromium-experimental-subgroup-matrix" as GPUFeatureName;

/** Features that are used where an adapter has them. */
export const USED_FEATURES: readonly GPUFeatureName[] = ["shader-f16", "subgroups", "timestamp-query", SUBGROUP_MATRIX];

/** The additional fields in the `info` of an adapter with subgroup matrices. */
interface MatrixInfo {
  readonly subgroupMatrixConfigs?: readonly {
    readonly componentType: string;
    readonly resultComponentType: string;
    readonly M: number;
    readonly N: number;
    readonly K: number;
  }[];
}

export function deviceDescriptor(adapter: GPUAdapter): GPUDeviceDescriptor {
  return {
    requiredFeatures: USED_FEATURES.filter((feature) => adapter.features.has(feature)),
    requiredLimits: Object.fromEntries(LIMITS.map((name) => [name, adapter.limits[name]])),
  };
}

/** @param name the adapter's name, where it is known; a browser hides it, and the name is then made of the fields that it shows */
export function adapterInfo(adapter: GPUAdapter, name?: string): DeviceInfo {
  const { vendor, architecture, device, description, isFallbackAdapter } = adapter.info;
  const id = ["webgpu", vendor, architecture, device, description].join(":");
  return {
    kind: "webgpu",
    name: name ?? (description || [vendor, architecture].filter(Boolean).join(" ") || "WebGPU adapter"),
    id,
    // Two versions of a driver may compile a kernel to different instructions. The version is in the id, by the description.
    bits: id,
    driver: description,
    software: isFallbackAdapter,
    limits: limitsOf(adapter),
    features: [...adapter.features].sort(),
  };
}

function limitsOf(adapter: GPUAdapter): Record<string, number> {
  const limits: Record<string, number> = {};
  // The limits are getters of the prototype, which Object.entries does not list.
  for (const name in adapter.limits) {
    const value = adapter.limits[name as keyof GPUSupportedLimits];
    if (typeof value === "number") limits[name] = value;
  }
  return limits;
}

export function targetOf(adapter: GPUAdapter, device: GPUDevice): Target {
  const { subgroupMinSize: least = 0, subgroupMaxSize: most = 0, isFallbackAdapter } = adapter.info;
  const fixed = device.features.has("subgroups") && least === most && least > 0 && least % 4 === 0;
  const lanes = fixed ? least : undefined;
  return { limits: device.limits, software: isFallbackAdapter, lanes, matrix: matrixUnit(adapter, device) };
}

/** The largest product of f16 with sums in f32 that the adapter lists. */
function matrixUnit(adapter: GPUAdapter, { features }: GPUDevice): MatrixUnit | undefined {
  if (!features.has(SUBGROUP_MATRIX) || !features.has("shader-f16")) return undefined;
  const { subgroupMatrixConfigs: configs = [] } = adapter.info as MatrixInfo;
  return [...configs]
    .filter(({ componentType, resultComponentType }) => componentType === "f16" && resultComponentType === "f32")
    .map(({ M, N, K }) => ({ m: M, n: N, k: K }))
    .sort((a, b) => b.m * b.n * b.k - a.m * a.n * a.k)
    .at(0);
}
