/**
 * Writes `src/device/webgpu/shaders.ts`: the text of every shader of this folder as a module, because a browser has no files to
 * read. The module is checked in. `npm run compile` and `npm test` write it again, so only the shader itself has to be edited.
 */
import { readdir, readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

const FOLDER = new URL("./", import.meta.url);
export const EMBEDDED = fileURLToPath(new URL("../src/device/webgpu/shaders.ts", import.meta.url));

/** A shader without its comments, which a page that loads it does not need. */
const bare = (text) => text.replace(/^ *\/\/.*\n/gm, "");

/** The text of the module. It has one entry for each shader, under the path of its file. */
export async function shaderModule() {
  const found = await readdir(FOLDER, { recursive: true });
  const names = found.map((name) => name.replaceAll("\\", "/")).filter((name) => name.endsWith(".wgsl"));
  names.sort();
  const texts = await Promise.all(names.map((name) => readFile(new URL(name, FOLDER), "utf8")));
  const entries = names.map((name, i) => `  ${JSON.stringify(name)}:\n    ${JSON.stringify(bare(texts[i]))},\n`);
  return `/** The text of each file in shaders/. Made by shaders/embed.mjs, as \`npm run compile\` does. */
import type { ShaderSources } from "./link.js";

export const SHADERS: ShaderSources = {
${entries.join("")}};
`;
}

/** Writes the module if its text has changed. An unchanged file keeps its time, so the compiler can skip it. */
export async function embedShaders() {
  const text = await shaderModule();
  const present = await readFile(EMBEDDED, "utf8").catch(() => undefined);
  if (present !== text) await writeFile(EMBEDDED, text);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await embedShaders();
