/** What TypeScript has to know of `software-gpu.mjs`, which the test command runs as it stands. */
export declare const RUNS_HERE: boolean;
export declare function softwareGpuEnvironment(): Promise<Record<string, string>>;
export declare function swiftShaderEnvironment(): Promise<{
  VK_DRIVER_FILES: string;
  LD_LIBRARY_PATH: string;
  XDG_RUNTIME_DIR: string;
}>;
