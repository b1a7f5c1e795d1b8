/** The shaders of this package, read from its folder shaders/. */
import { readdir, readFile } from "node:fs/promises";
import type { ShaderSources } from "./webgpu/link.js";

const FOLDER = new URL("../../shaders/", import.meta.url);

export async function readShaders(): Promise<ShaderSources> {
  const names = (await readdir(FOLDER)).filter((name) => name.endsWith(".wgsl"));
  const texts = await Promise.all(names.map((name) => readFile(new URL(name, FOLDER), "utf8")));
  return Object.fromEntries(names.map((name, i) => [name, texts[i]]));
}
