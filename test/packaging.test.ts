/** The ways to a smaller install that docs/packaging.md gives: each leaves a package that works. */
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const PAGE = readFileSync("docs/packaging.md", "utf8");
const DAWN = "node_modules/webgpu/dist";
const MEGABYTE = 2 ** 20;

let folder: string;

/** The package with its dependencies, as links where nothing is removed. */
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "dawnpour-slim-"));
  cpSync("dist", join(folder, "dist"), { recursive: true });
  cpSync("package.json", join(folder, "package.json"));
  for (const name of ["build", "shaders"]) symlinkSync(resolve(name), join(folder, name));
  mkdirSync(join(folder, DAWN), { recursive: true });
  for (const name of readdirSync("node_modules").filter((one) => one !== "webgpu")) {
    symlinkSync(resolve("node_modules", name), join(folder, "node_modules", name));
  }
  for (const name of ["index.js", "package.json"]) {
    cpSync(`node_modules/webgpu/${name}`, join(folder, "node_modules/webgpu", name));
  }
  for (const platform of readdirSync(DAWN)) {
    mkdirSync(join(folder, DAWN, platform));
    for (const file of readdirSync(join(DAWN, platform))) {
      symlinkSync(resolve(DAWN, platform, file), join(folder, DAWN, platform, file));
    }
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const run = (...command: readonly string[]): string =>
  execFileSync(command[0], command.slice(1), { cwd: folder, encoding: "utf8", stdio: "pipe" });

/** Bytes of a folder. */
function sizeOf(path: string): number {
  const entries = readdirSync(path, { recursive: true, encoding: "utf8" });
  return entries.map((name) => statSync(join(path, name))).reduce((sum, one) => sum + (one.isFile() ? one.size : 0), 0);
}

describe.skipIf(process.platform !== "linux")("a smaller install", () => {
  it("is needed for as many megabytes as the page says", () => {
    const [, platforms, all] = /webgpu` package contains Dawn for (\w+) platforms, (\d+) MB/.exec(PAGE) ?? [];
    expect(platforms).toBeDefined();
    expect(Math.abs(sizeOf(DAWN) / MEGABYTE - Number(all))).toBeLessThan(2);
  });

  it("has the Dawn of its platform alone after the command of the page, and opens a GPU or says why there is none", () => {
    const [command] = /^find node_modules\/webgpu\/dist .*$/m.exec(PAGE) ?? [];
    run("bash", "-c", command as string);
    expect(readdirSync(join(folder, DAWN))).toEqual([`linux-${process.arch}`]);
    expect(sizeOf(join(DAWN, `linux-${process.arch}`)) / MEGABYTE).toBeLessThan(40);
    const loaded = "import('webgpu').then(({ create }) => console.log(typeof create))";
    expect(run(process.execPath, "-e", loaded)).toBe("function\n");
  });

  it("works on the CPU without any Dawn, and devices says why there is no GPU", () => {
    rmSync(join(folder, DAWN), { recursive: true });
    const stdout = run(process.execPath, "dist/cli/main.js", "devices");
    expect(stdout).toMatch(/^cpu +\S/m);
    expect(stdout.match(/^webgpu .*/gm)).toEqual([
      expect.stringMatching(/none found: WebGPU does not load on linux-.*dawn/),
    ]);
  });
});
