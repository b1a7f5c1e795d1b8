/**
 * Bundles of programs that use the package. For Node a bundle runs if the package is left outside it, and otherwise fails with a
 * message about what to do. For a browser a bundle has all of `dawnpour/webgpu`.
 */
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { afterAll, describe, expect, it } from "vitest";

const run = promisify(execFile);
const folder = mkdtempSync(join(tmpdir(), "dawnpour-bundle-"));
afterAll(() => rmSync(folder, { recursive: true }));

const PROGRAM = `
import { openDevice, ProgramBuilder } from "dawnpour/kernels";
import { train } from "dawnpour";
const builder = new ProgramBuilder("product");
const a = builder.buffer("a", "f32", [1, 2]);
const b = builder.buffer("b", "f32", [2, 1]);
builder.gemm({ a, b, out: builder.buffer("out", "f32", [1, 1]) });
const device = await openDevice({ device: "cpu", threads: 1 });
const product = await device.compile(builder.build(), {});
product.buffer("a").write(Float32Array.of(2, 3));
product.buffer("b").write(Float32Array.of(5, 7));
product.run();
console.log(typeof train, (await product.buffer("out").read())[0]);
device.destroy();
`;

/** @returns the bundle's path, in a program's folder that has the package installed */
async function bundled(name: string, external: string[]): Promise<string> {
  const home = join(folder, name);
  await mkdir(join(home, "node_modules"), { recursive: true });
  symlinkSync(process.cwd(), join(home, "node_modules", "dawnpour"));
  writeFileSync(join(home, "package.json"), JSON.stringify({ name, version: "9.9.9" }));
  writeFileSync(join(home, "program.mjs"), PROGRAM);
  const outfile = join(home, "out", "bundle.mjs");
  const entryPoints = [join(home, "program.mjs")];
  await build({ entryPoints, outfile, external, bundle: true, platform: "node", format: "esm", logLevel: "silent" });
  return outfile;
}

describe("a bundle made by esbuild", () => {
  it("runs with the package left out of it", async () => {
    const { stdout } = await run(process.execPath, [await bundled("apart", ["dawnpour"])]);
    expect(stdout).toBe("function 31\n");
  });

  it("that the package was put into says so, and what to do", async () => {
    const bundle = await bundled("within", []);
    await expect(run(process.execPath, [bundle])).rejects.toThrow(
      /dawnpour cannot run from the bundle .*bundle\.mjs: .*: leave it out of the bundle, as with esbuild --external:dawnpour/,
    );
  });
});

/** The whole entry point, as a page loads it. */
async function browserBundle() {
  const { outputFiles, metafile, warnings } = await build({
    stdin: { contents: 'export * from "dawnpour/webgpu";', resolveDir: process.cwd() },
    bundle: true,
    minify: true,
    platform: "browser",
    format: "esm",
    metafile: true,
    write: false,
    logLevel: "silent",
  });
  return { code: outputFiles[0].contents, metafile, warnings };
}

/** The most bytes that a page should have to load. */
const MOST = 100_000;

describe("dawnpour/webgpu, bundled for a browser", () => {
  it("takes nothing of Node along, and of other packages the two that it needs", async () => {
    // esbuild fails on a module of Node when it builds for a browser.
    const { metafile, warnings } = await browserBundle();
    expect(warnings).toEqual([]);
    const packages = Object.keys(metafile.inputs).map((path) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1]);
    expect(new Set(packages.filter(Boolean))).toEqual(new Set(["fastest-levenshtein", "wesl"]));
    expect(Object.values(metafile.outputs)[0].imports).toEqual([]);
  });

  it(`has at most ${MOST / 1000} KB, compressed`, async () => {
    const { code } = await browserBundle();
    expect(gzipSync(code, { level: 9 }).length).toBeLessThan(MOST);
  });
});
