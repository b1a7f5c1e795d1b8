// Builds the native core for Linux on x64 and arm64, with glibc and with musl, on any Linux machine. Zig has a C++ compiler and
// the libraries for all four. The binaries go to prebuilds/, which `npm pack` includes.
//   pip install ziglang==0.17.1 && npm run prebuild:linux            # or ZIG=/path/to/zig npm run prebuild:linux
import { spawnSync } from "node:child_process";
import { chmodSync, cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The oldest glibc that Node 20 runs on. */
const GLIBC = "2.28";
const TARGETS = [
  { arch: "x64", libc: "glibc", triple: `x86_64-linux-gnu.${GLIBC}` },
  { arch: "x64", libc: "musl", triple: "x86_64-linux-musl" },
  { arch: "arm64", libc: "glibc", triple: `aarch64-linux-gnu.${GLIBC}` },
  { arch: "arm64", libc: "musl", triple: "aarch64-linux-musl" },
];
const PACKAGE = fileURLToPath(new URL("..", import.meta.url));

/** The path of Zig's program. It is found before a build starts, because a build has another python3 on its path. */
function findZig() {
  const find = "import os, ziglang; print(os.path.join(os.path.dirname(ziglang.__file__), 'zig'))";
  const zig = process.env.ZIG ?? spawnSync("python3", ["-c", find], { encoding: "utf8" }).stdout?.trim();
  if (zig && spawnSync(zig, ["version"], { stdio: "ignore" }).status === 0) return zig;
  throw new Error("Zig is missing or does not run: pip install ziglang==0.17.1, or set ZIG to its path");
}

/** Copies the sources to a folder for the build. node-gyp builds in `build/`, where this machine's own build must stay. */
function copySources(folder) {
  for (const name of ["native", "binding.gyp", "package.json"]) {
    cpSync(join(PACKAGE, name), join(folder, name), { recursive: true });
  }
  symlinkSync(join(PACKAGE, "node_modules"), join(folder, "node_modules"));
}

/** Writes a script for each of Zig's compilers, because make needs a program's path. `-s` leaves out symbols. */
function writeCompilers(folder, zig, triple) {
  const programs = { cc: `cc -target ${triple} -s`, cxx: `c++ -target ${triple} -s`, ar: "ar" };
  for (const [name, words] of Object.entries(programs)) {
    writeFileSync(join(folder, name), `#!/bin/sh\nexec "${zig}" ${words} "$@"\n`);
    chmodSync(join(folder, name), 0o755);
  }
  return { CC: join(folder, "cc"), CXX: join(folder, "cxx"), AR: join(folder, "ar") };
}

function build(folder, zig, { arch, libc, triple }) {
  const compilers = writeCompilers(folder, zig, triple);
  const prebuildify = ["prebuildify", "--napi", "--tag-libc", "--arch", arch, "--libc", libc, "--out", PACKAGE];
  const words = [join(PACKAGE, "native", "with-headers.mjs"), ...prebuildify];
  const env = { ...process.env, ...compilers, LINK: compilers.CXX };
  const { status } = spawnSync(process.execPath, words, { cwd: folder, stdio: "inherit", env });
  if (status !== 0) throw new Error(`the build for ${arch}, ${libc}, failed`);
}

const zig = findZig();
const folder = mkdtempSync(join(tmpdir(), "dawnpour-prebuild-"));
try {
  copySources(folder);
  for (const target of TARGETS) build(folder, zig, target);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
