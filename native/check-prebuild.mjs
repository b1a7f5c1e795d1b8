// Loads a prebuilt core, trains with it, and prints its path and the result. Runs under any Node, an emulated one too.
//   PREBUILDS_ONLY=1 node native/check-prebuild.mjs
//   PREBUILDS_ONLY=1 qemu-aarch64 -L ROOT ROOT/usr/bin/node native/check-prebuild.mjs      # for musl: LIBC=musl
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { train } from "../dist/index.js";
import { nativeCorePath, PACKAGE_FOLDER } from "../dist/native-core.js";

const path = relative(PACKAGE_FOLDER, nativeCorePath());
if (!path.startsWith("prebuilds")) throw new Error(`${path} is not a prebuilt core: set PREBUILDS_ONLY=1`);
const folder = mkdtempSync(join(tmpdir(), "dawnpour-prebuild-"));
try {
  const options = { dataset: "digits:300", layers: [784, 32, 8], epochs: 3 };
  const { measures, device, parametersSha256, close } = await train(options, {
    device: "cpu",
    threads: 2,
    out: join(folder, "run"),
  });
  close();
  const { test } = measures.errors;
  console.log(`${path}: ${process.arch}, Node ${process.version}, ${device.name}`);
  console.log(`SSE ${test.sse.toFixed(6)}, parameters ${parametersSha256.slice(0, 16)}`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
