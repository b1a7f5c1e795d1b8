/** The file that the shaders are written to. */
export const EMBEDDED: string;
export function shaderModule(): Promise<string>;
export function embedShaders(): Promise<void>;
