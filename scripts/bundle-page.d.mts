/** @param into the folder of the compiled package */
export function bundlePage(into: string): Promise<void>;
