/**
 * The digest of the sources that the core is built from. The core has it (`addon.cc`), and so has the TypeScript that calls the
 * core: a core that was built from other sources would compute other numbers without an error, so it is refused.
 *   node native/digest.mjs            # prints it, for the builds of the core
 *   node native/digest.mjs --write    # writes it as a module of TypeScript, as `npm run compile` and `npm test` do
 */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const PACKAGE = new URL("../", import.meta.url);
const MODULE = new URL("../src/native-sources.ts", import.meta.url);
const DIGITS = 16;

/** Comments and blanks do not count, and neither does `native/checks`, which the package lacks. */
const bare = (text) =>
  text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("//"))
    .join("\n");

function sources() {
  const files = readdirSync(new URL("native/", PACKAGE), { recursive: true, encoding: "utf8" })
    .map((file) => `native/${file.replaceAll("\\", "/")}`)
    .filter((file) => /\.(cc|h)$/.test(file) && !file.startsWith("native/checks/"));
  return [...files.sort(), "binding.gyp"];
}

export function sourcesDigest(read = (file) => readFileSync(new URL(file, PACKAGE), "utf8")) {
  const hash = createHash("sha256");
  for (const file of sources()) hash.update(`${file}\n${bare(read(file))}\n`);
  return hash.digest("hex").slice(0, DIGITS);
}

/** Writes the module where it is not as it should be: a file that stays as it was is not compiled anew. */
export function writeSources() {
  const text = `/** Digest of the sources of the native core. Made by native/digest.mjs. */
export const NATIVE_SOURCES = "${sourcesDigest()}";
`;
  let present;
  try {
    present = readFileSync(MODULE, "utf8");
  } catch {
    // It is not there yet.
  }
  if (present !== text) writeFileSync(MODULE, text);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (process.argv[2] === "--write") writeSources();
  else console.log(sourcesDigest());
}
