/** The types of `software-gpu.mjs`, which is JavaScript because the test command runs it without a compiler. */
export declare const RUNS_HERE: boolean;
export declare function softwareGpuEnvironment(): Promise<Record<string, string>>;
export declare function swiftShaderEnvironment(): Promise<{
  VK_DRIVER_FILES: string;
  LD_LIBRARY_PATH: string;
  XDG_RUNTIME_DIR: string;
}>;
