/** The digest by which a core is known that is older than its sources. */
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { sourcesDigest } from "../../native/digest.mjs";
import { nativeCore } from "../../src/native-core.js";
import { NATIVE_SOURCES } from "../../src/native-sources.js";

/** The digest where each file has been changed so. */
const changed = (change: (text: string, file: string) => string): string =>
  sourcesDigest((file) => change(readFileSync(file, "utf8"), file));

it("is that of the sources, in the core and in TypeScript (npm run build:native, npm run compile)", () => {
  expect(NATIVE_SOURCES).toBe(sourcesDigest());
  expect(nativeCore<{ sources: string }>().sources).toBe(NATIVE_SOURCES);
});

it.each(["native/generated/names.h", "native/addon.cc", "binding.gyp"])("changes with %s", (name) => {
  expect(changed((text, file) => (file === name ? `${text}int added;` : text))).not.toBe(NATIVE_SOURCES);
});

it("does not change with comments, blanks and the ends of lines", () => {
  expect(changed((text) => `// A remark\n\n${text.replaceAll("\n", "\r\n")}`)).toBe(NATIVE_SOURCES);
});
