/** The lint rule against direct use of the clock, the disk and so on: it fires in src outside of src/world, and nowhere else. */
import { spawnSync } from "node:child_process";
import { copyFile, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const FORBIDDEN = [
  'export { performance } from "node:perf_hooks";',
  'import { setTimeout as wait } from "node:timers";',
  'import { setTimeout as sleep } from "node:timers/promises";',
  "export const now = Date.now();",
  "export const clock = Date.now;",
  "export const date = new Date();",
  "export const random = Math.random();",
  "export const time = performance.now();",
  "export const high = process.hrtime.bigint();",
  "export const id = crypto.randomUUID();",
  "setTimeout(() => {}, 1);",
  "setInterval(() => {}, 1);",
  "setImmediate(() => {});",
  'export const page = fetch("https://example.org/");',
  "export const around = globalThis.setTimeout;",
];
const ALLOWED = ["export const given = new Date(5);", "export const parsed = Date.parse('2030-01-01');"];
const PLACES = ["src/training/probe.ts", "src/world/probe.ts", "test/probe.ts"];

describe("the lint rule for the injected world", () => {
  let root: string;

  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), "dawnpour-"));
    for (const path of PLACES) {
      await mkdir(dirname(join(root, path)), { recursive: true });
      await writeFile(join(root, path), [...ALLOWED, ...FORBIDDEN, ""].join("\n"));
    }
    for (const path of ["biome.json", "src/world/injected.grit"]) {
      await copyFile(path, join(root, path));
    }
  });

  afterAll(() => rm(root, { recursive: true, force: true }));

  it("fires on every way round it, there alone", () => {
    const biome = join(process.cwd(), "node_modules/@biomejs/biome/bin/biome");
    const options = ["lint", "--vcs-enabled=false", "--reporter=github", "--max-diagnostics=none"];
    const { stdout } = spawnSync(process.execPath, [biome, ...options], { cwd: root, encoding: "utf8" });
    const found = [...stdout.matchAll(/^::error title=[^,]+,file=([^,]+),line=(\d+)/gm)]
      .map(([, file, line]) => ({ file, line: Number(line) }))
      .sort((x, y) => x.line - y.line);
    expect(found).toEqual(
      FORBIDDEN.map((_, i) => ({ file: expect.stringContaining(PLACES[0]), line: ALLOWED.length + 1 + i })),
    );
  });
});
