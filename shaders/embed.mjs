/**
 * Writes `src/device/webgpu/shaders.ts`: the text of every shader of this folder as a module, for a browser has no files to
 * read. The module is checked in; `npm run compile` and `npm test` make it anew, so a shader is changed in its own file alone.
 */
import { readdir, readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

const FOLDER = new URL("./", import.meta.url);
export const EMBEDDED = fileURLToPath(new URL("../src/device/webgpu/shaders.ts", import.meta.url));

/** A shader without its comments: a page that loads it has no use for them. */
const bare = (text) => text.replace(/^ *\/\/.*\n/gm, "");

/** The text of the module: a line for each shader, by the name of its file. */
export async function shaderModule() {
  const names = (await readdir(FOLDER)).filter((name) => name.endsWith(".wgsl")).sort();
  const texts = await Promise.all(names.map((name) => readFile(new URL(name, FOLDER), "utf8")));
  const entries = names.map((name, i) => `  ${JSON.stringify(name)}:\n    ${JSON.stringify(bare(texts[i]))},\n`);
  return `/** The text of each file in shaders/. Made by shaders/embed.mjs, as \`npm run compile\` does. */
import type { ShaderSources } from "./link.js";

export const SHADERS: ShaderSources = {
${entries.join("")}};
`;
}

/** Writes the module where it is not as it should be: a file that stays as it was is not compiled anew. */
export async function embedShaders() {
  const text = await shaderModule();
  const present = await readFile(EMBEDDED, "utf8").catch(() => undefined);
  if (present !== text) await writeFile(EMBEDDED, text);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await embedShaders();
